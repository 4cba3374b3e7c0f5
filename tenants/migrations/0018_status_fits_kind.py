"""An examination has no status of a readiness assessment, nor the reverse."""

from django.db import migrations, models

from tenants.constraint_operations import AddConstraint


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_readiness_and_parted_clients")]

    operations = [
        AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "readiness"),
                        (
                            "status__in",
                            (
                                "draft",
                                "active",
                                "delivered",
                                "closed",
                                "on_hold",
                                "withdrawn",
                                "locked",
                                "disposed",
                            ),
                        ),
                    ),
                    models.Q(
                        ("kind", "examination"),
                        models.Q(("status__in", ("active", "delivered", "closed")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="engagement_status_fits_kind",
            ),
        ),
    ]
