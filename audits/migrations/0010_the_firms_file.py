"""The firm's file: workpapers, signatures, review notes, decisions on rules (SO-01 to SO-07)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.locking
import tenants.visibility
import tenants.walls
from tenants.locking import LATE_WORK

WORKS_LATE = """
CREATE OR REPLACE FUNCTION tickmark_works_late(engagement uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM audits_workpaper w
    WHERE w.engagement_id = tickmark_works_late.engagement AND w.kind = 'late_procedure'
      AND NOT jsonb_exists(w.fields, 'closed_on')
      AND EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = w.engagement_id
        AND s.paper_kind = w.kind AND s.paper_id = w.id AND s.level = 'partner_reviewed'
        AND s.taken_back_at IS NULL))
$$;
REVOKE ALL ON FUNCTION tickmark_works_late(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tickmark_works_late(uuid) TO tickmark_app
"""


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0030_narratives"),
        ("tenants", "0018_status_fits_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperOpened",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("paper_kind", models.CharField(max_length=24)),
                ("paper_id", models.UUIDField()),
                ("content_hash", models.CharField(max_length=64)),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.engagement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="",
                        name="audits_paperopened_wall",
                        rights="SELECT, INSERT, UPDATE",
                        sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
                    ),
                    tenants.locking.ClosesWithTheFile(name="paperopened_closes"),
                    models.UniqueConstraint(
                        fields=("engagement", "paper_kind", "paper_id", "person"),
                        name="paper_opened_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("paper_kind", models.CharField(max_length=24)),
                ("paper_id", models.UUIDField()),
                ("paper_name", models.CharField(max_length=200)),
                ("text", models.TextField()),
                (
                    "written_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("cleared_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cleared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="review_notes",
                        to="tenants.engagement",
                    ),
                ),
            ],
            options={
                "ordering": ("written_at", "id"),
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="",
                        name="audits_reviewnote_wall",
                        rights="SELECT, INSERT, UPDATE, DELETE",
                        sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
                    ),
                    tenants.locking.ClosesWithTheFile(name="reviewnote_closes"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True),
                        name="review_note_says_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_by", None)),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("answered_by", None), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="review_note_answered_by_somebody",
                    ),
                    tenants.walls.Refuses(
                        message="SO-07: review notes are kept or dropped at wrap-up, all of them alike.",
                        name="review_note_dropped_in_wrap_up_so_07",
                        on="DELETE",
                        when="NOT EXISTS (SELECT 1 FROM tenants_engagement e WHERE e.id = OLD.engagement_id AND e.status IN ('wrap_up', 'withdrawn'))",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("rule", models.CharField(max_length=8)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("text", models.TextField()),
                ("facts", models.JSONField()),
                ("facts_hash", models.CharField(max_length=64)),
                ("reason", models.TextField()),
                (
                    "decided_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_decisions",
                        to="tenants.engagement",
                    ),
                ),
            ],
            options={
                "ordering": ("decided_at", "id"),
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="",
                        name="audits_ruledecision_wall",
                        rights="SELECT, INSERT",
                        sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
                    ),
                    tenants.locking.ClosesWithTheFile(name="ruledecision_closes"),
                    tenants.walls.AppendOnly(name="ruledecision_append_only"),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="rule_decision_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignOff",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("paper_kind", models.CharField(max_length=24)),
                ("paper_id", models.UUIDField()),
                ("paper_name", models.CharField(max_length=200)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("prepared", "Prepared"),
                            ("reviewed", "Reviewed"),
                            ("partner_reviewed", "Partner reviewed"),
                            ("eqr", "Quality reviewed"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("partner", "Engagement partner"),
                            ("quality_reviewer", "Quality reviewer"),
                            ("manager", "Manager"),
                            ("senior", "Senior"),
                            ("staff", "Staff"),
                            ("specialist", "Specialist"),
                            ("firm_admin", "Firm administrator"),
                            ("client_admin", "Client administrator"),
                            ("control_owner", "Control owner"),
                            ("contributor", "Contributor"),
                            ("executive", "Executive"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "signed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("content", models.JSONField()),
                ("annex", models.JSONField(blank=True, null=True)),
                ("content_hash", models.CharField(max_length=64)),
                ("taken_back_at", models.DateTimeField(blank=True, null=True)),
                ("taken_back_reason", models.TextField(blank=True)),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_offs",
                        to="tenants.engagement",
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("signed_at", "id"),
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["engagement", "paper_kind", "paper_id"], name="sign_offs_of_a_paper"
                    )
                ],
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="",
                        name="audits_signoff_wall",
                        rights="SELECT, INSERT, UPDATE",
                        sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
                    ),
                    tenants.locking.ClosesWithTheFile(
                        name="signoff_closes", unless="NEW.paper_kind = 'addendum'"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_back_at", None), ("taken_back_reason", "")),
                            models.Q(
                                ("taken_back_at__isnull", False),
                                models.Q(("taken_back_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sign_off_taken_back_with_reason",
                    ),
                    tenants.walls.Refuses(
                        message="SO-05: a signature is never changed; one's own is taken back with a reason, once.",
                        name="sign_off_only_taken_back_so_05",
                        on="UPDATE",
                        when="OLD.taken_back_at IS NOT NULL OR NEW.taken_back_at IS NULL OR to_jsonb(NEW) - 'taken_back_at' - 'taken_back_reason' - 'version' IS DISTINCT FROM to_jsonb(OLD) - 'taken_back_at' - 'taken_back_reason' - 'version'",
                    ),
                    tenants.walls.Refuses(
                        message="SO-05: a signature stays in the file; it goes stale, or is taken back.",
                        name="sign_off_kept_so_05",
                        on="DELETE",
                        when="true",
                    ),
                    tenants.walls.Refuses(
                        message="SO-02: one person signs one level of a paper. Ask somebody else.",
                        name="sign_off_one_level_each_so_02",
                        on="INSERT",
                        when="EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = NEW.engagement_id AND s.paper_kind = NEW.paper_kind AND s.paper_id = NEW.paper_id AND s.signer_id = NEW.signer_id AND s.level <> NEW.level AND s.taken_back_at IS NULL)",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Workpaper",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("conflict_check", "Conflict check"),
                            ("acceptance", "Acceptance"),
                            ("eqr_decision", "Decision on quality review"),
                            ("planning_memo", "Planning memo"),
                            ("materiality", "Materiality"),
                            ("budget", "Budget"),
                            ("subsequent_events", "Subsequent events"),
                            ("quality_review", "Quality review"),
                            ("wrap_up", "Wrap-up"),
                            ("late_procedure", "Late procedure"),
                            ("lock_proposal", "Proposal to lock"),
                            ("other", "Other workpaper"),
                        ],
                        max_length=24,
                    ),
                ),
                ("ref", models.CharField(max_length=20)),
                ("title", models.CharField(max_length=160)),
                ("text", models.TextField(blank=True)),
                ("fields", models.JSONField(default=dict)),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="workpapers",
                        to="tenants.engagement",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("ref",),
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="",
                        name="audits_workpaper_wall",
                        rights="SELECT, INSERT, UPDATE, DELETE",
                        sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
                    ),
                    tenants.locking.ClosesWithTheFile(name="workpaper_closes"),
                    models.UniqueConstraint(
                        fields=("engagement", "ref"), name="workpaper_ref_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "conflict_check",
                                    "acceptance",
                                    "eqr_decision",
                                    "planning_memo",
                                    "materiality",
                                    "budget",
                                    "subsequent_events",
                                    "quality_review",
                                    "wrap_up",
                                    "late_procedure",
                                    "lock_proposal",
                                    "other",
                                ],
                            )
                        ),
                        name="workpaper_kind_known",
                    ),
                    tenants.walls.Refuses(
                        message="SO-05: a paper that was signed stays in the file.",
                        name="workpaper_signed_is_kept_so_05",
                        on="DELETE",
                        when="EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = OLD.engagement_id AND s.paper_id = OLD.id)",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WORKS_LATE, LATE_WORK),
    ]
