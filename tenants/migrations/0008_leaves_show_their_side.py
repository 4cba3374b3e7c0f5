"""Let a leaf show its entry's side, so that a copy for one side can close the other's entries."""

from django.db import migrations, models

import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


def show_sides(apps, schema_editor):
    """Give each entry its digest, and its leaf what the tree shows of it."""
    from tenants.rules.trail_leaves import seal

    entries = apps.get_model("tenants", "TrailEntry").objects
    leaves = apps.get_model("tenants", "TrailLeaf").objects
    expected, changed = entries.count(), 0
    for entry in entries.order_by("id").iterator(2000):
        entry.book_id = entry.engagement_id or entry.organization_id
        seal(entry)
        entries.filter(pk=entry.pk).update(digest=entry.digest)
        changed += leaves.filter(pk=entry.pk).update(
            zone=entry.zone, named=entry.named is not None, digest=entry.digest
        )
    if not changed == leaves.count() == expected:
        raise RuntimeError(f"{changed} of {expected} leaves show their side.")


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_trail_trees"),
    ]

    operations = [
        RemoveConstraint(model_name="trailentry", name="trailentry_leaves"),
        RemoveConstraint(model_name="trailentry", name="trailentry_append_only"),
        RemoveConstraint(model_name="trailleaf", name="trailleaf_append_only"),
        migrations.AddField(
            model_name="trailentry",
            name="digest",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trailleaf",
            name="zone",
            field=models.CharField(
                choices=[
                    ("shared", "Both sides"),
                    ("firm", "Firm only"),
                    ("client", "Client only"),
                ],
                default="shared",
                max_length=6,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trailleaf",
            name="named",
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trailleaf",
            name="digest",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.RunPython(show_sides, migrations.RunPython.noop),
        migrations.RemoveField(model_name="trailentry", name="leaf"),
        migrations.RemoveField(model_name="trailleaf", name="leaf"),
        AddConstraint(
            model_name="trailentry",
            constraint=tenants.walls.AppendOnly(
                erasable="person_name = '', subject_label = '', note = '', detail = '{}', address = NULL, salt = NULL",
                name="trailentry_append_only",
            ),
        ),
        AddConstraint(
            model_name="trailleaf",
            constraint=tenants.walls.AppendOnly(name="trailleaf_append_only"),
        ),
        AddConstraint(
            model_name="trailentry",
            constraint=tenants.walls.HandsOn(
                columns="entry_id, book_id, of_engagement, zone, named, digest",
                name="trailentry_leaves",
                to="tenants_trailleaf",
                values="id, coalesce(engagement_id, organization_id), engagement_id IS NOT NULL, zone, named IS NOT NULL, digest",
            ),
        ),
    ]
