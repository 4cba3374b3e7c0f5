"""Narratives in the generated tests: one proposed, one that somebody else wrote."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audits.actions import library_controls, narratives
from audits.models import Control, Narrative
from audits.models.narratives import NarrativeProposal
from audits.rules.controls import ControlFields
from tenants import acting

TOLD = ControlFields(
    ref="ZZ-01", title="A control", narrative="Somebody looks at it.", owner_role="Clerk",
    frequency="annual", nature="manual", type="preventive",
)  # fmt: skip
DOCUMENT = b"## ZZ-01 A control\n\nIt is told otherwise now."
FIELDS_TXT = """
shown client audits.api.narrative_documents.BroughtInShape: dry_run changes
shown client audits.api.narrative_documents.NarrativeChangeShape: line ref outcome problem
shown both audits.api.narratives.DifferenceShape: before after removed added
shown both audits.api.narratives.NarrativeSerializer: id number text effective_from written_by written_at approved_by approved_at
shown both audits.api.narratives.PieceShape: text changed
shown client audits.api.narratives.NarrativeProblemShape: rule level says write
shown client audits.api.narratives.ProposalSerializer: id version client control ref against text effective_from status proposed_by proposed_at decided_by decided_at decision
shown client audits.api.narratives.ScoreShape: passed applicable words problems
sent client audits.api.narratives.ApproveBody: number
sent client audits.api.narratives.CheckBody: text
sent client audits.api.narratives.NarrativeBody: text effective_from
sent client audits.api.narratives.RefuseBody: reason
form client audits.portal.narrative_forms.ApproveForm: number
form client audits.portal.narrative_forms.DocumentForm: file
form client audits.portal.narrative_forms.NarrativeForm: text effective_from
form client audits.portal.narrative_forms.RefuseForm: version reason
form firm audits.portal.mapping_reasons.ReasonsForm:
"""  # noqa: E501
PORTAL_IDS = {"proposal": "audits.NarrativeProposal"}


def play(world: SimpleNamespace) -> dict[str, Any]:
    """A contributor proposes how the control of the library is told."""
    from tests.access.scenes import acts

    with acts(world.contributor, world.client_organization):
        control = Control.objects.visible_to(world.contributor).order_by("pk").first()
        row = narratives.propose(control, "Told better.", by=world.contributor)
    with acts(world.outsider, world.other_client):  # who brings a document in has such a control
        library_controls.add_control(world.other_client, TOLD, by=world.outsider)
    return {"audits.NarrativeProposal": row.pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """Nothing more: a narrative is the library's, and its words are furnished there."""


def _told_by_somebody_else(play: Any, state: str, who: Any) -> None:
    """A newest version that nobody of the standings wrote, and nobody approved."""
    world = play.world
    with acting.inside(world.client_organization.pk):
        control = Control.objects.get(pk=play.ids["audits.Control"])
        number = Narrative.objects.filter(control=control).count()
        Narrative.objects.create(
            client=world.client_organization, control=control, number=number + 1,
            text="Told by another.", written_by=world.second_admin,
        )  # fmt: skip


def _proposal(play: Any, state: str, who: Any) -> None:
    decided: dict[str, Any] = {"decided_by": None, "decided_at": None}
    if state == "taken":
        decided = {"decided_by": play.world.client, "decided_at": timezone.now()}
    with acting.inside(play.world.client_organization.pk):
        NarrativeProposal.objects.filter(pk=play.ids["audits.NarrativeProposal"]).update(
            status=state or "proposed", version=1, **decided
        )


def _number(play: Any) -> int:
    with acting.inside(play.world.client_organization.pk):
        return Narrative.objects.filter(control=play.ids["audits.Control"]).count()


PARTICULAR = {"audits_narrativeapproval": lambda world: {"approved_by_id": world.owner.pk}}
"""Not by the administrator, who wrote it (SO-08)."""
ARRANGED = {"narrative": _told_by_somebody_else, "narrative_proposal": _proposal}
FIELDS = {
    "narrative": lambda play, who: {
        "text": "It is told otherwise now.", "number": _number(play),
    },
    "narrative.bring_in": lambda play, who: {
        "file": SimpleUploadedFile("narratives.md", DOCUMENT, "text/markdown"),
        "text": DOCUMENT.decode(),
    },
    "narrative_proposal": lambda play, who: {"reason": "As it is, it is right.", "version": "1"},
}  # fmt: skip
