"""What the tests of the client's system share."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from audits.actions import statements, system_entries
from audits.models.statements import ScopeEntry
from audits.models.system import SystemEntry
from audits.rules.system_entries import Told
from tests.conftest import as_

FACTS: dict[str, dict[str, Any]] = {
    "service": {"used_by": "Employers"},
    "commitment": {"source": "sla"},
    "requirement": {"source": "policy"},
    "subservice": {"does": "Hosts", "needed_for": "Doors", "watched": "SOC 2"},
    "vendor": {"does": "Prints"},
    "transaction_class": dict.fromkeys(
        ("started_by", "authorized_by", "recorded_by", "processed_by", "corrected_by",
         "reported_by"), "client",
    ),
}  # fmt: skip


def entry(world: SimpleNamespace, kind: str, ref: str, **more: Any) -> SystemEntry:
    """An entry of the client's own list. more: category, aspects, related, facts."""
    related = [each.pk for each in more.pop("related", ())]
    facts = FACTS.get(kind, {}) | more.pop("facts", {})
    told = Told(kind, ref, f"{kind} {ref}", "Words.", facts=facts, **more)
    with as_(world.client, world.client_organization):
        return system_entries.add(world.client_organization, told, related=related, by=world.client)


def stated(world: SimpleNamespace, *kinds: str, none: str = "") -> None:
    """The client states these kinds and hands them over."""
    with as_(world.client, world.client_organization):
        for kind in kinds:
            statements.take(world.engagement, kind, none_reason=none, by=world.client)
        statements.hand_over_all(world.engagement, by=world.client)


def scope_entry(world: SimpleNamespace, ref: str) -> ScopeEntry:
    """An entry as it was stated last."""
    with as_(world.lead, world.firm):
        rows = ScopeEntry.objects.filter(engagement=world.engagement, ref=ref)
        return rows.select_related("statement", "engagement").latest("statement__number")
