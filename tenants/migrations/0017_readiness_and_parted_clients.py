"""Readiness assessments get statuses of their own; a parted firm leaves the library (AC-07)."""

from importlib import import_module
from typing import Any

from django.db import migrations
from django.db.models.functions import Now

BEFORE = import_module("tenants.migrations.0013_ethics_walls").ANNOUNCE
ALL = "FROM public.tenants_engagement e WHERE e.id = ANY (firm_side);"
ANNOUNCE = BEFORE.replace(
    ALL,
    ALL.replace(";", "\n    AND e.status NOT IN ('locked', 'disposed', 'closed');"),
)
PAST_DRAFT = ("acceptance", "planning", "walkthrough", "fieldwork", "review", "reporting")


def set_out(apps: Any, schema_editor: Any) -> None:
    """A readiness assessment past draft is active; accepted engagements keep their types.

    Counts what it changes (TEN-12): no readiness assessment is left in a phase of examinations, no
    engagement past acceptance without the moment its types were frozen.
    """
    rows = apps.get_model("tenants", "Engagement").objects.using(schema_editor.connection.alias)
    readiness = rows.filter(kind="readiness")
    running, held = (readiness.filter(**{f"{column}__in": PAST_DRAFT})
                     for column in ("status", "held_from"))  # fmt: skip
    expected = running.count(), held.count()
    changed = running.update(status="active"), held.update(held_from="active")
    frozen = rows.exclude(status__in=("draft", "acceptance")).filter(types_frozen_at=None)
    expected_frozen = frozen.count()
    changed_frozen = frozen.update(types_frozen_at=Now())
    if changed != expected or changed_frozen != expected_frozen or frozen.exists():
        raise RuntimeError(f"{changed} of {expected}, {changed_frozen} of {expected_frozen}.")


class Migration(migrations.Migration):
    dependencies = [("tenants", "0016_the_whole_way")]

    operations = [
        migrations.RunPython(set_out, migrations.RunPython.noop),
        migrations.RunSQL(ANNOUNCE, BEFORE),
    ]
