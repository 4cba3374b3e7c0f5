"""Drawing a sample, expanding it, adding to it, replacing an item (SM-05 to SM-11).

Every act is kept with who, when and why; no item is ever taken out of the file.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Max

from audits.actions.control_tests import held
from audits.choices.populations import BY_HAND, DrawKind, ItemOrigin, PopulationStatus
from audits.choices.populations import SampleMethod as M
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.models.samples import Sample, SampleDraw, SampleItem
from audits.queries.population_rows import keys_of, numbers_of, rows_at
from audits.queries.samples import asked_of
from audits.rules.drawing import drawn, systematic
from audits.rules.firm_tables import MOST_ITEMS
from audits.rules.population_rows import row_hash
from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.models import User
from tenants.permissions import P

AFTER_DRAW: list[Callable[[Sample, list[SampleItem], User], None]] = []
"""What follows new items of a sample, in the same transaction: another app asks for evidence."""
BEFORE_REPLACING: list[Callable[[SampleItem], str]] = []
"""Reasons why an item may not be replaced; empty where there is none."""
BEFORE_EXPANDING: list[Callable[[Sample], str]] = []
"""Reasons why a sample may not grow; empty where there is none."""
BECAUSE: Final = {"void": "The row is void", "duplicate": "The row stands there twice"}
"""What lets an item be replaced (SM-10): evidence that is not there does not."""
SAY_WHY = "Say why."


@dataclass(frozen=True, slots=True)
class Choice:
    """How items are to be chosen. `size` None: as the firm's table says; `keys`: by hand."""

    method: str = M.RANDOM
    size: int | None = None
    why: str = ""
    keys: Sequence[str] = ()


def draw(population: Population, choice: Choice, *, by: User) -> Sample:
    """Draw from an accepted population, by a seed made now (SM-05, SM-06).

    The row of the table that was used is kept with the sample. Raises PermissionDenied, Invalid
    naming the field, Refused for a population that is not accepted, is empty or was drawn from.
    """
    with transaction.atomic():
        test = _held(population.test_id, by)
        row = _to_draw_from(population)
        asked = asked_of(row)
        size = _size(row, choice, asked.sized.size)
        seed = secrets.token_hex(16)
        numbers = _chosen(row, choice, seed, size)
        sample = Sample.objects.create(
            engagement=test.engagement, population=row, method=choice.method,
            why=choice.why.strip(), size=len(numbers), risk=asked.risk,
            table_number=asked.table_number, table_row=asked.sized.row, seed=seed, drawn_by=by,
        )  # fmt: skip
        _take(sample, test, numbers, DrawKind.DRAWN, ItemOrigin.DRAWN, by=by, verb="drawn")
    return sample


def expand(sample: Sample, count: int, *, reason: str, by: User) -> list[SampleItem]:
    """Take the next `count` items of the same ordered list; first results stay (SM-11).

    Where the first items were not drawn at random, the list is that of the rows not yet taken.
    Raises PermissionDenied, Invalid, Refused.
    """
    why = _why(reason)
    with transaction.atomic():
        test, numbers = _next(sample, count, by)
        if refusal := next((said for ask in BEFORE_EXPANDING if (said := ask(sample))), ""):
            raise Refused(refusal, code="not_expanded")
        return _take(
            sample, test, numbers, DrawKind.EXPANSION, ItemOrigin.EXPANSION, by=by,
            verb="expanded", reason=why,
        )  # fmt: skip


def add(sample: Sample, keys: Sequence[str], *, reason: str, by: User) -> list[SampleItem]:
    """Add rows by their keys, such as of a quarter no item reached (SM-08); drawn ones stay.

    Raises PermissionDenied, Invalid naming a key that is unknown or taken, Refused.
    """
    why = _why(reason)
    with transaction.atomic():
        test = _held(sample.population.test_id, by)
        _still_stands(sample)
        numbers = _named(sample.population, keys, _taken(sample))
        _refuse_too_many(sample, len(numbers))
        return _take(
            sample, test, numbers, DrawKind.ADDED, ItemOrigin.ADDED, by=by, verb="added_to",
            reason=why,
        )  # fmt: skip


