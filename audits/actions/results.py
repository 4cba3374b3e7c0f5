"""Writing what a test found, cell by cell or pasted, and items that belong to no population."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from audits.actions.control_tests import LIFECYCLE, design_refusal, held
from audits.choices.populations import WITHOUT_SAMPLE, ItemOrigin
from audits.choices.testing import CellResult, TestKind, TestStatus
from audits.models.control_tests import ControlTest
from audits.models.results import TestCell
from audits.models.samples import SampleItem
from audits.queries.results import counted
from tenants import trail
from tenants.canonical import digest
from tenants.errors import Invalid, Refused
from tenants.models import User

MOST: Final = 10_000
"""Cells written at once."""
LIMITS: Final = {"mark": 8, "note": 2_000}
MOST_UNSAMPLED: Final = 200


@dataclass(frozen=True, slots=True)
class Said:
    """What one cell came to. result: empty takes it back to pending."""

    item: UUID
    attribute: UUID
    result: str
    mark: str = ""
    note: str = ""


def write_cells(
    test: ControlTest, cells: Sequence[Said], *, by: User, version: int | None = None
) -> Counter[str]:
    """Write many cells at once, all or none; how many came to what, and how many were cleared.

    One upsert and one trail entry, whatever their number. A test that is approved begins with
    its first cell. Raises PermissionDenied, Invalid naming the cell, Refused, StaleVersion.
    """
    _check(cells)
    with transaction.atomic():
        row = held(test, by=by, version=version)
        _begin(row, by)
        told = _upsert(row, cells)
        row.refresh_from_db(fields=["version", "status"])
        trail.record(
            "tested", row, by=by, engagement_id=row.engagement_id, detail=dict(told)
        )  # fmt: skip
    test.version, test.status = row.version, row.status
    return told


def add_item(
    test: ControlTest, name: str, *, on: date | None, by: User, version: int | None = None,
    origin: str = "",
) -> SampleItem:  # fmt: skip
    """Look at a thing that is drawn from no population: one configuration on one day, for a
    control that a system performs (TP-06), or one instance, for a test of design (TP-02).

    Raises PermissionDenied, Invalid naming the field, Refused, StaleVersion.
    """
    design = test.kind == TestKind.DESIGN
    origin = origin or (ItemOrigin.INSTANCE if design else ItemOrigin.CONFIGURATION)
    if origin not in WITHOUT_SAMPLE or (origin == ItemOrigin.INSTANCE and not design):
        raise Invalid(
            "A test of operation looks at items of a population, or at configurations (TP-06).",
            code="origin_unfit", field="origin",
        )  # fmt: skip
    told = name.strip()
    if not told or len(told) > 300 or "\0" in told:
        said = "Name what you look at, in at most 300 characters."
        raise Invalid(said, code="name_required", field="name")
    if origin == ItemOrigin.CONFIGURATION and on is None:
        said = "Say on which day you saw this configuration."
        raise Invalid(said, code="day_required", field="on")
    with transaction.atomic():
        row = held(test, by=by, version=version)
        items = SampleItem.objects.filter(test=row)
        if items.filter(sample=None).count() >= MOST_UNSAMPLED:
            raise Refused(f"At most {MOST_UNSAMPLED} of these fit one test.", code="too_many")
        facts = {"name": told, "on": on.isoformat() if on else ""}
        item: SampleItem = SampleItem.objects.create(
            engagement=row.engagement, test=row, origin=origin, item_key=told, row=facts,
            row_sha256=digest(facts), added_by=by,
            position=(items.aggregate(last=Max("position"))["last"] or 0) + 1,
        )  # fmt: skip
        trail.record("item_added", row, by=by, engagement_id=row.engagement_id,
                     detail={"item": item.position})  # fmt: skip
    return item


def drop_item(item: SampleItem, *, by: User, version: int | None = None) -> None:
    """Take out an item of no population, with what was found of it.

    version: the test's. Raises PermissionDenied, Refused for an item that was drawn (SM-10).
    """
    if item.sample_id is not None:
        raise Refused("SM-10: an item that was drawn stays in the file.", code="drawn")
    with transaction.atomic():
        row = held(item.test, by=by, version=version)
        SampleItem.objects.filter(pk=item.pk).delete()
        trail.record("item_dropped", row, by=by, engagement_id=row.engagement_id,
                     detail={"item": item.position})  # fmt: skip


def not_with_a_deviation(item: SampleItem) -> str:
    """Why a drawn item is not replaced: what deviates is a result, not a bad row (SM-10)."""
    if TestCell.objects.filter(item=item, result=CellResult.DEVIATION).exists():
        return "SM-10: this item deviates. That is a result; it is not replaced."
    return ""


def _check(cells: Sequence[Said]) -> None:
    """Raises Invalid for what no cell may say."""
    if not cells or len(cells) > MOST:
        raise Invalid(
            f"Write between 1 and {MOST:,} cells at once.", code="too_many", field="cells"
        )
    seen: set[tuple[UUID, UUID]] = set()
    for number, cell in enumerate(cells, 1):
        if cell.result and cell.result not in CellResult.values:
            raise _wrong(number, f"“{cell.result[:12]}” is no result: pass, deviation or na")
        if (cell.item, cell.attribute) in seen:
            raise _wrong(number, "the list names it twice")
        if len(cell.mark) > LIMITS["mark"] or len(cell.note) > LIMITS["note"]:
            said = f"a mark has at most 8 characters, a note {LIMITS['note']:,}"
            raise _wrong(number, said)
        if "\0" in cell.mark or "\0" in cell.note:
            raise _wrong(number, "a zero character has no place in a record")
        seen.add((cell.item, cell.attribute))


def _wrong(number: int, said: str) -> Invalid:
    return Invalid(f"Cell {number}: {said}.", code="cell_unfit", field="cells")


def _begin(row: ControlTest, by: User) -> None:
    """The test is being performed, from the first cell on. Raises Refused."""
    if row.status == TestStatus.PLANNED:
        raise Refused(
            "This test is not approved yet. Have its plan approved before you fill it in.",
            code="test_not_approved",
        )
    if said := design_refusal(row):
        raise Refused(said, code="design_fails")
    LIFECYCLE.along("begin", row, by=by)


def _upsert(row: ControlTest, cells: Sequence[Said]) -> Counter[str]:
    """Write what differs. Raises Invalid for an item or attribute that is not the test's."""
    items = set(counted(row).values_list("pk", flat=True))
    asked = set(row.attributes.values_list("pk", flat=True))
    for number, cell in enumerate(cells, 1):
        if cell.item not in items or cell.attribute not in asked:
            raise _wrong(number, "this test has no such item and attribute, or shows it not to you")
    kept = {(each.item_id, each.attribute_id): each for each in TestCell.objects.filter(test=row)}
    written, cleared, told = [], [], Counter[str]()
    for cell in cells:
        old = kept.get((cell.item, cell.attribute))
        if not cell.result:
            if old:
                cleared.append(old.pk)
            continue
        told[cell.result] += 1
        if old is None or (old.result, old.mark, old.note) != (cell.result, cell.mark, cell.note):
            written.append(
                TestCell(
                    engagement_id=row.engagement_id, test=row, item_id=cell.item,
                    attribute_id=cell.attribute, result=cell.result, mark=cell.mark,
                    note=cell.note, version=old.version + 1 if old else 1,
                )
            )  # fmt: skip
    _store(written, cleared)
    told["cleared"] = len(cleared)
    return told


def _store(written: Sequence[TestCell], cleared: Collection[UUID]) -> None:
    if cleared:
        TestCell.objects.filter(pk__in=cleared).delete()
    if written:
        TestCell.objects.bulk_create(
            written, update_conflicts=True, unique_fields=["engagement", "item", "attribute"],
            update_fields=["result", "mark", "note", "version"],
        )  # fmt: skip
