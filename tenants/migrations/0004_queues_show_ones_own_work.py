"""Show people of the outbox their own work alone; let titles of unseen engagements be free."""

import django.db.models.deletion
from django.db import migrations, models

import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_announce"),
    ]

    operations = [
        RemoveConstraint(
            model_name="engagement",
            name="engagement_title_once_per_client",
        ),
        RemoveConstraint(
            model_name="idempotentanswer",
            name="tenants_idempotentanswer_wall",
        ),
        RemoveConstraint(
            model_name="outboxentry",
            name="tenants_outboxentry_wall",
        ),
        migrations.AlterField(
            model_name="notice",
            name="digest",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notices",
                to="tenants.digest",
            ),
        ),
        migrations.AddIndex(
            model_name="idempotentanswer",
            index=models.Index(fields=["created_at"], name="answer_by_age"),
        ),
        migrations.AddIndex(
            model_name="outboxentry",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)),
                fields=["done_at"],
                name="outbox_done",
            ),
        ),
        AddConstraint(
            model_name="idempotentanswer",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_idempotentanswer_wall",
                rights="SELECT, INSERT, DELETE",
                sees="(organization_id = (SELECT current_setting('app.organization')::uuid) AND person_id = (SELECT current_setting('app.person')::uuid)) OR ((SELECT current_setting('app.system')::boolean) AND created_at < now() - interval '1 day')",
                takes="(organization_id = (SELECT current_setting('app.organization')::uuid) AND person_id = (SELECT current_setting('app.person')::uuid))",
            ),
        ),
        AddConstraint(
            model_name="notice",
            constraint=tenants.walls.SameEngagement(
                by="organization_id",
                link="digest_id",
                name="notice_digest_link",
                on_delete="NO ACTION",
                to="tenants_digest",
                to_by="organization_id",
            ),
        ),
        AddConstraint(
            model_name="outboxentry",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_outboxentry_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="(SELECT current_setting('app.system')::boolean) OR (organization_id = (SELECT current_setting('app.organization')::uuid) AND person_id = (SELECT current_setting('app.person')::uuid)) OR ((SELECT current_setting('app.person')::uuid = '00000000-0000-0000-0000-000000000000') AND engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]))",
                takes="(SELECT current_setting('app.system')::boolean) OR organization_id = (SELECT current_setting('app.organization')::uuid) OR engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[])",
            ),
        ),
        AddConstraint(
            model_name="outboxentry",
            constraint=tenants.walls.Refuses(
                message="Work that is not done stays in the outbox.",
                name="outboxentry_is_done_before_it_goes_tsk_1",
                on="DELETE",
                when="OLD.done_at IS NULL",
            ),
        ),
    ]
