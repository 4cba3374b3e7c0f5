"""Choosing how an engagement treats a subservice organization; stating independence of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction

from audits.choices.system import EntryKind, SubserviceMethod
from audits.models.statements import ScopeEntry
from audits.models.subservices import EngagementSubservice, SubserviceIndependence
from audits.rules.scope import refuse_closed
from audits.rules.subservices import check_dates
from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import User
from tenants.permissions import P, require

BEFORE_METHOD_CHANGE: list[Callable[[EngagementSubservice, str, User], None]] = []
"""Asked with the new method before it changes: may raise Refused, once terms are frozen (RT-17)."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """How it is treated, and what its own report covers; both ends count."""

    method: str
    report_from: date | None = None
    report_to: date | None = None
    bridge_to: date | None = None


def treat(entry: ScopeEntry, told: Treatment, *, by: User) -> EngagementSubservice:
    """Say for the first time how a stated subservice organization is treated.

    Raises PermissionDenied, Invalid naming the field, Refused when it is treated already or the
    engagement closed.
    """
    engagement = entry.engagement
    require(by, P.SET_SCOPE, engagement)
    refuse_closed(engagement.status)
    _check(told)
    if entry.kind != EntryKind.SUBSERVICE:
        raise Invalid(f"{entry.ref} is no subservice organization.", code="no_subservice",
                      field="entry")  # fmt: skip
    with transaction.atomic():
        locked(engagement)
        held = EngagementSubservice.objects.filter(engagement=engagement, entry_id=entry.entry_id)
        if held.exists():
            raise Refused(f"{entry.ref} is treated already; change that.", code="treated_already",
                          field="entry")  # fmt: skip
        row = EngagementSubservice.objects.create(
            engagement=engagement, client_id=engagement.client_id, entry_id=entry.entry_id,
            ref=entry.ref, title=entry.title, decided_by=by, **asdict(told),
        )  # fmt: skip
        trail.record("treated", row, by=by, engagement_id=engagement.pk,
                     detail={"method": row.method})  # fmt: skip
    return row


def change(
    subservice: EngagementSubservice, told: Treatment, *, by: User, version: int | None = None
) -> EngagementSubservice:
    """Treat it otherwise. Raises as `treat`, and StaleVersion."""
    require(by, P.SET_SCOPE, subservice.engagement)
    refuse_closed(subservice.engagement.status)
    _check(told)
    detail = {"before": subservice.method, "after": told.method}
    with changing("treated", subservice, by=by, version=version, detail=detail) as row:
        if row.method != told.method:
            for ask in BEFORE_METHOD_CHANGE:
                ask(row, told.method, by)
        for name, value in asdict(told).items():
            setattr(row, name, value)
        row.decided_by = by
    return subservice


def remove(subservice: EngagementSubservice, *, by: User, version: int | None = None) -> None:
    """Take one off that the client no longer states.

    Raises PermissionDenied, Refused while somebody has stated independence of it, StaleVersion.
    """
    require(by, P.SET_SCOPE, subservice.engagement)
    refuse_closed(subservice.engagement.status)
    with changing("removed", subservice, by=by, version=version) as row:
        if SubserviceIndependence.objects.filter(subservice=row).exists():
            raise Refused(
                "People have stated their independence of it, and those words stay. Treat it as a "
                "carve-out instead.",
                code="independence_said",
            )
    EngagementSubservice.objects.filter(pk=subservice.pk).delete()


def confirm_independence(subservice: EngagementSubservice, *, by: User) -> SubserviceIndependence:
    """State that one is independent of an included organization (AC-04, AC-08).

    Raises PermissionDenied, Refused for a carve-out and for what was said already.
    """
    require(by, P.CONFIRM_INDEPENDENCE, subservice.engagement)
    refuse_closed(subservice.engagement.status)
    if subservice.method != SubserviceMethod.INCLUSIVE:
        raise Refused("Independence is asked of included organizations alone.",
                      code="not_inclusive")  # fmt: skip
    with transaction.atomic():
        locked(subservice)
        held = SubserviceIndependence.objects.filter(subservice=subservice, person=by)
        if held.exists():
            raise Refused("You have said so already.", code="independence_said")
        row = SubserviceIndependence.objects.create(
            engagement=subservice.engagement, subservice=subservice, person=by
        )
        trail.record("independence_of_it", subservice, by=by, zone=row.trail_zone,
                     engagement_id=subservice.engagement_id)  # fmt: skip
    return row


def _check(told: Treatment) -> None:
    if told.method not in SubserviceMethod.values:
        raise Invalid("Choose carve-out or inclusive.", code="method_unknown", field="method")
    check_dates(told.report_from, told.report_to, told.bridge_to)
