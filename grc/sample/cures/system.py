"""The client states its system, the firm says how it treats who it rests on."""

from __future__ import annotations

from dataclasses import replace

from audits.actions import decisions, statements, subservices, system_entries
from audits.actions import objective_bases as actions
from audits.actions.objective_bases import Rests
from audits.actions.subservices import Treatment
from audits.choices import ObjectiveGroup
from audits.choices.system import EntryKind, SubserviceMethod
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.models.statements import ScopeStatement
from audits.models.subservices import EngagementSubservice, SubserviceIndependence
from audits.models.system import SystemEntry
from audits.queries import objective_bases
from audits.queries.statements import entries, library_now
from audits.rules.statements import asked_of
from audits.rules.system_entries import KINDS
from grc.sample.cures import Cast
from grc.sample.system import ENTRIES, RELATED
from tenants.choices import EngagementStatus, Role
from tenants.models import Assignment, Engagement, Organization, User
from tenants.queries.findings import open_findings


def cure(cast: Cast, engagement: Engagement) -> None:
    """Independence of who is included; in planning, all statements and every treatment."""
    if engagement.status == EngagementStatus.PLANNING:
        with cast.acting_as(engagement, Role.CLIENT_ADMIN) as by:
            write_down(engagement.client, by)
            state(engagement, by)
        with cast.acting_as(engagement, Role.MANAGER) as by:
            _treat(engagement, by)
            _rest(engagement, by)
        _without_business(cast, engagement)
    if engagement.status in (EngagementStatus.ACCEPTANCE, EngagementStatus.PLANNING):
        _independent(cast, engagement)


def write_down(client: Organization, by: User) -> None:
    """The client's own list, as far as it is not there."""
    held = dict(SystemEntry.objects.filter(client=client).values_list("ref", "pk"))
    for told in ENTRIES:
        if told.ref in held:
            continue
        related = [held[ref] for ref in RELATED.get(told.ref, ()) if ref in held]
        held[told.ref] = system_entries.add(client, told, related=related, by=by).pk


def state(engagement: Engagement, by: User) -> None:
    """Every kind the engagement asks about, also that there is none; handed over."""
    said = set(ScopeStatement.objects.filter(engagement=engagement).values_list("kind", flat=True))
    now = library_now(engagement, list(KINDS))
    for kind in asked_of(engagement):
        if kind not in said:
            none = "" if kind in now else "Nothing of the kind in this time."
            statements.take(engagement, kind, none_reason=none, by=by)
    statements.hand_over_all(engagement, by=by)


def _treat(engagement: Engagement, by: User) -> None:
    rows = EngagementSubservice.objects.filter(engagement=engagement)
    treated = set(rows.values_list("entry_id", flat=True))
    for entry in entries(engagement, EntryKind.SUBSERVICE):
        if entry.entry_id not in treated:
            told = Treatment(SubserviceMethod.CARVE_OUT)
            subservices.treat(entry, told, by=by)


def _rest(engagement: Engagement, by: User) -> None:
    """What each objective of a SOC 1 rests on: pay runs, or the engine that calculates them."""
    said = set(ObjectiveBasis.objects.filter(engagement=engagement).values_list("scope_item"))
    rows = ScopeItem.objects.select_related("engagement", "objective")
    items = list(rows.filter(engagement=engagement, objective__isnull=False).order_by("position"))
    named = {each.ref: each.entry_id for each in objective_bases.named_entries(engagement)}
    business = [one for one in items if one.objective.group == ObjectiveGroup.BUSINESS_PROCESS]
    for item in items:
        if (item.pk,) in said:
            continue
        told = Rests(item.objective.group, hosting=not business)
        if item in business:
            told = Rests(item.objective.group, transaction_classes=(named["TC-01"],),
                         assertions=("completeness", "accuracy"))  # fmt: skip
        elif business:
            told = replace(told, application=named["AP-01"], supports=business[0])
        actions.say(item, told, by=by)


def _without_business(cast: Cast, engagement: Engagement) -> None:
    """The partner's word, where no objective is about a business process (RT-09)."""
    with cast.acting_as(engagement, Role.PARTNER) as by:
        for stand in open_findings(engagement):
            if stand.finding.rule == "RT-09" and stand.holds:
                said = "Pure hosting: customers process their own payroll here."
                decisions.decide(engagement, "RT-09", reason=said, by=by)


def _independent(cast: Cast, engagement: Engagement) -> None:
    """Everybody of the team who has not said so yet."""
    rows = EngagementSubservice.objects.filter(method=SubserviceMethod.INCLUSIVE)
    with cast.acting_as(engagement, Role.MANAGER):
        included = list(rows.filter(engagement=engagement).select_related("engagement"))
        roles = set(Assignment.objects.filter(engagement=engagement).values_list("role", flat=True))
    for role in (Role.PARTNER, Role.QUALITY_REVIEWER, Role.MANAGER, Role.SENIOR, Role.STAFF):
        if included and role in roles:
            with cast.acting_as(engagement, role) as by:
                for row in included:
                    held = SubserviceIndependence.objects.filter(subservice=row, person=by)
                    if not held.exists():
                        subservices.confirm_independence(row, by=by)
