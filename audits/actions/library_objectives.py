"""The client's control objectives and systems: stated, taken from the catalog, renamed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction

from audits.actions.library import adopt, lock
from audits.choices import ObjectiveGroup
from audits.models import CatalogObjective, ControlObjective, System
from tenants import trail
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import Organization, User
from tenants.permissions import P, require

LIMITS = {"ref": 20, "domain": 80, "title": 160, "text": 4_000}


def propose_objectives_from_catalog(
    client: Organization, identifiers: Collection[str], by: User
) -> list[ControlObjective]:
    """Take objectives of the catalog into the client's own, as a start; those held stay as told.

    Returns the new ones, by id. Raises PermissionDenied, NotVisible for one the catalog has not.
    """
    require(by, P.EDIT_LIBRARY, client)
    wanted = set(identifiers)
    catalog = list(CatalogObjective.objects.filter(identifier__in=wanted))
    if missing := wanted - {one.identifier for one in catalog}:
        raise NotVisible(f"The catalog has no objective “{min(missing)}”.")
    with transaction.atomic():
        lock(client)
        held = set(ControlObjective.objects.filter(client=client).values_list("ref", flat=True))
        new = [adopt(client, one) for one in catalog if one.identifier not in held]
        ControlObjective.objects.bulk_create(new)
        if new:
            trail.record(
                "objectives_taken_from_catalog", client, by=by, organization_id=client.pk,
                detail={"objectives": [objective.ref for objective in new]},
            )  # fmt: skip
    return new


def add_objective(
    client: Organization, *, ref: str, group: str, domain: str, title: str, text: str, by: User
) -> ControlObjective:
    """A control objective in the client's own words.

    Raises PermissionDenied, Invalid naming the field, Refused when the id is taken.
    """
    require(by, P.EDIT_LIBRARY, client)
    objective = ControlObjective(
        client=client, ref=ref.strip(), group=group, domain=domain.strip(), title=title.strip(),
        text=text.strip(),
    )  # fmt: skip
    _check(objective)
    with transaction.atomic():
        lock(client)
        if ControlObjective.objects.filter(client=client, ref=objective.ref).exists():
            raise Refused(
                f"“{objective.ref}” is the id of another objective of yours. Choose another.",
                code="objective_ref_taken", field="ref",
            )  # fmt: skip
        objective.save(force_insert=True)
        trail.record("added", objective, by=by, organization_id=client.pk)
    return objective


def edit_objective(
    objective: ControlObjective,
    *,
    group: str,
    domain: str,
    title: str,
    text: str,
    by: User,
    version: int | None = None,
) -> ControlObjective:
    """State an objective otherwise; engagements that took it keep the words they took.

    Raises PermissionDenied, Invalid naming the field, StaleVersion.
    """
    require(by, P.EDIT_LIBRARY, objective.client)
    with transaction.atomic():
        row = _locked(objective, version)
        row.group, row.domain, row.title, row.text = (
            group, domain.strip(), title.strip(), text.strip(),
        )  # fmt: skip
        _check(row)
        row.version += 1
        row.save()
        trail.record("changed", row, by=by, organization_id=row.client_id)
    objective.__dict__.update(row.__dict__)
    return objective


def add_system(client: Organization, *, name: str, by: User) -> System:
    """A system of the client. Raises PermissionDenied, Invalid, Refused when the name is taken."""
    require(by, P.EDIT_LIBRARY, client)
    with transaction.atomic():
        lock(client)
        system = System(client=client, name=_system_name(client, name))
        system.save(force_insert=True)
        trail.record("added", system, by=by, organization_id=client.pk)
    return system


def rename_system(system: System, *, name: str, by: User, version: int | None = None) -> System:
    """Another name for a system; snapshots in engagements keep the name they took.

    Raises PermissionDenied, Invalid, Refused when the name is taken, StaleVersion.
    """
    client = system.client
    require(by, P.EDIT_LIBRARY, client)
    with transaction.atomic():
        lock(client)
        row: System = _locked(system, version)
        before, row.name = row.name, _system_name(client, name, besides=row)
        row.version += 1
        row.save()
        trail.record("renamed", row, by=by, organization_id=client.pk, detail={"before": before})
    system.__dict__.update(row.__dict__)
    return system


def _check(objective: ControlObjective) -> None:
    for field, limit in LIMITS.items():
        value = getattr(objective, field)
        if not value:
            raise Invalid(f"Give the objective its {field}.", code=f"{field}_missing", field=field)
        if len(value) > limit:
            raise Invalid(
                f"{field.capitalize()} holds {limit} characters; this has {len(value)}.",
                code=f"{field}_too_long", field=field,
            )  # fmt: skip
    if objective.group not in ObjectiveGroup.values:
        raise Invalid(
            "RT-08: an objective is about a business process or about IT general controls.",
            code="group_unknown", field="group",
        )  # fmt: skip


def _system_name(client: Organization, name: str, besides: System | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > 120:
        raise Invalid(
            "Give the system a name of at most 120 characters.", code="name_bad", field="name"
        )
    others = System.objects.filter(client=client, name__iexact=name)
    if (others.exclude(pk=besides.pk) if besides else others).exists():
        raise Refused(f"You have a system “{name}”.", code="system_name_taken", field="name")
    return name


def _locked(record: Any, version: int | None) -> Any:
    row = type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    return row
