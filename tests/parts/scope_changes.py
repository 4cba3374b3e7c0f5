"""Changes of scope in the generated tests: one proposed after acceptance, one asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions import scope_changes
from audits.actions.scope_changes import Proposed
from audits.models.scope_changes import ScopeChange
from tenants import acting
from tests import factories
from tests.access.scenes import acts

LONGER = {"period_start": date(2025, 10, 1), "period_end": date(2026, 10, 31)}
FIELDS_TXT = """
shown firm audits.api.scope_changes.ScopeChangeSerializer: id version engagement kind status asked_by reason_code reason effect before after proposed_by proposed_at decision decided_by decided_at moves
shown both audits.api.scope_changes.ScopeProposalSerializer: id version engagement text proposed_by proposed_at
sent firm audits.api.scope_changes.CarryOutBody: confirmed
sent firm audits.api.scope_changes.ScopeChangeBody: engagement kind asked_by reason_code reason effect categories as_of period_start period_end before after
sent client audits.api.scope_changes.ScopeProposalBody: engagement text
form client audits.portal.scope_changes.ScopeAskForm: text
form firm audits.portal.scope_changes.ScopeChangeForm: asked_by reason_code reason effect categories period_start period_end as_of before after
form firm audits.portal.scope_changes.ScopeMoveForm: version note confirmed
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {"scope_change": "audits.ScopeChange"}
WORDS = {"scope_kind": ("period",)}
TOLD = {
    "kind": "period", "asked_by": "The client’s CEO", "reason_code": "business",
    "reason": "A later year end.", "effect": "One month more to test.",
}  # fmt: skip


def play(world: Any) -> dict[str, Any]:
    """A longer period, proposed by the manager; the client has asked for it."""
    with _accepted(world):
        change = _proposed(world, Proposed(**TOLD, after=LONGER))
    with acts(world.client, world.client_organization):
        asked = scope_changes.ask(world.engagement, "A longer period.", by=world.client)
    return {"audits.ScopeChange": change.pk, "audits.ScopeProposal": asked.pk}


def furnish(world: Any, word: str) -> None:
    """What the client asks is both sides'; what is proposed is the firm's."""
    with _accepted(world):
        _proposed(world, Proposed(**{**TOLD, "reason": f"{word}-firm"}, after=LONGER))
    with acts(world.client, world.client_organization):
        scope_changes.ask(world.engagement, word, by=world.client)


def _proposed(world: Any, proposed: Proposed) -> ScopeChange:
    with acts(world.lead, world.firm):
        return scope_changes.propose(world.engagement, proposed, by=world.lead)


@contextmanager
def _accepted(world: Any) -> Iterator[None]:
    """The engagement stands past acceptance inside, and where it stood before outside."""
    engagement = world.engagement
    before = {"status": engagement.status, "types_frozen_at": engagement.types_frozen_at}
    with transaction.atomic():
        factories.moved_to(world, "planning")
    yield
    with transaction.atomic():
        factories.arrange(engagement, **before)


def _in_a_state(play: Any, state: str, who: Any) -> None:
    """Accepted, and the change as it stands in `state`."""
    factories.moved_to(play.world, "planning")
    decided: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision": ""}
    if state not in ("", "proposed"):
        decided = {
            "decided_by": play.world.partner, "decided_at": timezone.now(), "decision": "So it is.",
        }  # fmt: skip
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk, play.world.firm.pk):
        rows = ScopeChange.objects.filter(pk=play.ids["audits.ScopeChange"])
        if state == "applied":
            rows.update(status="approved", **decided)
        rows.update(status=state or "proposed", version=1, **decided)


ARRANGED = {"scope_change": _in_a_state}
FIELDS = {
    "scope_change": lambda play, who: {
        **TOLD, "engagement": str(play.world.engagement.pk), "note": "A reason", "version": "1",
        "period_start": "2025-10-01", "period_end": "2026-10-31", "confirmed": False,
    },
    "scope_proposal": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "text": "A longer period.",
    },
}  # fmt: skip
