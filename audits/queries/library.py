"""What a client's library holds, as values: for imports, comparisons and lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from audits.models import (
    CatalogObjective,
    Control,
    ControlCriterion,
    ControlObjective,
    ControlObjectiveLink,
    ControlSystem,
    Criterion,
    Narrative,
    System,
)
from audits.rules.controls import ControlFields
from tenants.models import Organization, User

Links = dict[tuple[UUID, str], UUID]
"""(control, what it is linked to) → the link's id."""


@dataclass(slots=True)
class Library:
    """A client's library in memory: 7 queries whatever its size.

    controls (with their newest narrative) and what they tell by id, systems by folded name,
    objectives by id, links by control and by folded name or identifier.
    """

    controls: dict[str, Any] = field(default_factory=dict)
    told: dict[str, ControlFields] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    objectives: dict[str, ControlObjective] = field(default_factory=dict)
    system_links: Links = field(default_factory=dict)
    criterion_links: Links = field(default_factory=dict)
    objective_links: Links = field(default_factory=dict)


def newest_narrative(column: str) -> Subquery:
    """A column of a control's newest narrative, for an annotation on controls."""
    newest = Narrative.objects.filter(control=OuterRef("pk")).order_by("-number")
    return Subquery(newest.values(column)[:1])


def with_narratives(controls: QuerySet[Control]) -> QuerySet[Control]:
    """Controls with `narrative` and `narrative_number`, those of the newest version."""
    return controls.annotate(
        narrative=newest_narrative("text"), narrative_number=newest_narrative("number")
    )


def library_of(client: Organization, *, refs: Collection[str] | None = None) -> Library:
    """The library as its client keeps it; with `refs`, those controls only."""
    rows = with_narratives(Control.objects.filter(client=client))
    if refs is not None:
        rows = rows.filter(ref__in=refs)
    controls = {control.ref: control for control in rows}
    mine = Q(client=client, control__in=[control.pk for control in controls.values()])
    library = Library(
        controls=controls,
        systems={s.name.casefold(): s for s in System.objects.filter(client=client)},
        objectives={o.ref: o for o in ControlObjective.objects.filter(client=client)},
        criterion_links=_links(ControlCriterion, mine, "criterion_id"),
        objective_links=_links(ControlObjectiveLink, mine, "objective__ref"),
    )
    names = _links(ControlSystem, mine, "system__name")
    library.system_links = {(c, name.casefold()): pk for (c, name), pk in names.items()}
    library.told = _told(library, names)
    return library


def listed(
    user: User,
    client: Organization,
    *,
    words: str = "",
    frequency: str = "",
    nature: str = "",
    criterion: str = "",
    retired: bool = False,
) -> QuerySet[Any]:
    """Controls of the client's library that fit, by ref, with systems and links: 4 queries."""
    rows = Control.objects.visible_to(user).filter(client=client, retired_on__isnull=not retired)
    if words:
        rows = rows.filter(
            Q(ref__icontains=words) | Q(title__icontains=words) | Q(owner_role__icontains=words)
        )
    if frequency:
        rows = rows.filter(frequency=frequency)
    if nature:
        rows = rows.filter(nature=nature)
    if criterion:
        rows = rows.filter(
            Q(criterion_links__criterion=criterion) | Q(objective_links__objective__ref=criterion)
        ).distinct()
    return rows.prefetch_related("systems", *links_in_order())


def links_in_order() -> tuple[Prefetch[Any], Prefetch[Any]]:
    """What a control answers to: criteria in the catalog's order, objectives by id."""
    criteria = ControlCriterion.objects.order_by("criterion__position")
    objectives = ControlObjectiveLink.objects.select_related("objective").order_by("objective__ref")
    return Prefetch("criterion_links", criteria), Prefetch("objective_links", objectives)


def criteria_known() -> list[str]:
    """Identifiers of all criteria, in the catalog's order."""
    return list(Criterion.objects.values_list("identifier", flat=True))


def objectives_known(client: Organization) -> list[str]:
    """Ids of the objectives a control may serve: the client's own, then the catalog's."""
    own = ControlObjective.objects.filter(client=client).values_list("ref", flat=True)
    catalog = CatalogObjective.objects.values_list("identifier", flat=True)
    return list(dict.fromkeys([*own, *catalog]))


def _links(model: Any, mine: Q, target: str) -> Links:
    rows = model.objects.filter(mine).values_list("control_id", target, "pk")
    return {(control, name): pk for control, name, pk in rows}


def _told(library: Library, system_names: Links) -> dict[str, ControlFields]:
    systems, criteria, objectives = (
        _by_control(links)
        for links in (system_names, library.criterion_links, library.objective_links)
    )
    return {
        ref: ControlFields(
            ref, control.title, control.narrative or "", control.owner_role, control.frequency,
            control.nature, control.type, systems=systems[control.pk],
            criteria=criteria[control.pk], objectives=objectives[control.pk],
            evidence=tuple(control.evidence),
        )
        for ref, control in library.controls.items()
    }  # fmt: skip


def _by_control(links: Links) -> defaultdict[UUID, tuple[str, ...]]:
    found: defaultdict[UUID, tuple[str, ...]] = defaultdict(tuple)
    for control, name in links:
        found[control] += (name,)
    return found
