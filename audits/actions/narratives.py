"""Around a control's narrative: proposed by those who do the work, approved by a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.actions.library import lock, write
from audits.choices.narratives import ProposalStatus
from audits.models import Control, Narrative
from audits.models.narratives import NarrativeApproval, NarrativeProposal
from audits.queries.library import library_of
from audits.queries.narratives import approver_count
from audits.rules.control_changes import Outcome, compare
from audits.rules.controls import problems_of
from tenants import trail
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.models import User
from tenants.permissions import P, require


def propose(
    control: Control, text: str, *, by: User, effective_from: date | None = None
) -> NarrativeProposal:
    """Say how the control would better be told; proposing again replaces one's open proposal.

    Raises PermissionDenied, Refused for a retired control, Invalid for an empty, too long or
    unchanged text.
    """
    require(by, P.PROPOSE_NARRATIVE, control.client)
    with transaction.atomic():
        lock(control.client)
        library = library_of(control.client, refs=[control.ref])
        row: Any = library.controls[control.ref]
        if row.retired_on:
            raise Refused(f"{row.ref} is retired: it runs no more.", code="control_retired")
        _check_text(library.told[control.ref], text)
        proposal, made = NarrativeProposal.objects.update_or_create(
            client=control.client, control=control, proposed_by=by,
            status=ProposalStatus.PROPOSED,
            defaults={
                "text": text.strip(), "effective_from": effective_from,
                "against": row.narrative_number or 0, "proposed_at": timezone.now(),
            },
        )  # fmt: skip
        if not made:
            proposal.version += 1
            proposal.save(update_fields=["version"])
        trail.record("narrative_proposed", control, by=by, organization_id=control.client_id)
    return proposal


def take(proposal: NarrativeProposal, *, by: User, version: int | None = None) -> Narrative:
    """Make a proposal the control's next version, told by who proposed it.

    Somebody else taking it approves it (SO-08). Raises PermissionDenied, Refused when it is
    decided or the control retired, Invalid when the control reads so already, StaleVersion.
    """
    control = proposal.control
    require(by, P.EDIT_LIBRARY, control.client)
    with transaction.atomic():
        lock(control.client)
        row = _undecided(proposal, version)
        library = library_of(control.client, refs=[control.ref])
        if library.controls[control.ref].retired_on:
            raise Refused(f"{control.ref} is retired: it runs no more.", code="control_retired")
        told = _check_text(library.told[control.ref], row.text)
        change = compare(library.told, [told])[0]
        assert change.outcome == Outcome.UPDATE
        write(control.client, library, [change], by=row.proposed_by,
              effective_from=row.effective_from)  # fmt: skip
        newest: Narrative = Narrative.objects.filter(control=control).latest("number")
        if row.proposed_by_id != by.pk:
            NarrativeApproval.objects.create(
                client=control.client, narrative=newest, approved_by=by
            )
        _decide(row, ProposalStatus.TAKEN, by)
        trail.record(
            "proposal_taken", control, by=by, organization_id=control.client_id,
            detail={"number": newest.number, "proposed_by": row.proposed_by.name},
        )  # fmt: skip
    proposal.refresh_from_db()
    return newest


def refuse(
    proposal: NarrativeProposal, *, reason: str, by: User, version: int | None = None
) -> NarrativeProposal:
    """Leave the control as it is told, and say why; who proposed reads the reason.

    Raises PermissionDenied, Invalid without a reason, Refused when it is decided, StaleVersion.
    """
    control = proposal.control
    require(by, P.EDIT_LIBRARY, control.client)
    if not reason.strip():
        raise Invalid("Say why, so that the next proposal can be better.", code="required",
                      field="reason")  # fmt: skip
    with transaction.atomic():
        lock(control.client)
        row = _undecided(proposal, version)
        _decide(row, ProposalStatus.REFUSED, by, reason.strip()[:2_000])
        trail.record(
            "proposal_refused", control, by=by, organization_id=control.client_id,
            note=row.decision,
        )  # fmt: skip
    proposal.refresh_from_db()
    return proposal


def approve(control: Control, number: int, *, by: User) -> NarrativeApproval:
    """Stand by the newest version of a control's narrative, written by somebody else (SO-08).

    number: the version that was read. Raises PermissionDenied, StaleVersion when a newer one
    stands, Refused when it is approved already, or written by `by` and another could approve.
    """
    require(by, P.APPROVE_NARRATIVE, control.client)
    with transaction.atomic():
        lock(control.client)
        newest = Narrative.objects.filter(control=control).latest("number")
        if newest.number != number:
            raise StaleVersion(
                f"Version {newest.number} stands by now; read it before you approve."
            )
        if newest.approvals.exists():
            raise Refused("This version is approved already.", code="narrative_approved")
        if newest.written_by_id == by.pk and approver_count(control.client) > 1:
            raise Refused(
                "SO-08: you wrote this version. Ask another administrator or control owner to "
                "approve it.",
                code="approver_is_writer",
            )
        approval = NarrativeApproval.objects.create(
            client=control.client, narrative=newest, approved_by=by
        )
        trail.record(
            "narrative_approved", control, by=by, organization_id=control.client_id,
            detail={"number": number},
        )  # fmt: skip
    return approval


def _check_text(told: Any, text: str) -> Any:
    """The control with this narrative. Raises Invalid for a text that cannot be its next."""
    anew = replace(told, narrative=text.strip())
    wrong = next((one for one in problems_of(anew) if one.is_error), None)
    if wrong:
        raise Invalid(wrong.message, code=wrong.code, field="text")
    if anew.narrative == told.narrative:
        raise Invalid(
            "The narrative reads as before. Change it, or leave it.", code="narrative_unchanged",
            field="text",
        )  # fmt: skip
    return anew


def _undecided(proposal: NarrativeProposal, version: int | None) -> NarrativeProposal:
    """The proposal as it is now, the library being locked."""
    row: NarrativeProposal = NarrativeProposal.objects.select_related("proposed_by").get(
        pk=proposal.pk
    )
    if row.status != ProposalStatus.PROPOSED:
        raise Refused("This proposal is decided already.", code="proposal_decided")
    if version is not None and version != row.version:
        raise StaleVersion("The proposal was written anew since you opened it; read it again.")
    return row


def _decide(row: NarrativeProposal, status: str, by: User, reason: str = "") -> None:
    row.status, row.decided_by, row.decided_at, row.decision = status, by, timezone.now(), reason
    row.version += 1
    row.save(update_fields=["status", "decided_by", "decided_at", "decision", "version"])
