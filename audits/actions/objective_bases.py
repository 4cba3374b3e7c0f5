"""Saying what a control objective of a SOC 1 rests on (RT-08)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from audits.choices import Assertion, ObjectiveGroup
from audits.choices.system import EntryKind
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.queries.statements import entries
from audits.rules.scope import refuse_closed, refuse_other_basis
from tenants import trail
from tenants.choices import Basis
from tenants.errors import Invalid, NotVisible, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require


@dataclass(frozen=True, slots=True)
class Rests:
    """What an objective rests on; see `ObjectiveBasis`. Entries by their ids in the statements."""

    group: str
    stated_by: str = ""
    transaction_classes: tuple[UUID, ...] = ()
    assertions: tuple[str, ...] = ()
    application: UUID | None = None
    supports: ScopeItem | None = None
    hosting: bool = False


def say(item: ScopeItem, told: Rests, *, by: User) -> ObjectiveBasis:
    """Say for the first time what an objective rests on.

    Raises PermissionDenied, Invalid naming the field (RT-03 for a criterion), NotVisible for an
    entry that is not stated, Refused when it was said or the engagement is closed.
    """
    engagement = item.engagement
    require(by, P.SET_SCOPE, engagement)
    refuse_closed(engagement.status)
    refuse_other_basis(engagement.basis, Basis.OBJECTIVE)
    columns = _columns(engagement, item, told)
    with transaction.atomic():
        locked(engagement)
        if ObjectiveBasis.objects.filter(scope_item=item).exists():
            raise Refused(f"It is said what {item.identifier} rests on; change that.",
                          code="basis_said", field="scope_item")  # fmt: skip
        row = ObjectiveBasis.objects.create(
            engagement=engagement, scope_item=item, said_by=by, **columns
        )
        trail.record("said", row, by=by, engagement_id=engagement.pk)
    return row


def change(
    basis: ObjectiveBasis, told: Rests, *, by: User, version: int | None = None
) -> ObjectiveBasis:
    """Say otherwise what an objective rests on. Raises as `say`, and StaleVersion."""
    require(by, P.SET_SCOPE, basis.engagement)
    refuse_closed(basis.engagement.status)
    columns = _columns(basis.engagement, basis.scope_item, told)
    with changing("said", basis, by=by, version=version) as row:
        for name, value in columns.items():
            setattr(row, name, value)
        row.said_by = by
    return basis


def _columns(engagement: Engagement, item: ScopeItem, told: Rests) -> dict[str, Any]:
    if told.group not in ObjectiveGroup.values:
        raise Invalid("RT-08: an objective is about a business process or about IT general "
                      "controls.", code="group_unknown", field="group")  # fmt: skip
    if unknown := set(told.assertions) - set(Assertion.values):
        raise Invalid(f"“{min(unknown)[:40]}” is none of: {', '.join(Assertion.values)}.",
                      code="assertion_unknown", field="assertions")  # fmt: skip
    if len(told.stated_by) > 160:
        raise Invalid("At most 160 characters fit here.", code="too_long", field="stated_by")
    _stated(engagement, told)
    common = {"group": told.group, "stated_by": told.stated_by.strip()}
    if told.group == ObjectiveGroup.BUSINESS_PROCESS:
        return {
            **common, "transaction_classes": list(dict.fromkeys(told.transaction_classes)),
            "assertions": sorted(set(told.assertions)), "application": None, "supports": None,
            "hosting": False,
        }  # fmt: skip
    if told.supports is not None and told.supports.pk == item.pk:
        raise Invalid("An objective does not support itself.", code="supports_itself",
                      field="supports")  # fmt: skip
    return {
        **common, "transaction_classes": [], "assertions": [], "application": told.application,
        "supports": told.supports, "hosting": told.hosting,
    }  # fmt: skip


def _stated(engagement: Engagement, told: Rests) -> None:
    """Raise NotVisible for a class or application that the client does not state."""
    held: dict[str, set[UUID]] = {EntryKind.TRANSACTION_CLASS: set(), EntryKind.APPLICATION: set()}
    for each in entries(engagement, *held):
        held[each.kind].add(each.entry_id)
    application = {told.application} - {None}
    if not (
        held[EntryKind.TRANSACTION_CLASS].issuperset(told.transaction_classes)
        and held[EntryKind.APPLICATION].issuperset(application)
    ):
        raise NotVisible("One of these entries is not stated by the client, or not shown to you.")
    if told.supports is not None and told.supports.engagement_id != engagement.pk:
        raise NotVisible("There is no such objective here.")
