"""The client's system in the generated tests: a service of the control owner's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from audits.actions import description, statements, subservices, system_entries
from audits.actions.subservices import Treatment
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.models.statements import ScopeEntry, ScopeStatement
from audits.models.system import SystemEntry
from audits.queries.system_entries import next_ref
from audits.rules.system_entries import Told
from tenants import acting

FIELDS_TXT = """
shown client audits.api.system_entries.RelatedEntryShape: id kind ref title relation
shown client audits.api.system_entries.SystemEntrySerializer: id version client kind ref title text category aspects facts related owner retired_on created_at
sent client audits.api.system_entries.EntryBody: title text category aspects facts related owner kind ref
sent client audits.api.system_entries.EntryToldBody: title text category aspects facts related owner
shown both audits.api.statements.ChangedEntryShape: ref title fields_changed
shown both audits.api.statements.NamedEntryShape: ref title
shown both audits.api.statements.ScopeEntrySerializer: id entry_id ref title text category aspects facts related
shown both audits.api.statements.ScopeStatementSerializer: id version engagement kind number none_said none_reason entries made_by made_at handed_over_at
shown both audits.api.statements.StatementDifferenceShape: added removed changed
shown client audits.api.statements.StatementsShape: statements
sent client audits.api.statements.StateBody: engagement kind none_reason
sent client audits.api.statements.StatementsOfBody: engagement
shown both audits.api.subservices.CoverShape: before after bridged open_days long_bridge
shown firm audits.api.subservices.SubserviceIndependenceSerializer: id engagement subservice person said_at
shown both audits.api.subservices.SubserviceSerializer: id version engagement entry_id ref title method report_from report_to bridge_to cover decided_by decided_at
sent firm audits.api.subservices.NewTreatmentBody: method report_from report_to bridge_to entry
sent firm audits.api.subservices.TreatmentBody: method report_from report_to bridge_to
form firm audits.portal.subservices.TreatmentForm: version method report_from report_to bridge_to
shown both audits.api.description.DescriptionPointSerializer: id version engagement criterion where none_reason said_by said_at
shown both audits.api.objective_bases.ObjectiveBasisSerializer: id version engagement scope_item identifier stated_by group transaction_classes assertions application supports hosting said_by said_at
sent client audits.api.description.NewPointBody: where none_reason engagement description_criterion
sent client audits.api.description.PointBody: where none_reason
sent firm audits.api.objective_bases.NewRestsBody: group stated_by transaction_classes assertions application supports hosting scope_item
sent firm audits.api.objective_bases.RestsBody: group stated_by transaction_classes assertions application supports hosting
form client audits.portal.description.PointForm: version where none_reason
form firm audits.portal.objective_bases.RestsForm: version group stated_by transaction_classes assertions application supports hosting
form client audits.portal.statements.NothingForm:
form client audits.portal.statements.StateForm: none_reason
form client audits.portal.system_forms.EntryFilters: q kind retired
form client audits.portal.system_forms.RetireEntryForm: version on
form client audits.portal.system_forms.SystemEntryForm: version ref title text
"""  # noqa: E501
PORTAL_IDS = {
    "entry": "audits.SystemEntry", "statement": "audits.ScopeStatement",
    "scope_entry": "audits.ScopeEntry", "subservice": "audits.EngagementSubservice",
}  # fmt: skip
WORDS = {"entry_kind": ("service",), "criterion": ("DC1",)}
FIXED = {"description_criterion": "DC1"}
FORM_IDS = {"related": "audits.SystemEntry"}
SERVICE = Told("service", "SV-90", "Payroll", "We run payrolls.", facts={"used_by": "Employers"})


def play(world: SimpleNamespace) -> dict[str, Any]:
    """The control owner writes a service down, and a vendor that belongs to it."""
    from tests.access.scenes import acts

    with acts(world.owner, world.client_organization):
        row = system_entries.add(world.client_organization, SERVICE, by=world.owner)
        vendor = Told("vendor", "VE-90", "A printer", "Prints.", facts={"does": "Prints letters"})
        system_entries.add(world.client_organization, vendor, related=[row.pk], by=world.owner)
    with acts(world.client, world.client_organization):
        draft = statements.take(world.engagement, "service", by=world.client)
    return {
        "audits.SystemEntry": row.pk, "audits.ScopeStatement": draft.pk,
        **_subservices(world, "Host", 3), **_placed(world, "Section III"),
    }  # fmt: skip


def _subservices(world: SimpleNamespace, name: str, count: int) -> dict[str, Any]:
    """Stated ones: the first included, the second too with a manager's word, the rest open."""
    from tests.access.scenes import acts

    facts = {"does": name, "needed_for": name, "watched": name}
    with acts(world.client, world.client_organization):
        for number in range(1, count + 1):
            ref = next_ref(world.client_organization, "subservice")
            told = Told("subservice", ref, f"{name} {number}", name, facts=facts)
            system_entries.add(world.client_organization, told, by=world.client)
        draft = statements.take(world.engagement, "subservice", by=world.client)
        statements.hand_over(draft, by=world.client)
    with acts(world.lead, world.firm):
        stated = list(ScopeEntry.objects.filter(statement=draft).order_by("ref"))
        treated = [
            subservices.treat(each, Treatment("inclusive"), by=world.lead) for each in stated[:2]
        ]
        word = subservices.confirm_independence(treated[1], by=world.lead)
    return {
        "audits.EngagementSubservice": treated[0].pk, "audits.SubserviceIndependence": word.pk,
        "audits.ScopeEntry": stated[-1].pk,
    }  # fmt: skip


