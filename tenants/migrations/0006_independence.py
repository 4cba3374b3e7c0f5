"""Keep each word on independence, and show an engagement to those who have to give one (AC-04)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.visibility
import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_announce_assigned"),
    ]

    operations = [
        migrations.CreateModel(
            name="Independence",
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
                    "word",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("confirmed", "Confirmed"),
                            ("refused", "Not independent"),
                        ],
                        max_length=9,
                    ),
                ),
                ("statement", models.CharField(max_length=12)),
                ("good_until", models.DateField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "said_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ("-said_at", "-id"),
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
                ),
            },
        ),
        RemoveConstraint(
            model_name="assignment",
            name="tenants_assignment_wall",
        ),
        RemoveConstraint(
            model_name="engagement",
            name="tenants_engagement_wall",
        ),
        AddConstraint(
            model_name="assignment",
            constraint=tenants.walls.RowWall(
                also_reads="engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR (person_id = (SELECT current_setting('app.person')::uuid) AND organization_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_assignment_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) AND (NOT (person_id = (SELECT current_setting('app.person')::uuid)))",
            ),
        ),
        AddConstraint(
            model_name="engagement",
            constraint=tenants.walls.RowWall(
                also_reads="id = ANY ((SELECT current_setting('app.assigned')::uuid[])::uuid[])",
                name="tenants_engagement_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[])",
            ),
        ),
        migrations.AddField(
            model_name="independence",
            name="engagement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="independence",
                to="tenants.engagement",
            ),
        ),
        migrations.AddField(
            model_name="independence",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="independence",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="independence",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="independence",
            name="said_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="independence",
            index=models.Index(
                fields=["engagement", "person", "said_at"], name="independence_of_a_team"
            ),
        ),
        AddConstraint(
            model_name="independence",
            constraint=tenants.walls.RowWall(
                also_reads="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[]) OR (person_id = (SELECT current_setting('app.person')::uuid) AND organization_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_independence_wall",
                rights="SELECT, INSERT",
                sees="((person_id = (SELECT current_setting('app.person')::uuid) AND engagement_id = ANY ((SELECT current_setting('app.assigned')::uuid[])::uuid[]) AND word <> 'asked') OR (engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[]) AND word = 'asked')) AND said_by_id = (SELECT current_setting('app.person')::uuid)",
            ),
        ),
        AddConstraint(
            model_name="independence",
            constraint=tenants.walls.AppendOnly(name="independence_append_only"),
        ),
        AddConstraint(
            model_name="independence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("word", "asked"), ("said_by", models.F("person")), _connector="OR"
                ),
                name="independence_is_ones_own_word",
            ),
        ),
        AddConstraint(
            model_name="independence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("good_until__isnull", False), ("word", "confirmed")),
                    models.Q(models.Q(("word", "confirmed"), _negated=True), ("good_until", None)),
                    _connector="OR",
                ),
                name="independence_confirmed_has_an_end",
            ),
        ),
    ]
