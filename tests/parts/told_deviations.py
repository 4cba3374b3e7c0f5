"""Deviations told to the client in the generated tests, of a control of the owner's."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from audits.actions import deviations, told_deviations
from audits.actions.told_deviations import Reply
from audits.models import Control, EngagementControl
from audits.models.told_deviations import CommunicatedDeviation
from tests import factories
from tests.access.scenes import acts
from tests.parts.deviations import ACCOUNT, written
from tests.parts.testing import _phase as in_fieldwork

FIELDS_TXT = """
shown both audits.api.told_deviations.CommunicatedDeviationSerializer: id version engagement control ref text number_tested number_deviating communicated_by communicated_at waived_reason
shown both audits.api.told_deviations.ManagementResponseSerializer: id version engagement communicated agrees cause action owner_name due_on written_by handed_over_at
sent firm audits.api.told_deviations.WaiveBody: reason
sent client audits.api.told_deviations.ResponseBody: communicated agrees cause action owner_name due_on
form firm audits.portal.told_deviations.WaiveForm: version reason
form client audits.portal.told_deviations.ResponseForm: version agrees cause action owner_name due_on
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {
    "communicated_deviation": "audits.CommunicatedDeviation",
    "management_response": "audits.ManagementResponse",
}
FILTERED = {"communicated": "audits.CommunicatedDeviation"}
REPLY = Reply(True, "The owner was on leave.", "A deputy is named.", "Ada Admin")


def told(world: SimpleNamespace, text: str = "It ran late.") -> CommunicatedDeviation:
    """The client is told of a deviation in a control of the owner's."""
    row = written(world, replace(ACCOUNT, happened=f"{text}-firm", cause=f"{text}-firm"))
    owned(world, row.control_id)
    with in_fieldwork(world):
        with acts(world.auditor, world.firm):
            deviations.move(row, "explain", by=world.auditor)
        with acts(world.lead, world.firm):
            told_deviations.communicate(row, text, by=world.lead)
            return _held(row.pk)


def owned(world: SimpleNamespace, control: Any, by: str = "owner") -> None:
    """The library's control behind one of the engagement belongs to a person of the client."""
    with acts(world.client, world.client_organization):
        key = EngagementControl.objects.values_list("control", flat=True).get(pk=control)
        Control.objects.filter(pk=key).update(owner=getattr(world, by))


def _held(key: Any) -> CommunicatedDeviation:
    rows = CommunicatedDeviation.objects.select_related("engagement", "control")
    found: CommunicatedDeviation = rows.get(deviation_id=key)
    return found


def responded(world: SimpleNamespace, row: CommunicatedDeviation, reply: Reply = REPLY) -> Any:
    """Management's draft, by its administrator."""
    with in_fieldwork(world), acts(world.client, world.client_organization):
        return told_deviations.respond(row, reply, by=world.client)


def play(world: SimpleNamespace) -> dict[str, Any]:
    """One that was told, with a draft of the response."""
    row = told(world)
    return {
        "audits.CommunicatedDeviation": row.pk,
        "audits.ManagementResponse": responded(world, row).pk,
    }


def furnish(world: SimpleNamespace, word: str) -> None:
    """What was told and handed over, for both sides."""
    reply = responded(world, told(world, word), replace(REPLY, cause=word, action=word))
    with in_fieldwork(world), acts(world.client, world.client_organization):
        reply = (
            type(reply)
            .objects.select_related("engagement", "communicated__control")
            .get(pk=reply.pk)
        )
        told_deviations.hand_over(reply, by=world.client)


def _in_fieldwork(play: Any, state: str, who: Any) -> None:
    factories.moved_to(play.world, "fieldwork")


ARRANGED = {"communicated_deviation": _in_fieldwork, "management_response": _in_fieldwork}
FIELDS = {
    "communicated_deviation": lambda play, who: {"reason": "The client is gone.", "version": "1"},
    "management_response": lambda play, who: {
        "communicated": str(play.ids["audits.CommunicatedDeviation"]), "agrees": True,
        "cause": "Leave.", "action": "A deputy.", "owner_name": "Ada", "due_on": "2026-12-01",
        "version": "1",
    },
}  # fmt: skip
