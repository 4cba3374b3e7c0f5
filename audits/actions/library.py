"""Bringing a control list into the client's library: all of it or nothing.

The client alone writes its library (soc.md, section 19); firms engaged with it read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from audits.models import (
    CatalogObjective,
    Control,
    ControlCriterion,
    ControlObjective,
    ControlObjectiveLink,
    ControlSystem,
    Narrative,
    System,
)
from audits.queries.library import (
    Library,
    Links,
    criteria_known,
    library_of,
    objectives_known,
)
from audits.rules import control_changes
from audits.rules.control_changes import ControlChange, Outcome
from audits.rules.control_list import ControlList, read_control_list
from audits.rules.controls import ControlFields
from audits.rules.delimited import text_of
from tenants import trail
from tenants.errors import Invalid
from tenants.models import Organization, User
from tenants.permissions import P, require

ATTRIBUTES = ("title", "owner_role", "frequency", "nature", "type", "evidence")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or would do: counts, and the change of each control in its order."""

    created: int
    updated: int
    unchanged: int
    changes: tuple[ControlChange, ...]


def read(client: Organization, content: bytes | str, by: User) -> ControlList:
    """Read a control list for this client, which knows its objectives.

    Raises PermissionDenied, Invalid for what is no list; bad rows are in its problems.
    """
    require(by, P.EDIT_LIBRARY, client)
    text = content if isinstance(content, str) else text_of(content)
    return read_control_list(text, criteria=criteria_known(), objectives=objectives_known(client))


def preview_controls(client: Organization, rows: Sequence[ControlFields], by: User) -> Imported:
    """What `import_controls` would do with these controls; nothing is written.

    Raises PermissionDenied.
    """
    require(by, P.EDIT_LIBRARY, client)
    changes = control_changes.compare(library_of(client).told, rows)
    return Imported(**control_changes.count(changes), changes=tuple(changes))


def import_controls(client: Organization, rows: Sequence[ControlFields], by: User) -> Imported:
    """Create and update the controls of a list, with systems, narratives and mappings.

    A second import of the same list changes nothing; a narrative told otherwise becomes a new
    version. What the list does not name stays. Raises PermissionDenied, Invalid for an id that
    stands twice.
    """
    require(by, P.EDIT_LIBRARY, client)
    _refuse_doubles(rows)
    with transaction.atomic():
        lock(client)
        library = library_of(client)
        changes = control_changes.compare(library.told, rows)
        counts = control_changes.count(changes)
        write(client, library, changes, by=by)
        if counts["created"] or counts["updated"]:
            trail.record(
                "controls_imported", client, by=by, organization_id=client.pk, detail=counts
            )
    return Imported(**counts, changes=tuple(changes))


def import_control_list(client: Organization, content: bytes | str, by: User) -> Imported:
    """Read a control list and import it, when every row of it is sound.

    Raises PermissionDenied, Invalid naming the first refused row and how many there are.
    """
    found = read(client, content, by)
    refuse_errors(found)
    return import_controls(client, found.controls, by)


def refuse_errors(found: ControlList) -> None:
    """Raise Invalid when a row of the list was refused: nothing is imported by halves."""
    if not found.errors:
        return
    first, rows = found.errors[0], len({problem.row for problem in found.errors})
    raise Invalid(
        f"Row {first.row}, {first.column}: {first.message} Nothing was imported"
        + (f"; {rows} rows need correction." if rows > 1 else "."),
        code=first.code, field="file",
    )  # fmt: skip


def lock(client: Organization) -> None:
    """Let one change of a library happen at a time."""
    Organization.objects.select_for_update(no_key=True).get(pk=client.pk)


