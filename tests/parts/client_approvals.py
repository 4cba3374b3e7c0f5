"""The client's approvals in the generated tests: of a description that staff of it wrote."""

from __future__ import annotations

from typing import Any

from audits.actions import client_approvals, documents
from audits.queries.client_approvals import standing
from tests.access.scenes import acts

KIND = "description"
FIELDS_TXT = """
shown both audits.api.client_approvals.ApprovalStandingShape: kind name content content_hash is_current
shown both audits.api.client_approvals.ApprovalStandingsShape: approvals
shown both audits.api.client_approvals.ClientApprovalSerializer: id version engagement subject_kind subject_id content content_hash approved_by role approved_at
sent client audits.api.client_approvals.ApproveSubjectBody: engagement kind seen
form client audits.portal.client_approvals.ApproveSubjectForm: kind seen
"""  # noqa: E501  (a line is a class)


def play(world: Any) -> dict[str, Any]:
    """One version of a description is approved, and a later one waits."""
    _described(world, "A description.")
    with acts(world.client, world.client_organization):
        seen = _seen(world)
        held = client_approvals.approve(world.engagement, KIND, seen=seen, by=world.client)
    _described(world, "A later one.")
    with acts(world.client, world.client_organization):
        return {"audits.ClientApproval": held.pk, "description seen": _seen(world)}


def furnish(world: Any, word: str) -> None:
    """Nothing more: the words are the documents' own."""


def _described(world: Any, text: str) -> None:
    """The second administrator writes, so that each of the cast may approve."""
    who = getattr(world, "second_admin", world.client)
    with acts(who, world.client_organization):
        documents.write(world.engagement, KIND, text, final=True, by=who)


def _seen(world: Any) -> str:
    found = [each for each in standing(world.engagement) if each.approvable.kind == KIND]
    return found[0].content_hash


PARTICULAR = {"audits_clientapproval": lambda world: {"role": "executive"}}
FIELDS = {
    "client_approval": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "kind": KIND,
        "seen": play.ids["description seen"],
    },
}  # fmt: skip
