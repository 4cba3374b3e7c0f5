"""The controls of an engagement: taken from the client's library, refreshed, mapped, dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from audits.models import (
    ControlCriterion,
    ControlMapping,
    ControlObjectiveLink,
    EngagementControl,
    ScopeItem,
)
from audits.queries.controls import WORDS, differs, library_rows, words_of
from audits.queries.scope import request_counts
from audits.rules import scope as rules
from tenants import trail
from tenants.choices import Basis
from tenants.errors import Invalid, NotVisible, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

RATIONALE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking controls did: how many are new, told anew, as before; mappings added."""

    taken: int
    refreshed: int
    unchanged: int
    mapped: int


def take_controls(engagement: Engagement, control_ids: Collection[UUID] | None, by: User) -> Taken:
    """Take a dated snapshot of controls of the client's library; None takes all that run.

    A control taken before keeps its record, and with it its requests and mappings; its words are
    replaced where the library tells it otherwise. The library's mappings to what this engagement
    examines come along, and no others (RT-20). Raises PermissionDenied, NotVisible for a control
    that is not of this client's library, Refused when one is retired or the engagement closed.
    """
    require(by, P.MAP_CONTROLS, engagement)
    rules.refuse_closed(engagement.status)
    with transaction.atomic():
        locked(engagement)
        controls = _chosen(engagement, control_ids, by)
        held = {one.control_id: one for one in engagement.controls.filter(control__in=controls)}
        new, changed = _snapshots(engagement, controls, held, by)
        EngagementControl.objects.bulk_create(new)
        if changed:
            EngagementControl.objects.bulk_update(
                changed, [*WORDS, "taken_by", "taken_at", "version"], batch_size=500
            )
        snapshots = {one.control_id: one for one in (*held.values(), *new)}
        mapped = _map_by_library(engagement, snapshots)
        taken = Taken(len(new), len(changed), len(held) - len(changed), mapped)
        if new or changed or mapped:
            trail.record(
                "controls_taken", engagement, by=by, engagement_id=engagement.pk,
                detail=asdict(taken),
            )  # fmt: skip
    return taken


def drop_control(control: EngagementControl, by: User, version: int | None = None) -> None:
    """Take a control out of the engagement, with its mappings.

    Raises PermissionDenied, Refused while evidence requests name it, StaleVersion.
    """
    engagement = control.engagement
    require(by, P.MAP_CONTROLS, engagement)
    rules.refuse_closed(engagement.status)
    if count := request_counts(engagement).by_control.get(control.pk, 0):
        raise _in_use(control, f"{count} evidence request{'' if count == 1 else 's'}")
    try:
        with transaction.atomic():
            with changing("dropped", control, by=by, version=version):
                pass
            EngagementControl.objects.filter(pk=control.pk).delete()
    except IntegrityError as held:
        raise _in_use(control, "evidence requests") from held


def _in_use(control: EngagementControl, by_what: str) -> Refused:
    return Refused(
        f"{control.ref} is named by {by_what}. Change those first.", code="control_in_use"
    )


def map_control(
    control: EngagementControl, scope_item: ScopeItem, rationale: str = "", *, by: User,
    version: int | None = None,
) -> ControlMapping:  # fmt: skip
    """The control answers to the scope item, with one line why (NR-14); mapping again rewrites it.

    Raises PermissionDenied, NotVisible for an item of another engagement, Refused for one that is
    left out, Invalid for a line over 300 characters, StaleVersion.
    """
    line = " ".join(rationale.split())
    _check_mapping(control, scope_item, line, by)
    told = {"scope_item": scope_item.identifier, "rationale": line}
    with changing("mapped", control, by=by, version=version, detail=told):
        mapping, _ = ControlMapping.objects.update_or_create(
            engagement=control.engagement, control=control, scope_item=scope_item,
            defaults={"rationale": line},
        )  # fmt: skip
    return mapping


