"""From what was concluded down to the bytes it rests on, and back up; the firm's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count

from audits.models import EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, ScopeItemConclusion
from audits.models.control_tests import ControlTest
from audits.models.deviations import Deviation
from audits.models.opinions import Modification, OpinionPart
from tenants.models import Engagement, User


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that were handed over: a file's name, its SHA-256 in hex, where it is."""

    name: str
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where pieces came from: what was asked, how it stands, and the pieces."""

    ref: str
    title: str
    standing: str
    url: str
    pieces: tuple[Piece, ...] = ()


SOURCES: list[Callable[[Engagement, User, Collection[UUID]], Mapping[UUID, list[Source]]]] = []
"""Control → what was handed over for it, as far as the person sees it; higher apps add theirs."""


@dataclass(slots=True)
class ControlWalk:
    """A control between what was concluded above it and what was seen below it."""

    control: EngagementControl
    conclusion: ControlConclusion | None = None
    tests: list[ControlTest] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ItemWalk:
    """A scope item and what it came to."""

    item: ScopeItem
    conclusion: ScopeItemConclusion | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A part of the opinion, and what modifies it because of the items walked to."""

    part: OpinionPart
    modifications: tuple[Modification, ...]


def down(item: ScopeItem, person: User) -> list[ControlWalk]:
    """The controls that answer to an item, each with what was seen of it."""
    rows = EngagementControl.objects.visible_to(person).filter(mappings__scope_item=item)
    return of_controls(item.engagement, rows.order_by("ref"), person)


def of_controls(
    engagement: Engagement, controls: Iterable[EngagementControl], person: User
) -> list[ControlWalk]:
    """Controls in their order, with conclusion, tests, deviations and sources.

    Three queries and those of the sources, whatever their number.
    """
    found = {row.pk: ControlWalk(row) for row in controls}
    for held in _of(ControlConclusion, found, person):
        found[held.control_id].conclusion = held
    tests = _of(ControlTest, found, person).annotate(item_count=Count("items"))
    for test in tests.order_by("kind", "number"):
        found[test.control_id].tests.append(test)
    for deviation in _of(Deviation, found, person):
        found[deviation.control_id].deviations.append(deviation)
    for sources in SOURCES:
        for key, each in sources(engagement, person, found.keys()).items():
            found[key].sources.extend(each)
    return list(found.values())


def up(controls: Collection[UUID], person: User) -> list[ItemWalk]:
    """The items that controls answer to, by position, with what each came to: two queries."""
    items = ScopeItem.objects.visible_to(person).filter(mappings__control__in=controls)
    held = {
        row.scope_item_id: row
        for row in ScopeItemConclusion.objects.visible_to(person).filter(
            scope_item__mappings__control__in=controls
        )
    }
    return [ItemWalk(item, held.get(item.pk)) for item in items.order_by("position").distinct()]


def opinion(engagement: Engagement, items: Collection[UUID], person: User) -> list[Sentence]:
    """The parts of the opinion, each with what modifies it because of these items: two queries."""
    because: dict[UUID, list[Modification]] = defaultdict(list)
    for row in Modification.objects.visible_to(person).filter(
        engagement=engagement, scope_item__in=items
    ):
        because[row.part_id].append(row)
    parts = OpinionPart.objects.visible_to(person).filter(engagement=engagement)
    return [Sentence(part, tuple(because[part.pk])) for part in parts]


def _of(model: Any, controls: Collection[UUID], person: User) -> Any:
    return model.objects.visible_to(person).filter(control__in=controls)