def replace(item: SampleItem, *, because: str, reason: str, by: User) -> SampleItem:
    """Put the next item of the ordered list in place of one whose row is void or doubled (SM-10).

    Evidence that is not available is a deviation, never a replacement. Raises PermissionDenied,
    Invalid, Refused for an item that was replaced or belongs to no sample.
    """
    why = _why(reason)
    if because not in BECAUSE:
        raise Invalid(
            "SM-10: an item is replaced when its row is void, or stands there twice. Evidence that "
            "is not available is a deviation.", code="reason_unknown", field="because",
        )  # fmt: skip
    if item.sample is None:
        raise Refused("This item is of no population.", code="no_sample")
    with transaction.atomic():
        test, numbers = _next(item.sample, 1, by)
        if SampleItem.objects.filter(replaces=item).exists():
            raise Refused("This item was replaced already.", code="replaced")
        if refusal := next((why_not for ask in BEFORE_REPLACING if (why_not := ask(item))), ""):
            raise Refused(refusal, code="not_replaced")
        return _take(
            item.sample, test, numbers, DrawKind.REPLACED, ItemOrigin.REPLACEMENT, by=by,
            verb="replaced_in", reason=f"{BECAUSE[because]}: {why}", replaces=item,
        )[0]  # fmt: skip


def _held(test_id: object, by: User) -> ControlTest:
    rows = ControlTest.objects.select_related("control__engagement", "engagement")
    test: ControlTest = rows.get(pk=test_id)
    held(test, by=by, asks=P.PLAN_TEST)
    return test


def _to_draw_from(population: Population) -> Population:
    """The population, accepted, with rows, and not drawn from yet; its test is locked."""
    row: Population = Population.objects.select_related("engagement").get(pk=population.pk)
    if row.status != PopulationStatus.ACCEPTED:
        raise Refused(
            f"SM-01: nothing is drawn before the population is accepted; it is "
            f"“{row.get_status_display().lower()}”.", code="population_not_accepted",
        )  # fmt: skip
    if not row.row_count:
        raise Refused(
            "SM-04: the population has no row, so there is nothing to draw: the control did not "
            "occur.", code="population_empty",
        )  # fmt: skip
    if Sample.objects.filter(population=row).exists():
        raise Refused(
            "The sample of this population is drawn. Expand it, or add items, with the reason.",
            code="drawn",
        )
    return row


def _size(row: Population, choice: Choice, table_says: int) -> int:
    """How many items. Raises Invalid where the size needs a reason, or does not fit."""
    if choice.method not in M.values:
        raise Invalid("Choose how items are chosen.", code="method_unknown", field="method")
    size = table_says if choice.size is None else choice.size
    if choice.method == M.ALL:
        size = row.row_count
    elif choice.method in BY_HAND:
        size = len(choice.keys)
    if not 1 <= size <= min(row.row_count, MOST_ITEMS):
        raise Invalid(
            f"A sample holds 1 to {MOST_ITEMS:,} items, and no more than the population’s "
            f"{row.row_count:,} rows.", code="size_unfit", field="size",
        )  # fmt: skip
    if not choice.why.strip() and (choice.method in BY_HAND or size != table_says):
        raise Invalid(
            "Say why these items." if choice.method in BY_HAND
            else f"The firm’s table says {table_says}. Say why another size fits.",
            code="note_required", field="why",
        )  # fmt: skip
    return size


def _chosen(row: Population, choice: Choice, seed: str, size: int) -> list[int]:
    """The numbers of the rows, in the order drawn."""
    if choice.method == M.ALL:
        return list(range(1, row.row_count + 1))
    if choice.method == M.SYSTEMATIC:
        return systematic(row.row_count, seed, size)
    if choice.method in BY_HAND:
        return _named(row, choice.keys, frozenset())
    return [number for number, _ in drawn(keys_of(row), seed, row.sha256, size)]


