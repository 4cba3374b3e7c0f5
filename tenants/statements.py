"""Statements written once, for what every call asks: composed once here, planned once there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from django.db import connection
from django.db.models.expressions import DatabaseDefault

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from django.db.models import Field, Model

    from tenants.postgresql.base import DatabaseWrapper

Shape = tuple["type[Model]", tuple[str, ...]]
"""A model, and the fields of a new row that the database fills in (`db_default`)."""


def planned() -> CursorWrapper:
    """A cursor for statements whose text never changes (`DatabaseWrapper.planned`)."""
    return cast("DatabaseWrapper", connection).planned()


def columns(model: type[Model], alias: str) -> str:
    """All columns of a table, in the order in which `instance` reads them."""
    return ", ".join(f"{alias}.{_quoted(field)}" for field in model._meta.concrete_fields)


def instance(model: type[Model], values: Iterator[Any]) -> Any:
    """A row of `model` from the next values of a result, as a queryset makes it."""
    names, converters = _read_as(model)
    read = list(islice(values, len(names)))
    for number, convert in converters:
        read[number] = convert(read[number], None, connection)
    return model.from_db(connection.alias, names, read)


@cache
def _read_as(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    fields = model._meta.concrete_fields
    converters = [
        (number, convert)
        for number, field in enumerate(fields)
        for convert in field.get_db_converters(connection)
    ]
    return [field.attname for field in fields], converters


def save_together(*rows: Model) -> None:
    """Insert new rows, of whatever tables, by one statement (1 query): all of them or none.

    A row may point at another of them: keys are checked when all are in. A wall is asked before
    that, so one that looks for another of the rows refuses. What the database fills in is read
    back into the rows. As with `bulk_create`, no signal is sent.
    """
    shapes, values = [], []
    for row in rows:
        given = [(field, field.pre_save(row, add=True)) for field in row._meta.concrete_fields]
        filled = tuple(field.attname for field, value in given if _is_filled(value))
        shapes.append((type(row), filled))
        values += [
            field.get_db_prep_save(value, connection)
            for field, value in given
            if not _is_filled(value)
        ]
    with planned() as cursor:
        cursor.execute(_insert(tuple(shapes)), values)
        found = iter(cursor.fetchone() or ())
    for row, (_, filled) in zip(rows, shapes, strict=True):
        next(found)  # that it was written
        for name, value in zip(filled, found, strict=False):
            setattr(row, name, value)
        row._state.adding, row._state.db = False, connection.alias


def _is_filled(value: Any) -> bool:
    return isinstance(value, DatabaseDefault)


@cache
def _insert(shapes: Sequence[Shape]) -> str:
    """One INSERT for each row, and a SELECT of what the database filled in, row after row."""
    parts, wanted = [], []
    for number, (model, filled) in enumerate(shapes):
        fields = [field for field in model._meta.concrete_fields if field.attname not in filled]
        back = [_quoted(each) for each in model._meta.concrete_fields if each.attname in filled]
        parts.append(
            f"r{number} AS (INSERT INTO {model._meta.db_table} "
            f"({', '.join(map(_quoted, fields))}) "
            f"VALUES ({', '.join(map(_placeholder, fields))}) "
            f"RETURNING {', '.join(['true AS written', *back])})"
        )
        wanted += [f"r{number}.{column}" for column in ("written", *back)]
    tables = ", ".join(f"r{number}" for number in range(len(shapes)))
    return f"WITH {', '.join(parts)} SELECT {', '.join(wanted)} FROM {tables}"


def _quoted(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def _placeholder(field: Field[Any, Any]) -> str:
    """`%s`, with the column's type where Django writes it too (an array)."""
    placeholder = getattr(field, "get_placeholder", None)
    return str(placeholder(None, None, connection)) if placeholder else "%s"
