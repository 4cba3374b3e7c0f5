"""Load the catalog: 61 criteria, 19 description criteria, 25 usual control objectives."""

from django.db import migrations

from audits.catalog import rows


def load(apps, schema_editor):
    """Write the shipped rows and assert how many stand afterwards (TEN-12)."""
    criterion = apps.get_model("audits", "Criterion")
    criterion.objects.bulk_create(
        criterion(
            identifier=row["identifier"],
            series=row["series"],
            category=row["category"].lower().replace(" ", "_"),
            title=row["short_title"],
            summary=row["summary"],
            points_of_focus_count=int(row["points_of_focus_count"]),
            common=row["common"] == "true",
            position=position,
        )
        for position, row in enumerate(rows("trust-services-criteria"), 1)
    )
    description = apps.get_model("audits", "DescriptionCriterion")
    description.objects.bulk_create(
        description(
            identifier=row["identifier"],
            report_type=row["report"],
            title=row["short_title"],
            summary=row["summary"],
            applies_to=row["applies_to"],
            condition=row["condition"],
            data_source=row["platform_data_source"],
            completeness_check=row["completeness_check"],
            position=position,
        )
        for position, row in enumerate(rows("description-criteria"), 1)
    )
    objective = apps.get_model("audits", "CatalogObjective")
    objective.objects.bulk_create(
        objective(
            identifier=row["objective_id"],
            group="itgc" if row["group"] == "ITGC" else "business_process",
            domain=row["domain"],
            title=row["short_title"],
            text=row["objective_text"],
            position=position,
        )
        for position, row in enumerate(rows("soc1-control-objectives"), 1)
    )
    assert criterion.objects.filter(common=True).count() == 33
    assert criterion.objects.count() == 61
    assert description.objects.count() == 19
    assert objective.objects.count() == 25


def unload(apps, schema_editor):
    """Take the catalog out again."""
    for name in ("Criterion", "DescriptionCriterion", "CatalogObjective"):
        apps.get_model("audits", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_library_and_scope")]
    operations = [migrations.RunPython(load, unload)]
