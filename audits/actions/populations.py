"""Populations: told, read, frozen, accepted with the checks that were made (SM-01 to SM-04, SM-07).

A long list is read by a task (`population_reading`); a short one is written in at once. Accepting a
population is an act apart from accepting the request it came with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audits.actions.control_tests import held
from audits.actions.population_reading import Read, finish, write_chunk
from audits.choices.populations import PopulationPart as Part
from audits.choices.populations import PopulationStatus as S
from audits.choices.testing import TestKind
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.rules.delimited import records_of
from audits.rules.population_rows import Layout, Rows, plain
from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.lifecycle import Lifecycle, Move, locked
from tenants.models import Engagement, User
from tenants.permissions import P

LIMITS: Final = {"unit": 200, "source": 300, "query": 20_000, "run_by": 120}
MOST_WRITTEN: Final = 5_000
"""Rows somebody may write in at once; longer lists come as files."""
BEFORE_ACCEPTING: list[Callable[[Population], str]] = []
"""Reasons of other apps why a population is not accepted yet: empty where there is none."""


def _told_for_its_part(row: Population) -> str:
    """SM-01: the part of the period it says it covers, by a list run after that part."""
    place, zone = row.engagement, row.engagement.client.zone
    start, end = place.period_start, place.period_end
    if row.part in (Part.WHOLE, Part.INTERIM) and start and row.covers_from > start:
        return f"SM-01: it begins after the period, which starts on {start.isoformat()}."
    if row.part in (Part.WHOLE, Part.REMAINING) and end and row.covers_to < end:
        return f"SM-01: it ends before the period, which runs to {end.isoformat()}."
    if timezone.localdate(row.run_at, timezone=zone) < row.covers_to:
        return (
            f"SM-01: the list was run before {row.covers_to.isoformat()}, the last day it is to "
            "cover. Ask for a later one, or cover the time to a cut-off first."
        )
    return ""


def _asked_elsewhere(row: Population) -> str:
    return next((why for ask in BEFORE_ACCEPTING if (why := ask(row))), "")


LIFECYCLE = Lifecycle(
    Move("accept", [S.READY], S.ACCEPTED, P.ACCEPT_POPULATION,
         guards=[_told_for_its_part, _asked_elsewhere], asks=("completeness", "accuracy")),
    Move("supersede", [S.READY, S.ACCEPTED], S.SUPERSEDED, P.ACCEPT_POPULATION, hidden=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a list. run_by, run_at: who made it and when; unit: what one row is (SM-02).

    layout: which columns name a row and tell its day; replaces: the population it corrects.
    """

    part: str
    covers: tuple[date, date]
    unit: str
    source: str
    query: str
    run_by: str
    run_at: datetime
    layout: Layout = field(default_factory=Layout)
    replaces: Population | None = None


def begin(
    test: ControlTest, told: Told, *, by: User, named: Sequence[UUID] | None = None
) -> Population:
    """Announce a population whose rows are yet to be written; `named`: who alone may see it.

    Raises PermissionDenied, Invalid naming the field, Refused for a test of design, a concluded
    test, or a Type 1 (RT-07).
    """
    with transaction.atomic():
        _refuse_without_samples(test)
        fields = _checked(test, told, by)
        held(test, by=by)
        number = 1 + max(
            Population.objects.filter(test=test).values_list("number", flat=True), default=0
        )
        if named is None and told.replaces is not None:
            named = told.replaces.named
        row = Population.objects.create(
            engagement=test.engagement, test=test, number=number, begun_by=by,
            named=None if named is None else sorted(named), **fields,
        )  # fmt: skip
        trail.record(
            "begun", row, by=by, engagement_id=row.engagement_id,
            detail={"part": row.part, "source": row.source},
        )  # fmt: skip
    return row


def write_in(test: ControlTest, told: Told, text: str, *, by: User) -> Population:
    """A population whose rows somebody types or pastes: delimited text, its headings first.

    For short lists, such as the runs of a quarterly control. Raises as `begin`, and Invalid that
    names the row.
    """
    records = records_of(text, most=MOST_WRITTEN + 1, weigh=len)
    while records and not any(cell.strip() for cell in records[-1]):
        records.pop()
    if not records:
        raise Invalid("Write the headings in the first line.", code="required", field="rows")
    with transaction.atomic():
        row = begin(test, told, by=by)
        rows = Rows(tuple(map(plain, records[0])), told.layout, told.covers)
        hashed = sha256()
        chunks = [*(rows.write(cells) for cells in records[1:] if any(cells)), rows.rest()]
        for chunk in filter(None, chunks):
            hashed.update(chunk.content)
            write_chunk(row, 0, chunk)
        found = Read(
            rows.columns, rows.count, hashed.hexdigest(), dict(rows.quarters), rows.outside
        )
        finish(row, 0, found, by=by)
    row.refresh_from_db()
    return row


