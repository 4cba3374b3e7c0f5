"""Deviations in lists, as a signature covers one, and what fieldwork and review ask of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from audits.choices.deviations import DeviationStatus
from audits.models.deviations import Deviation
from audits.papers import Content
from audits.queries.test_results import Cell, deviating_cells
from audits.rules.deviations import unexplained
from tenants.canonical import digest, plain
from tenants.choices import OVER
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.searching import SHOWN
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting
from tenants.whole import whole_file

WORDS = ("happened", "cause", "effect", "fixed", "compensating_why", "found_by")


def told_of(engagement: Engagement) -> dict[tuple[UUID, UUID], Deviation]:
    """(item, attribute) → the deviation that was written down of that cell (1 query)."""
    rows = Deviation.objects.filter(engagement=engagement, item__isnull=False)
    return {(row.item_id, row.attribute_id): row for row in rows}


def untold(engagement: Engagement) -> list[Cell]:
    """Cells that deviate and that nobody wrote down yet, as far as they are seen (2 queries)."""
    known = told_of(engagement)
    return [
        cell for cell in deviating_cells(engagement)
        if (cell.item_id, cell.attribute_id) not in known
    ]  # fmt: skip


def listed(engagement: Engagement, user: User) -> QuerySet[Any]:
    """The deviations of an engagement that `user` sees, by number."""
    rows: QuerySet[Any] = Deviation.objects.visible_to(user).filter(engagement=engagement)
    return rows.select_related("control", "item", "attribute").order_by("number")


def next_number(engagement: Engagement) -> int:
    """One past the highest number there is, hidden ones counted (1 query)."""
    with whole_file(engagement):
        rows = Deviation.objects.filter(engagement=engagement).order_by("-number")
        return (rows.values_list("number", flat=True).first() or 0) + 1


def of_controls(engagement: Engagement) -> dict[UUID, list[Deviation]]:
    """Control → its deviations by number (1 query)."""
    found: dict[UUID, list[Deviation]] = defaultdict(list)
    rows = Deviation.objects.filter(engagement=engagement).order_by("number")
    for row in rows.select_related("control"):
        found[row.control_id].append(row)
    return dict(found)


def reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """What a signature on each deviation covers (1 query).

    Of an item that only named people see the words enter as a hash.
    """
    rows = Deviation.objects.filter(engagement=engagement)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    rows = rows.select_related("control", "compensating", "attribute", "item__sample__population")
    return {row.pk: _content(row) for row in rows.order_by("number")}


def _content(row: Deviation) -> Content:
    words: Any = {name: getattr(row, name) for name in WORDS}
    if row.item and row.item.sample and row.item.sample.population.named is not None:
        words = digest(plain(words))
    return {
        "number": row.number, "ref": row.control.ref, "words": words,
        "item": row.item.position if row.item else None,
        "attribute": row.attribute.letter if row.attribute else "",
        "happened_on": row.happened_on, "nature": row.nature, "intentional": row.intentional,
        "after_the_fact": row.after_the_fact,
        "compensating": row.compensating.ref if row.compensating else "",
    }  # fmt: skip


def name(content: Content) -> str:
    """What lists call one."""
    return f"Deviation {content['number']} of {content['ref']}"


def open_at_fieldwork(engagement: Engagement) -> list[Finding]:
    """Cells nobody wrote down, deviations without nature and cause, and such whose cell says
    otherwise by now (3 queries)."""
    cells = deviating_cells(engagement)
    known = told_of(engagement)
    deviating = {(cell.item_id, cell.attribute_id) for cell in cells}
    found = [
        _finding(
            engagement, "DV-01", f"{ref}: {count} deviating cell{'' if count == 1 else 's'} "
            "stand in no deviation.", "Write down what the grids show.", f"untold {ref}",
        )
        for ref, count in _by_ref(cells, known).items()
    ]  # fmt: skip
    rows = Deviation.objects.filter(engagement=engagement).select_related("control")
    for row in rows.order_by("number"):
        found += _unfinished(engagement, row, deviating)
    return found


def _by_ref(cells: list[Cell], known: Mapping[tuple[UUID, UUID], Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for cell in cells:
        if (cell.item_id, cell.attribute_id) not in known:
            counts[cell.ref] = counts.get(cell.ref, 0) + 1
    return counts


def _unfinished(
    engagement: Engagement, row: Deviation, deviating: set[tuple[UUID, UUID]]
) -> list[Finding]:
    about = f"{row}"
    key = (row.item_id, row.attribute_id)
    if row.item_id and key not in deviating:
        rule = "DV-02" if row.after_the_fact else "DV-01"
        cure = (
            "Evidence made after the fact is a deviation: correct the grid."
            if row.after_the_fact else "Take it back, or correct the grid."
        )  # fmt: skip
        said = f"{about} names a cell that does not deviate."
        return [_finding(engagement, rule, said, cure, str(row.pk), row)]
    if row.status == DeviationStatus.FOUND:
        lacks = unexplained(row.cause, row.nature, row.effect)
        cure = lacks or "Say that it is explained."
        said = f"{about} has no nature and cause yet." if lacks else f"{about} is not explained."
        return [_finding(engagement, "DV-01", said, cure, str(row.pk), row)]
    return []


def _finding(
    engagement: Engagement, rule: str, said: str, cure: str, subject: str,
    row: Deviation | None = None,
) -> Finding:  # fmt: skip
    route = (
        ("audits:deviation", (engagement.pk, row.pk)) if row
        else ("audits:deviations", (engagement.pk,))
    )  # fmt: skip
    return Finding(rule, BLOCK, said, cure, route, subject[:80])


def to_explain(user: User) -> list[WaitingGroup]:
    """For those who plan tests: engagements with deviations nobody has explained (1 query)."""
    mine = engagements_granting(user, P.PLAN_TEST)
    rows = (
        Deviation.objects.visible_to(user)
        .filter(engagement__in=mine, status=DeviationStatus.FOUND)
        .exclude(engagement__status__in=OVER)
        .values("engagement", "engagement__title")
        .annotate(
            count=Count("id"), serious=Count("id", filter=Q(intentional=True) |
                                             Q(after_the_fact=True)),
        )
        .order_by("engagement__title")
    )  # fmt: skip
    items = [
        WaitingItem(
            f"{row['count']} deviation{'' if row['count'] == 1 else 's'} to explain",
            reverse("audits:deviations", args=[row["engagement"]]),
            engagement=row["engagement__title"],
            note=f"{row['serious']} with intent or made after the fact" if row["serious"] else "",
        )
        for row in rows
    ]  # fmt: skip
    if not items:
        return []
    return [
        WaitingGroup("Deviations", "To explain", items[:SHOWN], len(items), icon="alert-triangle")
    ]
