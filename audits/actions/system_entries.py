"""The client writes down its system: entries added, told otherwise, retired, brought back.

An administrator writes every entry, a control owner those that are theirs (soc.md, section 19).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from audits.actions.library import lock
from audits.choices.system import EntryKind
from audits.models.system import SystemEntry, SystemEntryLink
from audits.queries.library import criteria_known, objectives_known
from audits.queries.system_entries import owners
from audits.rules.system_entries import RELATIONS, Told, checked, targets_of
from tenants import trail
from tenants.choices import OrganizationKind
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import Organization, User
from tenants.permissions import NotAllowed, P, require


def may_write(by: User, client: Organization, entry: SystemEntry | None = None) -> bool:
    """Whether `by` may write a new entry, or this one."""
    if by.has_perm(P.EDIT_LIBRARY, client):
        return True
    own = entry is None or entry.owner_id == by.pk
    return own and by.has_perm(P.EDIT_OWN_CONTROLS, client)


def add(
    client: Organization, told: Told, *, related: Collection[UUID] = (), owner: User | None = None,
    by: User,
) -> SystemEntry:  # fmt: skip
    """A new entry; one that a control owner adds is theirs. `related`: ids of other entries.

    Raises PermissionDenied, Invalid naming the field, NotVisible for a related entry that is not
    the client's, Refused when the id is taken.
    """
    _require(by, client)
    columns = _columns(client, told)
    with transaction.atomic():
        lock(client)
        if SystemEntry.objects.filter(client=client, ref=columns["ref"]).exists():
            raise Refused(f"“{columns['ref']}” is the id of another entry. Choose another.",
                          code="entry_ref_taken", field="ref")  # fmt: skip
        entry = SystemEntry(client=client, owner=_owner(client, owner, by), **columns)
        entry.save(force_insert=True)
        _relate(entry, related)
        trail.record("added", entry, by=by, organization_id=client.pk)
    return entry


def told_of(entry: SystemEntry) -> Told:
    """What an entry tells now, to be changed field by field."""
    return Told(entry.kind, entry.ref, entry.title, entry.text, entry.category,
                tuple(entry.aspects), entry.facts)  # fmt: skip


def change(
    entry: SystemEntry, told: Told, *, related: Collection[UUID] | None = None,
    owner: User | None = None, by: User, version: int | None = None,
) -> SystemEntry:  # fmt: skip
    """Tell an entry otherwise; kind and id stay, and `related` where it is None.

    Statements made before keep the words they took. Raises as `add`, and StaleVersion.
    """
    _require(by, entry.client, entry)
    columns = _columns(entry.client, replace(told, kind=entry.kind, ref=entry.ref))
    with transaction.atomic():
        row = _locked(entry, version)
        for name, value in columns.items():
            setattr(row, name, value)
        row.owner = _owner(entry.client, owner, by)
        _save(row)
        if related is not None:
            _relate(row, related)
        trail.record("changed", row, by=by, organization_id=row.client_id)
    return _fresh(entry)


def retire(entry: SystemEntry, *, on: date, by: User, version: int | None = None) -> SystemEntry:
    """The entry is no part of the system from `on`; statements made before keep it.

    Raises PermissionDenied, Refused when it is retired, StaleVersion.
    """
    _require(by, entry.client, entry)
    with transaction.atomic():
        row = _locked(entry, version)
        if row.retired_on:
            raise Refused("This entry is retired.", code="entry_retired")
        row.retired_on = on
        _save(row)
        trail.record("retired", row, by=by, organization_id=row.client_id, note=f"From {on}.")
    return _fresh(entry)


def bring_back(entry: SystemEntry, *, by: User, version: int | None = None) -> SystemEntry:
    """A retired entry is part of the system again.

    Raises PermissionDenied, Refused when it is not retired, StaleVersion.
    """
    _require(by, entry.client, entry)
    with transaction.atomic():
        row = _locked(entry, version)
        if not row.retired_on:
            raise Refused("This entry is not retired.", code="entry_not_retired")
        row.retired_on = None
        _save(row)
        trail.record("brought_back", row, by=by, organization_id=row.client_id)
    return _fresh(entry)


def _require(by: User, client: Organization, entry: SystemEntry | None = None) -> None:
    """Raise NotAllowed for who writes neither all entries nor this one."""
    if not by.has_perm(P.EDIT_OWN_CONTROLS, client):
        require(by, P.EDIT_LIBRARY, client)
        if client.kind != OrganizationKind.CLIENT:
            raise NotVisible("There is no such record, or it is not shown to you.")
    elif not may_write(by, client, entry):
        said = "This entry is somebody else's. Ask them, or an administrator, to change it."
        raise NotAllowed(said, anchor=client, asked=str(P.EDIT_OWN_CONTROLS), subject=entry)


def _columns(client: Organization, told: Told) -> dict[str, Any]:
    """What is kept of an entry, with the criteria and objectives it names as they are spelled."""
    columns = checked(told)
    named = columns["facts"].get("answers_to")
    if named:
        spelled = {one.upper(): one for one in (*criteria_known(), *objectives_known(client))}
        if unknown := [one for one in named if one.upper() not in spelled]:
            raise Invalid(
                f"“{unknown[0]}” is neither a trust services criterion nor one of your control "
                "objectives.",
                code="unknown_reference", field="answers_to",
            )  # fmt: skip
        columns["facts"]["answers_to"] = [spelled[one.upper()] for one in named]
    return columns


def _owner(client: Organization, owner: User | None, by: User) -> User | None:
    """Who owns what `by` writes: a control owner themselves, else whom an administrator names."""
    if not by.has_perm(P.EDIT_LIBRARY, client):
        return by
    if owner is not None and not owners(by, client).filter(pk=owner.pk).exists():
        raise Invalid("Choose one of your control owners.", code="not_an_owner", field="owner")
    return owner


def _relate(entry: SystemEntry, related: Collection[UUID]) -> None:
    """Let the entry be related to these and no others. Raises Invalid, NotVisible."""
    wanted = set(related)
    targets = list(SystemEntry.objects.filter(client=entry.client, pk__in=wanted))
    if len(targets) != len(wanted):
        raise NotVisible("One of these entries does not exist, or is not shown to you.")
    for target in targets:
        if (entry.kind, target.kind) not in RELATIONS:
            raise Invalid(_unrelated(entry.kind, target), code="unrelated", field="related")
    if entry.kind == EntryKind.CSOC and not targets:
        raise Invalid("Say of which subservice organization you expect this control.",
                      code="subservice_missing", field="related")  # fmt: skip
    SystemEntryLink.objects.filter(source=entry).exclude(target__in=wanted).delete()
    held = set(SystemEntryLink.objects.filter(source=entry).values_list("target_id", flat=True))
    SystemEntryLink.objects.bulk_create(
        SystemEntryLink(client=entry.client, source=entry, target=target,
                        relation=RELATIONS[entry.kind, target.kind])
        for target in targets if target.pk not in held
    )  # fmt: skip


def _unrelated(kind: str, target: SystemEntry) -> str:
    kinds = [EntryKind(each).label.lower() for each in targets_of(kind)]
    instead = f"It may be related to: {', '.join(kinds)}." if kinds else "It stands for itself."
    return (
        f"A {EntryKind(kind).label.lower()} is not related to a "
        f"{target.get_kind_display().lower()} ({target.ref}). {instead}"
    )


def _locked(entry: SystemEntry, version: int | None) -> SystemEntry:
    lock(entry.client)
    row: SystemEntry | None = SystemEntry.objects.filter(pk=entry.pk).first()
    if row is None:
        raise NotVisible("There is no such record, or it is not shown to you.")
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    return row


def _save(row: SystemEntry) -> None:
    row.version += 1
    row.save()


def _fresh(entry: SystemEntry) -> SystemEntry:
    entry.refresh_from_db()
    entry.__dict__.pop("_prefetched_objects_cache", None)
    return entry