def accept(
    population: Population,
    *,
    completeness: str,
    accuracy: str,
    by: User,
    counted: int | None = None,
    zero_checked: bool = False,
    version: int | None = None,
) -> Population:
    """Accept a population: how it is known to be complete, and that its rows are true (SM-01).

    `counted`: an independent count, which must tie. Without any row, `zero_checked` says that
    somebody made sure that nothing happened (SM-04). The one it replaces is superseded (SM-07).
    Raises PermissionDenied, StaleVersion, MoveRefused, Invalid naming the field.
    """
    with transaction.atomic():
        held(_with_control(population.test_id), by=by, asks=P.ACCEPT_POPULATION)
        with LIFECYCLE.moving("accept", population, by=by, version=version) as row:
            row.completeness = _said(
                completeness, "completeness", "Say how you know that no row is missing: an "
                "independent count, unbroken numbers, or a trace from another source.",
            )  # fmt: skip
            row.accuracy = _said(
                accuracy, "accuracy", "Say which rows you traced to their source, and what you saw."
            )
            _refuse_untied(row, counted, zero_checked)
            row.counted_independently, row.zero_checked = counted, zero_checked
            row.accepted_by, row.accepted_at = by, timezone.now()
        if population.replaces_id:
            replaced = locked(Population(pk=population.replaces_id))
            LIFECYCLE.along("supersede", replaced, by=by)
    return population


def _refuse_untied(row: Population, counted: int | None, zero_checked: bool) -> None:
    if counted is not None and counted != row.row_count:
        raise Invalid(
            f"SM-01: you counted {counted:,}, the list has {row.row_count:,} rows. Find out why "
            "they differ first; a corrected list is another population.",
            code="count_differs", field="counted",
        )  # fmt: skip
    if not row.row_count and not zero_checked:
        raise Invalid(
            "SM-04: the list has no row. Make sure that nothing happened in this time, and say so.",
            code="zero_unchecked", field="zero_checked",
        )  # fmt: skip


def _checked(test: ControlTest, told: Told, by: User) -> dict[str, Any]:
    """The population's fields. Raises Invalid naming the field."""
    fields: dict[str, Any] = {
        name: _said(getattr(told, name), name, said, LIMITS[name])
        for name, said in _MISSING.items()
    }
    if told.part not in Part.values:
        raise Invalid("Choose which part of the period it is.", code="part_unknown", field="part")
    start, end = told.covers
    if end < start:
        raise Invalid("It ends before it begins.", code="dates_cross", field="covers_to")
    if told.run_at > timezone.now():
        raise Invalid("It was run in the future.", code="in_the_future", field="run_at")
    replaces = told.replaces
    if replaces is not None and (
        replaces.test_id != test.pk or replaces.status not in (S.READY, S.ACCEPTED)
    ):
        raise Invalid(
            "It replaces a population of the same test that still stands.",
            code="replaces_unfit", field="replaces",
        )  # fmt: skip
    return fields | {
        "part": told.part, "covers_from": start, "covers_to": end, "run_at": told.run_at,
        "replaces": replaces, "key_columns": list(told.layout.key_columns),
        "date_column": told.layout.date_column, "date_order": told.layout.date_order,
    }  # fmt: skip


_MISSING: Final = {
    "unit": "SM-02: say what one row is: one performance of the control, such as one request for "
    "access.",
    "source": "SM-01: name the system or the person the list comes from.",
    "query": "SM-01: give the query, report or filter that made the list.",
    "run_by": "SM-01: name who ran it.",
}


def _said(text: str, name: str, missing: str, limit: int = 20_000) -> str:
    """A text without white space around it. Raises Invalid."""
    told = text.strip()
    if not told:
        raise Invalid(missing, code="required", field=name)
    if len(told) > limit or "\0" in told:
        raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=name)
    return told


def _refuse_without_samples(test: ControlTest) -> None:
    place: Engagement = test.engagement
    if place.exam_type == "T1":
        raise Refused(
            "RT-07: a Type 1 tests design as of one date; it has no populations and no samples.",
            code="type_1_has_no_samples",
        )
    if test.kind != TestKind.OPERATION:
        raise Refused(
            "A test of design walks one item; populations belong to a test of operation.",
            code="design_has_no_population",
        )


def _with_control(test_id: UUID) -> ControlTest:
    found: ControlTest = ControlTest.objects.select_related(
        "control__engagement", "engagement"
    ).get(pk=test_id)
    return found


def note_export(population: Population, *, by: User) -> None:
    """Tell the trail that the rows leave, before their first byte does (AUD-1).

    Raises Refused for one that is not frozen, or was never read.
    """
    if not population.sha256:
        raise Refused("Nothing of this population is frozen yet.", code="population_not_read")
    trail.record(
        "exported", population, by=by, engagement_id=population.engagement_id,
        detail={"rows": population.row_count},
    )  # fmt: skip
