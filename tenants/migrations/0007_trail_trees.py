"""Give every book of the trail a tree: leaves, places, checkpoints; old entries get leaves."""

import os

import django.db.models.functions.datetime
from django.db import migrations, models

import tenants.visibility
import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


def hash_old_entries(apps, schema_editor):
    """Commit to each entry that was written before there were trees, and give it its leaf.

    The format of a leaf is fixed for ever (`tickmark-trail/1`), so its one function is used.
    """
    from tenants.rules.trail_leaves import SALT_BYTES, seal
    from tenants.trail_verifier import leaf_of

    entries = apps.get_model("tenants", "TrailEntry").objects
    leaves = apps.get_model("tenants", "TrailLeaf").objects
    expected, changed = entries.count(), 0
    for entry in entries.order_by("id").iterator(2000):
        entry.book_id = entry.engagement_id or entry.organization_id
        entry.salt = os.urandom(SALT_BYTES)
        seal(entry)
        digest = bytes(entry.digest).hex()
        entry.leaf = leaf_of(entry.zone, entry.named is not None, digest)
        changed += entries.filter(pk=entry.pk).update(
            salt=entry.salt, commitment=entry.commitment, leaf=entry.leaf
        )
        leaves.create(
            entry_id=entry.pk,
            book_id=entry.book_id,
            leaf=entry.leaf,
            of_engagement=entry.engagement_id is not None,
        )
    if not changed == leaves.count() == expected:
        raise RuntimeError(f"{changed} of {expected} entries got their leaf.")


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0006_independence"),
    ]

    operations = [
        migrations.CreateModel(
            name="MissedLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("day", models.DateField()),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TrailCheckpoint",
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
                ("book_id", models.UUIDField()),
                ("size", models.BigIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                ("key", models.CharField(max_length=80)),
                ("text", models.TextField()),
            ],
            options={
                "ordering": ("-at", "-id"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TrailLeaf",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("book_id", models.UUIDField()),
                ("of_engagement", models.BooleanField()),
                ("leaf", models.BinaryField()),
                (
                    "written_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TrailPlace",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("book_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                (
                    "placed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TrailPulse",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("seen_at", models.DateTimeField()),
                ("waiting", models.PositiveIntegerField(default=0)),
                ("oldest_seconds", models.FloatField(default=0)),
                ("lag_seconds", models.FloatField(null=True)),
                ("measured", models.PositiveIntegerField(default=0)),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TrailTree",
            fields=[
                ("book_id", models.UUIDField(primary_key=True, serialize=False)),
                ("of_engagement", models.BooleanField()),
                ("size", models.BigIntegerField(default=0)),
                ("peaks", models.BinaryField(default=b"")),
                ("signed_size", models.BigIntegerField(default=0)),
                ("signed_at", models.DateTimeField(null=True)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        RemoveConstraint(
            model_name="outboxentry",
            name="tenants_outboxentry_wall",
        ),
        RemoveConstraint(
            model_name="trailentry",
            name="trailentry_append_only",
        ),
        migrations.AddField(
            model_name="trailentry",
            name="commitment",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trailentry",
            name="leaf",
            field=models.BinaryField(default=b""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="trailentry",
            name="salt",
            field=models.BinaryField(null=True),
        ),
        migrations.AddIndex(
            model_name="trailentry",
            index=models.Index(
                models.F("organization_id"),
                models.OrderBy(models.F("at"), descending=True),
                condition=models.Q(("engagement_id__isnull", True)),
                name="trail_of_an_organization",
            ),
        ),
        AddConstraint(
            model_name="outboxentry",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_outboxentry_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="(SELECT current_setting('app.system')::boolean) OR (organization_id = (SELECT current_setting('app.organization')::uuid) AND person_id = (SELECT current_setting('app.person')::uuid)) OR ((SELECT current_setting('app.person')::uuid = '00000000-0000-0000-0000-000000000000') AND (engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR (person_id IS NULL AND organization_id = (SELECT current_setting('app.organization')::uuid))))",
                takes="(SELECT current_setting('app.system')::boolean) OR organization_id = (SELECT current_setting('app.organization')::uuid) OR engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[])",
            ),
        ),
        migrations.RunPython(hash_old_entries, migrations.RunPython.noop),
        AddConstraint(
            model_name="trailentry",
            constraint=tenants.walls.AppendOnly(
                erasable="person_name = '', subject_label = '', note = '', detail = '{}', address = NULL, salt = NULL",
                name="trailentry_append_only",
            ),
        ),
        AddConstraint(
            model_name="trailentry",
            constraint=tenants.walls.HandsOn(
                columns="entry_id, book_id, of_engagement, leaf",
                name="trailentry_leaves",
                to="tenants_trailleaf",
                values="id, coalesce(engagement_id, organization_id), engagement_id IS NOT NULL, leaf",
            ),
        ),
        AddConstraint(
            model_name="missedlook",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_missedlook_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="(SELECT current_setting('app.system')::boolean)",
            ),
        ),
        AddConstraint(
            model_name="missedlook",
            constraint=models.UniqueConstraint(
                fields=("organization_id", "day"), name="looks_once_a_day"
            ),
        ),
        migrations.AddIndex(
            model_name="trailcheckpoint",
            index=models.Index(
                models.F("book_id"),
                models.OrderBy(models.F("at"), descending=True),
                name="checkpoint_of_a_book",
            ),
        ),
        AddConstraint(
            model_name="trailcheckpoint",
            constraint=tenants.walls.RowWall(
                also_reads="(SELECT current_setting('app.system')::boolean) OR (book_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR book_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_trailcheckpoint_wall",
                rights="SELECT, INSERT",
                sees="(SELECT current_setting('app.system')::boolean)",
            ),
        ),
        AddConstraint(
            model_name="trailcheckpoint",
            constraint=tenants.walls.AppendOnly(name="trailcheckpoint_append_only"),
        ),
        AddConstraint(
            model_name="trailcheckpoint",
            constraint=models.UniqueConstraint(
                fields=("book_id", "size"), name="checkpoint_once_for_a_size"
            ),
        ),
        migrations.AddIndex(
            model_name="trailleaf",
            index=models.Index(fields=["written_at"], name="leaf_by_moment"),
        ),
        migrations.AddIndex(
            model_name="trailleaf",
            index=models.Index(fields=["book_id", "written_at"], name="leaf_of_a_book"),
        ),
        AddConstraint(
            model_name="trailleaf",
            constraint=tenants.walls.RowWall(
                also_reads="(SELECT current_setting('app.system')::boolean) OR (book_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR book_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_trailleaf_wall",
                rights="SELECT, INSERT",
                sees="((book_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR book_id = (SELECT current_setting('app.organization')::uuid)))",
            ),
        ),
        AddConstraint(
            model_name="trailleaf",
            constraint=tenants.walls.AppendOnly(name="trailleaf_append_only"),
        ),
        AddConstraint(
            model_name="trailplace",
            constraint=tenants.walls.RowWall(
                also_reads="(SELECT current_setting('app.system')::boolean) OR (book_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR book_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_trailplace_wall",
                rights="SELECT, INSERT",
                sees="(SELECT current_setting('app.system')::boolean)",
            ),
        ),
        AddConstraint(
            model_name="trailplace",
            constraint=tenants.walls.AppendOnly(name="trailplace_append_only"),
        ),
        AddConstraint(
            model_name="trailplace",
            constraint=models.UniqueConstraint(
                fields=("book_id", "number"), name="place_once_in_a_book"
            ),
        ),
        AddConstraint(
            model_name="trailpulse",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_trailpulse_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="(SELECT current_setting('app.system')::boolean)",
            ),
        ),
        AddConstraint(
            model_name="trailtree",
            constraint=tenants.walls.RowWall(
                also_reads="(SELECT current_setting('app.system')::boolean) OR (book_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR book_id = (SELECT current_setting('app.organization')::uuid))",
                name="tenants_trailtree_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="(SELECT current_setting('app.system')::boolean)",
            ),
        ),
    ]