def _placed(world: SimpleNamespace, word: str) -> dict[str, Any]:
    """A point of the description, and what an item of the scope rests on."""
    from tests.access.scenes import acts

    with acts(world.client, world.client_organization):
        point = description.place(world.engagement, "DC2", where=word, by=world.client)
    with acts(world.lead, world.firm):
        item = ScopeItem.objects.filter(engagement=world.engagement).first()
        basis = ObjectiveBasis.objects.create(
            engagement=world.engagement, scope_item=item, group="itgc", said_by=world.lead
        )
    return {"audits.DescriptionPoint": point.pk, "audits.ObjectiveBasis": basis.pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """Two entries that no firm may read."""
    from tests.access.scenes import acts

    said, at = f"{word}-client", world.client_organization
    with acts(world.client, at):
        service = replace(SERVICE, ref=next_ref(at, "service"), title=said, text=said)
        vendor = Told("vendor", next_ref(at, "vendor"), said, said, facts={"does": said})
        row = system_entries.add(at, service, by=world.client)
        system_entries.add(at, vendor, related=[row.pk], by=world.client)
        statements.take(world.engagement, "vendor", by=world.client)
    _subservices(world, word, 2)
    _placed(world, word)


def _entry(play: Any, state: str, who: Any) -> None:
    with acting.inside(play.world.client_organization.pk):
        rows = SystemEntry.objects.filter(pk=play.ids["audits.SystemEntry"])
        rows.update(retired_on=date(2026, 10, 1) if state == "retired" else None, version=1)


def _statement(play: Any, state: str, who: Any) -> None:
    """Handed over, unless the line is about a draft."""
    if state != "draft":
        with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
            rows = ScopeStatement.objects.filter(pk=play.ids["audits.ScopeStatement"])
            rows.update(handed_over_at=timezone.now())


ARRANGED = {
    "system_entry": _entry, "scope_statement": _statement,
}  # fmt: skip
FIELDS = {
    "objective_basis": lambda play, who: {
        "group": "itgc", "stated_by": "", "version": "1",
    },
    "description_point": lambda play, who: {
        "where": "Page 4", "none_reason": "", "version": "1", "description_criterion": "DC1",
    },
    "subservice": lambda play, who: {
        "method": "inclusive", "report_from": "2025-10-01", "report_to": "2026-06-30",
        "bridge_to": "2026-08-31",
        "version": "1",
    },
    "scope_statement": lambda play, who: {"kind": "service", "none_reason": "", "version": "1"},
    "system_entry": lambda play, who: {
        "title": "Payroll", "text": "We run payrolls.", "used_by": "Employers",
        "facts": {"used_by": "Employers"}, "kind": "service", "ref": f"SV-{who.key}"[:20],
        "version": "1", "on": "2026-10-01", "related": [], "aspects": [], "category": "",
    },
}  # fmt: skip
