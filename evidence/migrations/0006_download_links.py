"""Links to the evidence host, each bound to a person, an object and a session or token."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.visibility
import tenants.walls


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0005_package_lines_name_their_client"),
        ("tenants", "0004_queues_show_ones_own_work"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DownloadLink",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("file", "A file on a request"), ("package", "An audit package")],
                        max_length=8,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("link_hash", models.CharField(max_length=64)),
                ("sealed_session", models.TextField(blank=True)),
                ("token_hash", models.CharField(blank=True, max_length=64)),
                ("browser_hash", models.CharField(blank=True, max_length=64)),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
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
                "ordering": ("-made_at",),
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="link_hash = (SELECT current_setting('app.presented'))",
                        name="evidence_downloadlink_wall",
                        rights="SELECT, INSERT, UPDATE, DELETE",
                        sees="organization_id = (SELECT current_setting('app.organization')::uuid) AND person_id = (SELECT current_setting('app.person')::uuid)",
                    ),
                    models.UniqueConstraint(fields=("link_hash",), name="download_link_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sealed_session", ""), ("token_hash", ""), _connector="XOR"
                        ),
                        name="download_link_of_session_or_token",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("browser_hash", ""), ("opened_at", None)),
                            models.Q(
                                ("opened_at__isnull", False),
                                models.Q(("browser_hash", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="download_link_opened_by_a_browser",
                    ),
                ],
            },
        ),
    ]
