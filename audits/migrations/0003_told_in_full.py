"""Controls say who performs and reviews them, and close with the file (NR, LK-03)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenants.locking
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0002_load_catalog"),
        ("tenants", "0016_the_whole_way"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RemoveConstraint(
            model_name="control",
            name="control_attributes_known",
        ),
        migrations.AddField(
            model_name="control",
            name="assertions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("occurrence", "Existence or occurrence"),
                        ("completeness", "Completeness"),
                        ("accuracy", "Accuracy"),
                        ("cut_off", "Cut-off"),
                        ("classification", "Classification"),
                        ("valuation", "Valuation"),
                        ("rights", "Rights and obligations"),
                        ("presentation", "Presentation"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="control",
            name="deputy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="control",
            name="ipe",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=300), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="control",
            name="owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="control",
            name="performer_role",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="control",
            name="population_source",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="control",
            name="reviewer_role",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="control",
            name="side",
            field=models.CharField(
                choices=[
                    ("client", "Service organization"),
                    ("subservice", "Subservice organization"),
                ],
                default="client",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="assertions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("occurrence", "Existence or occurrence"),
                        ("completeness", "Completeness"),
                        ("accuracy", "Accuracy"),
                        ("cut_off", "Cut-off"),
                        ("classification", "Classification"),
                        ("valuation", "Valuation"),
                        ("rights", "Rights and obligations"),
                        ("presentation", "Presentation"),
                    ],
                    max_length=16,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="deputy_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="ipe",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=300), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="owner_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="performer_role",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="population_source",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="reviewer_role",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="engagementcontrol",
            name="side",
            field=models.CharField(
                choices=[
                    ("client", "Service organization"),
                    ("subservice", "Subservice organization"),
                ],
                default="client",
                max_length=12,
            ),
        ),
        AddConstraint(
            model_name="control",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "assertions__contained_by",
                        [
                            "occurrence",
                            "completeness",
                            "accuracy",
                            "cut_off",
                            "classification",
                            "valuation",
                            "rights",
                            "presentation",
                        ],
                    ),
                    (
                        "frequency__in",
                        [
                            "continuous",
                            "multiple_daily",
                            "daily",
                            "weekly",
                            "monthly",
                            "quarterly",
                            "semiannual",
                            "annual",
                            "event_driven",
                        ],
                    ),
                    ("nature__in", ["manual", "automated", "it_dependent_manual"]),
                    ("side__in", ["client", "subservice"]),
                    ("type__in", ["preventive", "detective", "corrective"]),
                ),
                name="control_attributes_known",
            ),
        ),
        AddConstraint(
            model_name="controlmapping",
            constraint=tenants.locking.ClosesWithTheFile(name="controlmapping_closes"),
        ),
        AddConstraint(
            model_name="engagementcontrol",
            constraint=tenants.locking.ClosesWithTheFile(name="engagementcontrol_closes"),
        ),
        AddConstraint(
            model_name="scopeitem",
            constraint=tenants.locking.ClosesWithTheFile(name="scopeitem_closes"),
        ),
    ]