def unmap(
    control: EngagementControl, scope_item: ScopeItem, *, by: User, version: int | None = None
) -> None:
    """The control answers to the scope item no more.

    Raises PermissionDenied, NotVisible when it was not mapped to it, StaleVersion.
    """
    require(by, P.MAP_CONTROLS, control.engagement)
    rules.refuse_closed(control.engagement.status)
    told = {"scope_item": scope_item.identifier}
    with changing("unmapped", control, by=by, version=version, detail=told):
        gone, _ = ControlMapping.objects.filter(control=control, scope_item=scope_item).delete()
        if not gone:
            raise NotVisible(f"{control.ref} is not mapped to {scope_item.identifier}.")


def _check_mapping(control: EngagementControl, scope_item: ScopeItem, line: str, by: User) -> None:
    require(by, P.MAP_CONTROLS, control.engagement)
    rules.refuse_closed(control.engagement.status)
    if scope_item.engagement_id != control.engagement_id:
        raise NotVisible("There is no such record, or it is not shown to you.")
    if not scope_item.relevant:
        raise Refused(
            f"{scope_item.identifier} is left out of scope. Take it back first.", code="left_out"
        )
    if len(line) > RATIONALE_LIMIT:
        raise Invalid(
            f"One line of {RATIONALE_LIMIT} characters is enough.", code="rationale_too_long",
            field="rationale",
        )  # fmt: skip


def _chosen(engagement: Engagement, control_ids: Collection[UUID] | None, by: User) -> list[Any]:
    """The controls meant, with narrative and systems: 2 queries."""
    library = library_rows(engagement, by)
    if control_ids is None:
        library = library.filter(retired_on=None)
    else:
        library = library.filter(pk__in=control_ids)
    controls = list(library)
    if control_ids is not None and len(controls) != len(set(control_ids)):
        raise NotVisible("One of these controls does not exist, or is not shown to you.")
    retired = [control.ref for control in controls if control.retired_on]
    if retired:
        raise Refused(
            f"{retired[0]} is retired in the client's library. Take the others without it.",
            code="control_retired",
        )
    return controls


def _snapshots(
    engagement: Engagement,
    controls: Sequence[Any],
    held: dict[UUID, EngagementControl],
    by: User,
) -> tuple[list[EngagementControl], list[EngagementControl]]:
    """New snapshots, and those held whose words have changed, with the new words in them."""
    new, changed = [], []
    for control in controls:
        words = words_of(control)
        snapshot = held.get(control.pk)
        if snapshot is None:
            new.append(
                EngagementControl(
                    engagement=engagement, client_id=engagement.client_id, control=control,
                    taken_by=by, **words,
                )
            )  # fmt: skip
        elif differs(snapshot, words):
            for name in WORDS:
                setattr(snapshot, name, words[name])
            snapshot.taken_by, snapshot.taken_at = by, timezone.now()
            snapshot.version += 1
            changed.append(snapshot)
    return new, changed


def _map_by_library(engagement: Engagement, snapshots: dict[UUID, EngagementControl]) -> int:
    """Add the library's mappings to this engagement's scope items; how many were added."""
    items = dict(engagement.scope_items.filter(relevant=True).values_list("identifier", "pk"))
    held = set(
        ControlMapping.objects.filter(engagement=engagement).values_list("control", "scope_item")
    )
    mappings = [
        ControlMapping(
            engagement=engagement, control=snapshots[control], scope_item_id=items[identifier],
            rationale=rationale,
        )
        for control, identifier, rationale in _library_links(engagement, snapshots)
        if identifier in items and (snapshots[control].pk, items[identifier]) not in held
    ]  # fmt: skip
    ControlMapping.objects.bulk_create(mappings)
    return len(mappings)


def _library_links(
    engagement: Engagement, control_ids: Iterable[UUID]
) -> Iterable[tuple[UUID, str, str]]:
    """(control, identifier, rationale) of the library's links of this engagement's basis."""
    model: Any = ControlObjectiveLink
    target = "objective__ref"
    if engagement.basis == Basis.CRITERION:
        model, target = ControlCriterion, "criterion_id"
    rows = model.objects.filter(client=engagement.client_id, control__in=list(control_ids))
    found: Iterable[tuple[UUID, str, str]] = rows.values_list("control", target, "rationale")
    return found
