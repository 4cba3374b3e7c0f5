"""The controls of an engagement as lists show them, and where they stand to the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from audits.models import Control, ControlMapping, EngagementControl
from audits.queries.library import with_narratives
from tenants.models import Engagement, User

WORDS = (
    "ref", "title", "narrative", "narrative_number", "owner_role", "frequency", "nature", "type",
    "systems", "evidence",
)  # fmt: skip
"""What a snapshot copies of a control."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An engagement's controls beside the client's library.

    new: controls that run and are not taken; changed: taken and told otherwise since; retired:
    taken, and no longer run. All are controls of the library, by ref.
    """

    new: tuple[Any, ...]
    changed: tuple[Any, ...]
    retired: tuple[Any, ...]

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to take."""
        return not self.new and not self.changed


def words_of(control: Any) -> dict[str, Any]:
    """What a snapshot of a library control says now. Needs narrative and systems fetched."""
    words = {name: getattr(control, name) for name in WORDS if name != "systems"}
    return {**words, "systems": sorted(system.name for system in control.systems.all())}


def differs(snapshot: EngagementControl, words: Mapping[str, Any]) -> bool:
    """Whether the library tells a control otherwise than the snapshot."""
    return any(getattr(snapshot, name) != words[name] for name in WORDS)


def library_rows(engagement: Engagement, user: User) -> QuerySet[Any]:
    """The controls of the client's library, with all a snapshot copies: 2 queries."""
    rows = Control.objects.visible_to(user).filter(client=engagement.client_id)
    return with_narratives(rows).prefetch_related("systems")


def standing(engagement: Engagement, user: User) -> Standing:
    """How far the engagement's controls are from the library: 3 queries."""
    held = {one.control_id: one for one in engagement.controls.all()}
    new, changed, retired = [], [], []
    for control in library_rows(engagement, user):
        snapshot = held.get(control.pk)
        if control.retired_on:
            retired += [control] if snapshot else []
        elif snapshot is None:
            new.append(control)
        elif differs(snapshot, words_of(control)):
            changed.append(control)
    return Standing(tuple(new), tuple(changed), tuple(retired))


def listed(
    engagement: Engagement,
    user: User,
    *,
    words: str = "",
    frequency: str = "",
    nature: str = "",
    scope_item: str = "",
    unmapped: bool = False,
) -> QuerySet[Any]:
    """The engagement's controls that fit, by ref, with their mappings fetched: 2 queries."""
    rows = EngagementControl.objects.visible_to(user).filter(engagement=engagement)
    if words:
        rows = rows.filter(
            Q(ref__icontains=words) | Q(title__icontains=words) | Q(owner_role__icontains=words)
        )
    if frequency:
        rows = rows.filter(frequency=frequency)
    if nature:
        rows = rows.filter(nature=nature)
    if scope_item:
        rows = rows.filter(mappings__scope_item__identifier=scope_item)
    if unmapped:
        rows = rows.filter(mappings=None)
    return rows.prefetch_related(mappings_in_order())


def mappings_in_order() -> Prefetch[Any]:
    """A control's mappings with their scope items, in the order of the scope."""
    rows = ControlMapping.objects.select_related("scope_item").order_by("scope_item__position")
    return Prefetch("mappings", rows)
