"""Let each file count its versions; let a line of a package name its client, for its link."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0002_lists_remember_what_people_say"),
        ("tenants", "0004_queues_show_ones_own_work"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RemoveConstraint(
            model_name="evidencefile",
            name="evidence_evidencefile_wall",
        ),
        migrations.AddField(
            model_name="evidencefile",
            name="version_count",
            field=models.PositiveIntegerField(db_default=1),
        ),
        migrations.AddField(
            model_name="packageentry",
            name="client",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AlterField(
            model_name="packageentry",
            name="file_version",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="evidence.fileversion",
            ),
        ),
        AddConstraint(
            model_name="evidencefile",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="evidence_evidencefile_wall",
                rights="SELECT, INSERT, UPDATE (version_count)",
                sees="(client_id = (SELECT current_setting('app.organization')::uuid) AND created_by_id = (SELECT current_setting('app.person')::uuid)) OR EXISTS (SELECT 1 FROM evidence_fileversion seen WHERE seen.file_id = evidence_evidencefile.id)",
            ),
        ),
        AddConstraint(
            model_name="evidencefile",
            constraint=models.CheckConstraint(
                condition=models.Q(("version_count__gte", 1)), name="file_begins_with_a_version"
            ),
        ),
        AddConstraint(
            model_name="packageentry",
            constraint=tenants.walls.SameEngagement(
                by="client_id",
                link="engagement_id",
                name="packageentry_client_link",
                on_delete="NO ACTION",
                to="tenants_engagement",
                to_by="client_id",
            ),
        ),
        AddConstraint(
            model_name="packageentry",
            constraint=tenants.walls.SameEngagement(
                by="client_id",
                link="file_version_id",
                name="packageentry_file_version_link",
                on_delete="NO ACTION",
                to="evidence_fileversion",
                to_by="client_id",
            ),
        ),
    ]
