"""A row in each tenant table that the scenes leave empty, by the owner of the tables.

What is asked of a wall on a table without rows is asked of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import connection, models

from tenants.walls import RowWall
from tests.parts import added
from tests.probe.planting import owner
from tests.probe.stage import Stage

PARTICULAR: dict[str, Callable[[Any], dict[str, Any]]] = {
    "evidence_downloadlink": lambda world: {"token_hash": "0" * 64},
    "tenants_identityprovider": lambda world: {"sealed_secret": "sealed"},
    "tenants_ethicswall": lambda world: {"organization_id": world.firm.pk},
    "tenants_walledside": lambda world: {"organization_id": world.firm.pk, "client_id": None},
    "tenants_introduction": lambda world: {"client_id": None},
}
"""Table → what its checks ask for besides."""


PARTICULAR |= added("PARTICULAR")


def fill(stage: Stage) -> list[str]:
    """Put a row of the target's into every tenant table that has none: the tables."""
    filled = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        walled = any(isinstance(rule, RowWall) for rule in model._meta.constraints)
        if walled and not owner(f"SELECT 1 FROM {table} LIMIT 1"):
            values = dict(_values(model, stage))
            names, marks = (
                ", ".join(f'"{name}"' for name in values),
                ", ".join(["%s"] * len(values)),
            )
            owner(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())
            filled.append(table)
    return filled


def _values(model: Any, stage: Stage) -> Iterator[tuple[str, Any]]:
    world = stage.scenes["target"].world
    particular = PARTICULAR.get(model._meta.db_table)
    keys = {
        "book_id": world.engagement.pk, "engagement_id": world.engagement.pk,
        "client_id": world.client_organization.pk, "firm_id": world.firm.pk,
        "organization_id": world.client_organization.pk, "person_id": world.client.pk,
        **(particular(world) if particular else {}),
    }  # fmt: skip
    for field in model._meta.local_fields:
        if field.generated or field.db_default is not models.NOT_PROVIDED:
            continue
        if field.column in keys:
            value = keys[field.column]
        elif field.has_default():
            value = field.get_default()
        elif field.null or isinstance(field, models.AutoField):
            continue
        elif field.blank and isinstance(field, models.CharField | models.TextField):
            value = ""
        else:
            value = _value(field, keys)
        yield field.column, field.get_db_prep_save(value, connection)


def _value(field: Any, keys: dict[str, Any]) -> Any:
    if isinstance(field, models.ForeignKey):
        table = field.related_model._meta.db_table
        if table == "tenants_user":  # a row that anybody wrote would name them to its readers
            return keys["person_id"]
        columns = {each.column for each in field.related_model._meta.local_fields}
        shared = [column for column in ("engagement_id", "client_id") if column in columns]
        condition = f" WHERE {shared[0]} = %s" if shared else ""
        rows = owner(f"SELECT id FROM {table}{condition} LIMIT 1", *[keys[c] for c in shared[:1]])
        return rows[0][0]
    if isinstance(field, models.DateTimeField):
        return "2026-11-20T10:00:00Z"
    if isinstance(field, models.DateField):
        return "2026-11-20"
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.IntegerField):
        return 1
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.BinaryField):
        return b"\x00"
    return {} if isinstance(field, models.JSONField) else "words"
