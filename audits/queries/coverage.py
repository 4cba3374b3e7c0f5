"""The coverage picture of an engagement: criteria or objectives by controls, holes visible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.urls import reverse

from audits.models import ControlMapping, EngagementControl, ScopeItem
from audits.queries.scope import REQUEST_COUNTS, RequestCounts, request_counts
from audits.rules.series import series_title
from tenants.choices import Basis
from tenants.models import Engagement, User
from tenants.queries.progress import Progress

__all__ = [
    "REQUEST_COUNTS",
    "Coverage",
    "CoveredItem",
    "CoveringControl",
    "RequestCounts",
    "Series",
    "coverage",
    "narrowed",
    "progress",
]


@dataclass(frozen=True, slots=True)
class CoveringControl:
    """A control of the engagement. item_count: scope items it answers to; 0 is a hole too."""

    id: UUID
    ref: str
    title: str
    item_count: int
    request_count: int


@dataclass(frozen=True, slots=True)
class CoveredItem:
    """A criterion or objective with the controls that answer to it, by their ids in ref order."""

    id: UUID
    identifier: str
    title: str
    series: str
    relevant: bool
    reason: str
    control_ids: tuple[UUID, ...]
    request_count: int

    @property
    def is_hole(self) -> bool:
        """Whether it is examined and no control answers to it."""
        return self.relevant and not self.control_ids


@dataclass(frozen=True, slots=True)
class Series:
    """The items of one series of criteria, or of one domain of objectives, in order."""

    code: str
    title: str
    items: tuple[CoveredItem, ...]

    @property
    def hole_count(self) -> int:
        """How many of its items no control answers to."""
        return sum(item.is_hole for item in self.items)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The whole picture. controls: every control of the engagement, by ref."""

    series: tuple[Series, ...]
    controls: tuple[CoveringControl, ...]

    @property
    def items(self) -> list[CoveredItem]:
        """Every item of all series."""
        return [item for series in self.series for item in series.items]

    @property
    def examined_count(self) -> int:
        """Items that are not left out."""
        return sum(item.relevant for item in self.items)

    @property
    def holes(self) -> list[CoveredItem]:
        """Examined items without a control."""
        return [item for item in self.items if item.is_hole]

    @property
    def idle(self) -> list[CoveringControl]:
        """Controls that answer to nothing examined here."""
        return [control for control in self.controls if not control.item_count]


def coverage(engagement: Engagement) -> Coverage:
    """The picture of one engagement: 3 queries, and those of the counts higher apps add.

    The caller has found the engagement by `visible_to`.
    """
    items = list(
        ScopeItem.objects.filter(engagement=engagement)
        .order_by("position")
        .values_list("pk", "identifier", "title", "series", "relevant", "reason")
    )
    controls = list(
        EngagementControl.objects.filter(engagement=engagement)
        .order_by("ref")
        .values_list("pk", "ref", "title")
    )
    mapped = _mapped(engagement, [control[0] for control in controls])
    counts = request_counts(engagement)
    covered = [
        CoveredItem(
            pk, identifier, title, series, relevant, reason, tuple(mapped[pk]),
            counts.by_scope_item.get(pk, 0),
        )
        for pk, identifier, title, series, relevant, reason in items
    ]  # fmt: skip
    return Coverage(_by_series(covered), _covering(controls, covered, counts))


def progress(user: User, engagements: Sequence[Engagement]) -> dict[UUID, Progress]:
    """How many of the examined items a control answers to, for each engagement (1 query)."""
    rows = (
        ScopeItem.objects.visible_to(user)
        .filter(engagement__in=[engagement.pk for engagement in engagements], relevant=True)
        .order_by()
        .values("engagement")
        .annotate(
            total=Count("pk", distinct=True),
            done=Count("pk", distinct=True, filter=Q(mappings__isnull=False)),
        )
    )
    objectives = {one.pk for one in engagements if one.basis == Basis.OBJECTIVE}
    return {
        row["engagement"]: Progress(
            "Objectives covered" if row["engagement"] in objectives else "Criteria covered",
            row["done"], row["total"], hint="by at least one control",
            url=reverse("audits:coverage", args=[row["engagement"]]),
        )
        for row in rows
    }  # fmt: skip


def narrowed(picture: Coverage, *, series: str = "", holes_only: bool = False) -> Coverage:
    """The part of a picture a person asks for; without holes, only controls that answer to it."""
    kept = tuple(
        replace(one, items=items)
        for one in picture.series
        if not series or one.code == series
        if (items := tuple(item for item in one.items if item.is_hole or not holes_only))
    )
    if not series and not holes_only:
        return picture
    answering = {control for one in kept for item in one.items for control in item.control_ids}
    return Coverage(kept, tuple(c for c in picture.controls if c.id in answering))


def _mapped(engagement: Engagement, order: Sequence[UUID]) -> defaultdict[UUID, list[UUID]]:
    """Scope item → its controls in the given order."""
    place = {control: at for at, control in enumerate(order)}
    pairs = ControlMapping.objects.filter(engagement=engagement).values_list(
        "scope_item", "control"
    )
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for item, control in sorted(pairs, key=lambda pair: place[pair[1]]):
        found[item].append(control)
    return found


def _by_series(items: Iterable[CoveredItem]) -> tuple[Series, ...]:
    return tuple(
        Series(code, series_title(code), tuple(members))
        for code, members in groupby(items, key=lambda item: item.series)
    )


def _covering(
    controls: Sequence[Any], items: Sequence[CoveredItem], counts: RequestCounts
) -> tuple[CoveringControl, ...]:
    answering: defaultdict[UUID, int] = defaultdict(int)
    for item in items:
        for control in item.control_ids if item.relevant else ():
            answering[control] += 1
    return tuple(
        CoveringControl(pk, ref, title, answering[pk], counts.by_control.get(pk, 0))
        for pk, ref, title in controls
    )
