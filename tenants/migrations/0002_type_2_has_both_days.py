"""Refuse a Type 2 without the last day of its period: an empty day made the check unknown."""

from django.db import migrations, models

from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_foundation"),
    ]

    operations = [
        RemoveConstraint(
            model_name="engagement",
            name="engagement_dates_fit_exam_type_rt_06",
        ),
        AddConstraint(
            model_name="engagement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("as_of__isnull", False),
                        ("exam_type", "T1"),
                        ("period_end__isnull", True),
                        ("period_start__isnull", True),
                    ),
                    models.Q(
                        ("as_of__isnull", True),
                        ("exam_type", "T2"),
                        ("period_end__gt", models.F("period_start")),
                        ("period_end__isnull", False),
                        ("period_start__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="engagement_dates_fit_exam_type_rt_06",
            ),
        ),
    ]