def write(
    client: Organization,
    library: Library,
    changes: Sequence[ControlChange],
    *,
    by: User,
    effective_from: date | None = None,
) -> None:
    """Write changes in a fixed number of statements; the caller holds the lock.

    effective_from: the first day of the new narratives; None when controls always ran so.
    """
    meant = [change for change in changes if change.outcome != Outcome.UNCHANGED]
    if not meant:
        return
    _add_systems(client, library, meant)
    _add_objectives(client, library, meant)
    _write_controls(client, library, meant)
    told_anew = [c for c in meant if c.outcome == Outcome.CREATE or "narrative" in c.changed]
    Narrative.objects.bulk_create(
        Narrative(
            client=client, control=library.controls[change.told.ref], written_by=by,
            number=(getattr(library.controls[change.told.ref], "narrative_number", 0) or 0) + 1,
            text=change.told.narrative, effective_from=effective_from,
        )
        for change in told_anew
    )  # fmt: skip
    for field, model, links, target in (
        ("systems", ControlSystem, library.system_links, _system(library)),
        ("criteria", ControlCriterion, library.criterion_links, _criterion),
        ("objectives", ControlObjectiveLink, library.objective_links, _objective(library)),
    ):
        _write_links(client, library, meant, field, model, links, target)


def _add_systems(client: Organization, library: Library, changes: Sequence[ControlChange]) -> None:
    names = {name.casefold(): name for c in changes for name in reversed(c.told.systems or ())}
    new = [System(client=client, name=n) for key, n in names.items() if key not in library.systems]
    for system in System.objects.bulk_create(new):
        library.systems[system.name.casefold()] = system


def _add_objectives(
    client: Organization, library: Library, changes: Sequence[ControlChange]
) -> None:
    """Take the catalog objectives that are named into the client's own."""
    named = {ref for c in changes for ref in c.told.objectives or ()} - library.objectives.keys()
    if named:
        catalog = CatalogObjective.objects.filter(identifier__in=named)
        adopted = ControlObjective.objects.bulk_create(adopt(client, one) for one in catalog)
        library.objectives |= {objective.ref: objective for objective in adopted}
    if missing := named - library.objectives.keys():
        raise Invalid(
            f"“{min(missing)}” is none of your control objectives, nor one of the catalog.",
            code="unknown_objective", field="objectives",
        )  # fmt: skip


def adopt(client: Organization, objective: CatalogObjective) -> ControlObjective:
    """An objective of the catalog as the client's own, not saved yet."""
    return ControlObjective(
        client=client, ref=objective.identifier, group=objective.group, domain=objective.domain,
        title=objective.title, text=objective.text,
    )  # fmt: skip


def _write_controls(
    client: Organization, library: Library, changes: Sequence[ControlChange]
) -> None:
    created, updated = [], []
    for change in changes:
        control = library.controls.get(change.told.ref)
        if control is None:
            control = Control(client=client, ref=change.told.ref)
            created.append(control)
        else:
            control.version += 1
            updated.append(control)
        for name in ATTRIBUTES:
            if (value := getattr(change.told, name)) is not None:
                setattr(control, name, list(value) if name == "evidence" else value)
        library.controls[control.ref] = control
    Control.objects.bulk_create(created)
    if updated:
        Control.objects.bulk_update(updated, [*ATTRIBUTES, "version"], batch_size=500)


def _write_links(
    client: Organization,
    library: Library,
    changes: Sequence[ControlChange],
    field: str,
    model: Any,
    links: Links,
    target: Callable[[str], dict[str, Any]],
) -> None:
    """Add the links that are told and take away those that are told no more."""
    told = {
        library.controls[change.told.ref].pk: {
            name.casefold() if field == "systems" else name: name
            for name in getattr(change.told, field)
        }
        for change in changes
        if getattr(change.told, field) is not None
    }
    gone = [
        pk for (control, name), pk in links.items() if name not in told.get(control, {name: ""})
    ]
    if gone:
        model.objects.filter(pk__in=gone).delete()
    model.objects.bulk_create(
        model(client=client, control_id=control, **target(name))
        for control, names in told.items()
        for name in names
        if (control, name) not in links
    )


def _system(library: Library) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"system": library.systems[name]}


def _criterion(identifier: str) -> dict[str, Any]:
    return {"criterion_id": identifier}


def _objective(library: Library) -> Callable[[str], dict[str, Any]]:
    return lambda ref: {"objective": library.objectives[ref]}


def _refuse_doubles(rows: Sequence[ControlFields]) -> None:
    times = Counter(row.ref for row in rows)
    double = next((ref for ref, count in times.items() if count > 1), "")
    if double:
        raise Invalid(f"“{double}” stands twice in the list.", code="ref_twice", field="ref")
