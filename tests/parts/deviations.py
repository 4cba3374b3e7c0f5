"""Deviations in the generated tests: one by hand, explained, of the first control."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from audits.actions import deviations
from audits.models import EngagementControl
from audits.models.deviations import Deviation
from audits.rules.deviations import Account
from tenants import acting
from tests import factories
from tests.access.scenes import acts
from tests.parts.testing import _phase as in_fieldwork

TOLD = "happened happened_on cause nature intentional effect found_by fixed compensating compensating_why after_the_fact"  # noqa: E501  (a line is a class)
FIELDS_TXT = f"""
shown firm audits.api.deviations.DeviationSerializer: id version engagement control ref number test item attribute status happened happened_on cause nature intentional effect found_by fixed compensating compensating_why after_the_fact recorded_by recorded_at moves
shown firm audits.api.deviations.DeviationsShape: deviations
sent firm audits.api.deviations.AccountBody: {TOLD}
sent firm audits.api.deviations.NewDeviationBody: {TOLD} control
sent firm audits.api.deviations.FoundBody: engagement
sent firm audits.api.deviations.DropDeviationBody: note
sent firm audits.api.deviations.CommunicateBody: text
form firm audits.portal.deviations.DeviationMoveForm: version note text
form firm audits.portal.deviations.AccountForm: version {TOLD}
form firm audits.portal.deviations.NewDeviationForm: version {TOLD} control
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {"deviation": "audits.Deviation"}
ACCOUNT = Account(
    happened="It ran a day late.", cause="The owner was on leave.", nature="isolated",
    effect="None: nothing was due that day.", found_by="The auditor",
)  # fmt: skip


def written(world: SimpleNamespace, account: Account = ACCOUNT) -> Deviation:
    """A deviation of the first control, written down by staff."""
    with in_fieldwork(world), acts(world.auditor, world.firm):
        rows = EngagementControl.objects.select_related("engagement")
        control = rows.filter(engagement=world.engagement).order_by("ref").first()
        return deviations.record(control, account, by=world.auditor)


def play(world: SimpleNamespace) -> dict[str, Any]:
    """One that is found, and one more to take back."""
    return {"audits.Deviation": written(world).pk, "spare deviation": written(world).pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads, in every text of it."""
    said = f"{word}-firm"
    written(world, replace(ACCOUNT, happened=said, cause=said, effect=said, fixed=said,
                           found_by=said))  # fmt: skip


def _in_state(play: Any, state: str, who: Any, label: str = "audits.Deviation") -> None:
    factories.moved_to(play.world, "fieldwork")
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        row = Deviation.objects.get(pk=play.ids[label])
    factories.arrange(row, status=state or "found", version=1)


def _spare(play: Any, state: str, who: Any) -> None:
    _in_state(play, state, who, "spare deviation")


ARRANGED = {"deviation": _in_state, "deviation.drop": _spare}
LABELS = {"deviation.drop": {"pk": "spare deviation", "deviation": "spare deviation"}}
FIELDS = {
    "deviation": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "happened": "It ran late.",
        "control": str(play.ids["audits.EngagementControl"]),
        "cause": "Leave.", "nature": "isolated", "effect": "None.", "intentional": False,
        "after_the_fact": False, "compensating_why": "", "found_by": "",
        "fixed": "", "happened_on": "2026-03-02", "note": "It is none.",
        "text": "It ran late.", "version": "1",
    },
}  # fmt: skip
