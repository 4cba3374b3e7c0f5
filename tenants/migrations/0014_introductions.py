"""Let a firm ask a client that is here already, and learn nothing before it agrees (TEN-4)."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import tenants.visibility
import tenants.walls


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0013_ethics_walls"),
    ]

    operations = [
        migrations.CreateModel(
            name="Introduction",
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
                ("email", models.EmailField(max_length=254)),
                ("secret_hash", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("revoked", "Revoked"),
                        ],
                        default="sent",
                        max_length=8,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="introductions",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "ordering": ("-created_at",),
                "default_permissions": (),
                "constraints": [
                    tenants.walls.RowWall(
                        also_reads="secret_hash = (SELECT current_setting('app.presented'))",
                        name="tenants_introduction_wall",
                        rights="SELECT, INSERT, UPDATE",
                        sees="organization_id = (SELECT current_setting('app.organization')::uuid)",
                    ),
                    models.UniqueConstraint(
                        fields=("secret_hash",), name="introduction_secret_once"
                    ),
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("status", "sent")),
                        name="introduction_open_once_per_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("client__isnull", False), ("status", "accepted")),
                            models.Q(
                                models.Q(("status", "accepted"), _negated=True), ("client", None)
                            ),
                            _connector="OR",
                        ),
                        name="introduction_names_a_client_once_it_agreed",
                    ),
                ],
            },
        ),
    ]
