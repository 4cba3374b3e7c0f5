"""Due dates: the firm sets them, the client may ask for another (RQ-06)."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from evidence.actions.answering import require_answering
from evidence.choices import OVER, WITH_CLIENT
from evidence.models import EvidenceRequest
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing
from tenants.models import User
from tenants.permissions import P, require


def change_due_date(
    evidence_request: EvidenceRequest, *, due_on: date, by: User, note: str = "",
    version: int | None = None,
) -> EvidenceRequest:  # fmt: skip
    """Set another due date, or grant the one the client asked for (RQ-06).

    Past the end of fieldwork only by a manager. Raises PermissionDenied, Refused once over.
    """
    engagement = evidence_request.engagement
    require(by, P.CHANGE_DUE_DATE, engagement)
    last = engagement.fieldwork_ends_on
    if last and due_on > last:
        require(by, P.PASS_FIELDWORK_END, engagement)
    detail = {"after": str(due_on)}
    with changing(
        "due_date_changed", evidence_request, by=by, version=version, note=note, detail=detail
    ) as row:
        if row.status in OVER:
            raise Refused("It is over; its due date no longer matters.", code="request_over")
        detail["before"] = str(row.due_on or "")
        row.due_on, row.proposed_due_on, row.proposed_due_reason = due_on, None, ""
    return evidence_request


def propose_due_date(
    evidence_request: EvidenceRequest, *, due_on: date, note: str, by: User,
    version: int | None = None,
) -> EvidenceRequest:  # fmt: skip
    """The client asks for more time, with the reason; a senior decides (RQ-06).

    Raises PermissionDenied, Invalid, Refused when the client is not to act.
    """
    require(by, P.PROPOSE_DUE_DATE, evidence_request.engagement)
    if not note.strip():
        raise Invalid("Say why you need more time.", code="note_required", field="note")
    if due_on <= timezone.localdate(timezone=evidence_request.engagement.client.zone):
        raise Invalid("Ask for a day after today.", code="due_in_the_past", field="due_on")
    with changing(
        "due_date_proposed", evidence_request, by=by, version=version, note=note,
        detail={"after": str(due_on)},
    ) as row:  # fmt: skip
        require_answering(by, row)
        if row.status not in WITH_CLIENT:
            raise Refused("The auditor has it now.", code="not_with_client")
        row.proposed_due_on, row.proposed_due_reason = due_on, note.strip()
    return evidence_request


def decline_due_date(
    evidence_request: EvidenceRequest, *, note: str, by: User, version: int | None = None
) -> EvidenceRequest:
    """Keep the due date although the client asked for another, with the reason."""
    require(by, P.CHANGE_DUE_DATE, evidence_request.engagement)
    if not note.strip():
        raise Invalid("Say why the date stays.", code="note_required", field="note")
    with changing("due_date_kept", evidence_request, by=by, version=version, note=note) as row:
        if not row.proposed_due_on:
            raise Refused("No other date was asked for.", code="nothing_proposed")
        row.proposed_due_on, row.proposed_due_reason = None, ""
    return evidence_request
