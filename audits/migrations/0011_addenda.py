"""A locked file takes addenda, and may be looked at (LK-03)."""

from django.conf import settings
from django.db import migrations, models

import tenants.locking
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0031_walkthroughs"),
        ("tenants", "0018_status_fits_kind"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RemoveConstraint(
            model_name="paperopened",
            name="paperopened_closes",
        ),
        RemoveConstraint(
            model_name="workpaper",
            name="workpaper_closes",
        ),
        RemoveConstraint(
            model_name="workpaper",
            name="workpaper_kind_known",
        ),
        migrations.AlterField(
            model_name="workpaper",
            name="kind",
            field=models.CharField(
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
                    ("addendum", "Addendum"),
                    ("other", "Other workpaper"),
                ],
                max_length=24,
            ),
        ),
        AddConstraint(
            model_name="workpaper",
            constraint=tenants.locking.ClosesWithTheFile(
                name="workpaper_closes", unless="NEW.kind = 'addendum'"
            ),
        ),
        AddConstraint(
            model_name="workpaper",
            constraint=models.CheckConstraint(
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
                            "addendum",
                            "other",
                        ],
                    )
                ),
                name="workpaper_kind_known",
            ),
        ),
    ]
