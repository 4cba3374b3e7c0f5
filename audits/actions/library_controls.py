"""One control of the client's library at a time: written, told anew, retired, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction

from audits.actions.library import lock, write
from audits.models import Control, ControlCriterion, ControlObjectiveLink, Narrative
from audits.queries.library import Library, criteria_known, library_of, objectives_known
from audits.rules.control_changes import ControlChange, Outcome, compare
from audits.rules.controls import ControlFields, problems_of
from tenants import trail
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import Organization, User
from tenants.permissions import P, require

RATIONALE_LIMIT = 300


def add_control(client: Organization, told: ControlFields, *, by: User) -> Control:
    """A new control with its first narrative, its systems and what it answers to.

    Raises PermissionDenied, Invalid naming the field, Refused when the id is taken.
    """
    require(by, P.EDIT_LIBRARY, client)
    _check(client, told)
    with transaction.atomic():
        lock(client)
        library = library_of(client, refs=[told.ref])
        if library.controls:
            raise Refused(
                f"“{told.ref}” is the id of another control of yours. Choose another.",
                code="control_ref_taken", field="ref",
            )  # fmt: skip
        write(client, library, [ControlChange(told, Outcome.CREATE)], by=by)
        control: Control = library.controls[told.ref]
        trail.record("added", control, by=by, organization_id=client.pk)
    return control


def edit_control(
    control: Control, told: ControlFields, *, by: User, version: int | None = None
) -> Control:
    """Tell a control otherwise; another narrative becomes a new version, None leaves a field.

    The id stays: engagements and evidence name it. Raises PermissionDenied, Invalid naming the
    field, StaleVersion.
    """
    client = control.client
    require(by, P.EDIT_LIBRARY, client)
    if told.ref != control.ref:
        raise Invalid(
            "A control keeps its id: engagements and requests name it. Retire it and add another.",
            code="control_ref_fixed", field="ref",
        )  # fmt: skip
    _check(client, told)
    with transaction.atomic():
        lock(client)
        library = library_of(client, refs=[control.ref])
        row = _same_version(library, control, version)
        change = compare(library.told, [told])[0]
        if change.outcome == Outcome.UPDATE:
            write(client, library, [change], by=by)
            trail.record(
                "changed", row, by=by, organization_id=client.pk,
                detail={"fields": list(change.changed)},
            )  # fmt: skip
    control.__dict__.update(row.__dict__)
    return control


def told_of(control: Control) -> ControlFields:
    """What the library tells of a control now, to be changed field by field."""
    library = library_of(control.client, refs=[control.ref])
    return library.told[control.ref]


def set_narrative(
    control: Control, text: str, *, by: User, effective_from: date | None = None
) -> Narrative:
    """Tell a control anew: the next version of its narrative; the versions before stay.

    effective_from: the first day the control ran so, in the client's zone; None when it always
    has. Raises PermissionDenied, Invalid for an empty, too long or unchanged text.
    """
    require(by, P.EDIT_LIBRARY, control.client)
    with _changing(control, by, "narrative_written") as library:
        told = library.told[control.ref]
        change = compare(library.told, [replace(told, narrative=text.strip())])[0]
        _check(control.client, change.told)
        if change.outcome == Outcome.UNCHANGED:
            raise Invalid(
                "The narrative reads as before. Change it, or leave it.",
                code="narrative_unchanged", field="narrative",
            )  # fmt: skip
        write(control.client, library, [change], by=by, effective_from=effective_from)
    newest: Narrative = Narrative.objects.filter(control=control).latest("number")
    return newest


def retire(control: Control, *, on: date, by: User, version: int | None = None) -> Control:
    """The control runs no more from `on`; engagements that took it keep their snapshot.

    Raises PermissionDenied, Refused when it is retired, StaleVersion.
    """
    require(by, P.EDIT_LIBRARY, control.client)
    with _changing(control, by, "retired", version=version, note=f"From {on}.") as library:
        if library.controls[control.ref].retired_on:
            raise Refused("This control is retired.", code="control_retired")
        Control.objects.filter(pk=control.pk).update(
            retired_on=on, version=library.controls[control.ref].version + 1
        )
    control.refresh_from_db()
    return control


def bring_back(control: Control, *, by: User, version: int | None = None) -> Control:
    """A retired control runs again. Raises PermissionDenied, Refused, StaleVersion."""
    require(by, P.EDIT_LIBRARY, control.client)
    with _changing(control, by, "brought_back", version=version) as library:
        if not library.controls[control.ref].retired_on:
            raise Refused("This control is not retired.", code="control_not_retired")
        Control.objects.filter(pk=control.pk).update(
            retired_on=None, version=library.controls[control.ref].version + 1
        )
    control.refresh_from_db()
    return control


def say_why(control: Control, identifier: str, rationale: str, *, by: User) -> None:
    """One line why the control answers to a criterion or objective (NR-14).

    Raises PermissionDenied, Invalid for a line over 300 characters, NotVisible when the control
    is not mapped to it.
    """
    require(by, P.EDIT_LIBRARY, control.client)
    line = " ".join(rationale.split())
    if len(line) > RATIONALE_LIMIT:
        raise Invalid(
            f"One line of {RATIONALE_LIMIT} characters is enough.", code="rationale_too_long",
            field="rationale",
        )  # fmt: skip
    with _changing(control, by, "mapping_explained", detail={"to": identifier}):
        mine: dict[str, Any] = {"client": control.client, "control": control}
        written = ControlCriterion.objects.filter(**mine, criterion_id=identifier).update(
            rationale=line
        ) or ControlObjectiveLink.objects.filter(**mine, objective__ref=identifier).update(
            rationale=line
        )
        if not written:
            raise NotVisible(f"This control is not mapped to “{identifier}”.")


@contextmanager
def _changing(
    control: Control,
    by: User,
    verb: str,
    *,
    version: int | None = None,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> Iterator[Library]:
    """One change of one control: locked, checked against the caller's version, recorded."""
    with transaction.atomic():
        lock(control.client)
        library = library_of(control.client, refs=[control.ref])
        row = _same_version(library, control, version)
        yield library
        trail.record(verb, row, by=by, organization_id=control.client_id, note=note, detail=detail)


def _same_version(library: Library, control: Control, version: int | None) -> Control:
    row: Control | None = library.controls.get(control.ref)
    if row is None:
        raise NotVisible("There is no such record, or it is not shown to you.")
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    return row


def _check(client: Organization, told: ControlFields) -> None:
    """Raise Invalid for the first thing wrong with a control's fields."""
    wrong = next((problem for problem in problems_of(told) if problem.is_error), None)
    if wrong:
        raise Invalid(wrong.message, code=wrong.code, field=wrong.field)
    for field, known in (
        ("criteria", criteria_known()),
        ("objectives", objectives_known(client)),
    ):
        unknown = [one for one in getattr(told, field) or () if one not in known]
        if unknown:
            raise Invalid(
                f"“{unknown[0]}” is not among the {field} there are.",
                code=f"unknown_{'criterion' if field == 'criteria' else 'objective'}", field=field,
            )  # fmt: skip