def _named(row: Population, keys: Sequence[str], taken: frozenset[int]) -> list[int]:
    """The rows of these keys. Raises Invalid naming the first that does not fit."""
    wanted = [key.strip() for key in keys if key.strip()]
    if not wanted or len(set(wanted)) < len(wanted):
        raise Invalid(
            "Name each row once, by its key." if wanted else "Name at least one row by its key.",
            code="keys", field="keys",
        )  # fmt: skip
    found = numbers_of(row, wanted)
    for key in wanted:
        if key not in found or found[key] in taken:
            what = "is in the sample already" if key in found else "is no row of the population"
            raise Invalid(f"“{key[:60]}” {what}.", code="key_unfit", field="keys")
    return [found[key] for key in wanted]


def _next(sample: Sample, count: int, by: User) -> tuple[ControlTest, list[int]]:
    """The test, held, and the next rows of the ordered list. Raises Invalid, Refused."""
    test = _held(sample.population.test_id, by)
    _still_stands(sample)
    row, taken = sample.population, _taken(sample)
    left = row.row_count - len(taken)
    if not 1 <= count <= left:
        raise Invalid(
            f"The population has {left:,} row{'' if left == 1 else 's'} left to take.",
            code="count_unfit", field="count",
        )  # fmt: skip
    _refuse_too_many(sample, count)
    found = drawn(keys_of(row), sample.seed, row.sha256, count, but=taken)
    return test, [number for number, _ in found]


def _still_stands(sample: Sample) -> None:
    rows = Population.objects.filter(pk=sample.population_id)
    if rows.values_list("status", flat=True).get() != PopulationStatus.ACCEPTED:
        raise Refused(
            "SM-07: a later version replaced this population; draw from that one.",
            code="population_superseded",
        )


def _taken(sample: Sample) -> frozenset[int]:
    rows = SampleItem.objects.filter(sample=sample).values_list("row_number", flat=True)
    return frozenset(filter(None, rows))


def _refuse_too_many(sample: Sample, count: int) -> None:
    if len(_taken(sample)) + count > MOST_ITEMS:
        raise Invalid(
            f"A sample holds at most {MOST_ITEMS:,} items.", code="count_unfit", field="count"
        )


def _take(
    sample: Sample, test: ControlTest, numbers: Sequence[int], kind: str, origin: str, *,
    by: User, verb: str, reason: str = "", replaces: SampleItem | None = None,
) -> list[SampleItem]:  # fmt: skip
    """Write the items and the act that brought them, and tell who follows."""
    held_items = SampleItem.objects.filter(test=test)
    start = 1 + (held_items.aggregate(last=Max("position"))["last"] or 0)
    rows = rows_at(sample.population, numbers)
    items = [
        SampleItem(
            engagement_id=sample.engagement_id, test=test, sample=sample, position=position,
            item_key=rows[number][0], row_number=number, row=rows[number][1:],
            row_sha256=row_hash(rows[number]), origin=origin, replaces=replaces, reason=reason,
            added_by=by,
        )
        for position, number in enumerate(numbers, start=start)
    ]  # fmt: skip
    SampleItem.objects.bulk_create(items)
    SampleDraw.objects.create(
        engagement_id=sample.engagement_id, sample=sample, kind=kind, count=len(items),
        reason=reason, made_by=by,
    )  # fmt: skip
    trail.record(
        verb, sample, by=by, engagement_id=sample.engagement_id, note=reason,
        detail={"count": len(items), "seed": sample.seed, "method": sample.method},
    )  # fmt: skip
    for follow in AFTER_DRAW:
        follow(sample, items, by)
    return items


def _why(reason: str) -> str:
    told = reason.strip()
    if not told or len(told) > 4_000 or "\0" in told:
        raise Invalid(SAY_WHY, code="note_required", field="reason")
    return told
