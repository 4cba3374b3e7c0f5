"""Phases up to disposal, more permissions, and what a locked file refuses (LK-03)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.locking
import tenants.visibility
import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint
from tenants.locking import LATE_WORK


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0015_support_access"),
    ]

    operations = [
        migrations.RunSQL(LATE_WORK, "DROP FUNCTION tickmark_works_late(uuid)"),
        migrations.CreateModel(
            name="PhaseReturn",
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
                    "from_status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("acceptance", "Acceptance"),
                            ("planning", "Planning"),
                            ("walkthrough", "Walkthrough"),
                            ("fieldwork", "Fieldwork"),
                            ("review", "Review"),
                            ("reporting", "Reporting"),
                            ("released", "Released"),
                            ("wrap_up", "Wrap-up"),
                            ("locked", "Locked"),
                            ("on_hold", "On hold"),
                            ("withdrawn", "Withdrawn"),
                            ("disposed", "Disposed"),
                            ("active", "Active"),
                            ("delivered", "Delivered"),
                            ("closed", "Closed"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "to_status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("acceptance", "Acceptance"),
                            ("planning", "Planning"),
                            ("walkthrough", "Walkthrough"),
                            ("fieldwork", "Fieldwork"),
                            ("review", "Review"),
                            ("reporting", "Reporting"),
                            ("released", "Released"),
                            ("wrap_up", "Wrap-up"),
                            ("locked", "Locked"),
                            ("on_hold", "On hold"),
                            ("withdrawn", "Withdrawn"),
                            ("disposed", "Disposed"),
                            ("active", "Active"),
                            ("delivered", "Delivered"),
                            ("closed", "Closed"),
                        ],
                        max_length=11,
                    ),
                ),
                ("reason", models.TextField()),
                (
                    "returned_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ("returned_at",),
                "default_permissions": (),
            },
        ),
        migrations.AlterModelOptions(
            name="engagement",
            options={
                "default_permissions": (),
                "ordering": ("-created_at",),
                "permissions": (
                    ("view_engagement", "View engagement"),
                    ("view_firm_file", "View firm file"),
                    ("view_client_file", "View client file"),
                    ("confirm_independence", "Confirm independence"),
                    ("manage_engagement", "Manage engagement"),
                    ("decide_engagement", "Decide engagement"),
                    ("set_scope", "Set scope"),
                    ("map_controls", "Map controls"),
                    ("assign_firm_people", "Assign firm people"),
                    ("assign_client_people", "Assign client people"),
                    ("view_trail", "View trail"),
                    ("view_all_requests", "View all requests"),
                    ("draft_request", "Draft request"),
                    ("send_request", "Send request"),
                    ("withdraw_request", "Withdraw request"),
                    ("change_due_date", "Change due date"),
                    ("pass_fieldwork_end", "Pass fieldwork end"),
                    ("propose_due_date", "Propose due date"),
                    ("comment", "Comment"),
                    ("write_firm_note", "Write firm note"),
                    ("upload_evidence", "Upload evidence"),
                    ("submit_request", "Submit request"),
                    ("answer_any_request", "Answer any request"),
                    ("review_evidence", "Review evidence"),
                    ("accept_population", "Accept population"),
                    ("override_coverage", "Override coverage"),
                    ("decide_not_applicable", "Decide not applicable"),
                    ("reopen_request", "Reopen request"),
                    ("build_package", "Build package"),
                    ("download_package", "Download package"),
                    ("approve_for_client", "Approve for client"),
                    ("sign_for_client", "Sign for client"),
                    ("write_document", "Write document"),
                    ("propose_document", "Propose document"),
                    ("respond_to_deviation", "Respond to deviation"),
                    ("propose_scope", "Propose scope"),
                    ("write_workpaper", "Write workpaper"),
                    ("observe_evidence", "Observe evidence"),
                    ("perform_test", "Perform test"),
                    ("plan_test", "Plan test"),
                    ("review_work", "Review work"),
                    ("write_review_note", "Write review note"),
                    ("answer_review_note", "Answer review note"),
                    ("conclude_control", "Conclude control"),
                    ("conclude_scope_item", "Conclude scope item"),
                    ("communicate_deviation", "Communicate deviation"),
                    ("propose_opinion", "Propose opinion"),
                    ("decide_opinion", "Decide opinion"),
                    ("sign_quality_review", "Sign quality review"),
                    ("release_report", "Release report"),
                    ("propose_lock", "Propose lock"),
                    ("lock_file", "Lock file"),
                    ("write_addendum", "Write addendum"),
                ),
            },
        ),
        RemoveConstraint(
            model_name="engagement",
            name="engagement_type_frozen_rt_01",
        ),
        migrations.AddField(
            model_name="engagement",
            name="held_until",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="locked_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="released_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="report_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="scope_change_id",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="types_frozen_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="engagement",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="engagement",
            name="held_from",
            field=models.CharField(
                blank=True,
                choices=[
                    ("draft", "Draft"),
                    ("acceptance", "Acceptance"),
                    ("planning", "Planning"),
                    ("walkthrough", "Walkthrough"),
                    ("fieldwork", "Fieldwork"),
                    ("review", "Review"),
                    ("reporting", "Reporting"),
                    ("released", "Released"),
                    ("wrap_up", "Wrap-up"),
                    ("locked", "Locked"),
                    ("on_hold", "On hold"),
                    ("withdrawn", "Withdrawn"),
                    ("disposed", "Disposed"),
                    ("active", "Active"),
                    ("delivered", "Delivered"),
                    ("closed", "Closed"),
                ],
                max_length=11,
            ),
        ),
        migrations.AlterField(
            model_name="engagement",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("acceptance", "Acceptance"),
                    ("planning", "Planning"),
                    ("walkthrough", "Walkthrough"),
                    ("fieldwork", "Fieldwork"),
                    ("review", "Review"),
                    ("reporting", "Reporting"),
                    ("released", "Released"),
                    ("wrap_up", "Wrap-up"),
                    ("locked", "Locked"),
                    ("on_hold", "On hold"),
                    ("withdrawn", "Withdrawn"),
                    ("disposed", "Disposed"),
                    ("active", "Active"),
                    ("delivered", "Delivered"),
                    ("closed", "Closed"),
                ],
                default="draft",
                max_length=11,
            ),
        ),
        AddConstraint(
            model_name="engagement",
            constraint=tenants.walls.Refuses(
                message="RT-01: report type and exam type are frozen once acceptance has ended.",
                name="engagement_type_frozen_rt_01",
                on="UPDATE",
                when="(OLD.types_frozen_at IS NOT NULL OR OLD.status NOT IN ('draft', 'acceptance')) AND (NEW.report_type, NEW.exam_type) IS DISTINCT FROM (OLD.report_type, OLD.exam_type)",
            ),
        ),
        AddConstraint(
            model_name="engagement",
            constraint=tenants.walls.Refuses(
                message="LK-03: the file is locked; nothing of it changes. Write an addendum.",
                name="engagement_locked_lk_03",
                on="UPDATE",
                when="OLD.status = 'disposed' OR (OLD.status = 'locked' AND NEW.status <> 'disposed')",
            ),
        ),
        migrations.AddField(
            model_name="phasereturn",
            name="engagement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="phase_returns",
                to="tenants.engagement",
            ),
        ),
        migrations.AddField(
            model_name="phasereturn",
            name="returned_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        AddConstraint(
            model_name="phasereturn",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_phasereturn_wall",
                rights="SELECT, INSERT",
                sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
            ),
        ),
        AddConstraint(
            model_name="phasereturn",
            constraint=tenants.locking.ClosesWithTheFile(name="phasereturn_closes"),
        ),
        AddConstraint(
            model_name="phasereturn",
            constraint=tenants.walls.AppendOnly(name="phasereturn_append_only"),
        ),
        AddConstraint(
            model_name="phasereturn",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="phase_return_has_a_reason"
            ),
        ),
    ]
