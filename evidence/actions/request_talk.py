"""What is said about a request: messages, the firm's notes, and the client's answer."""

from __future__ import annotations

from django.db import transaction

from evidence.actions import evidence_requests
from evidence.actions.answering import answers, require_answering
from evidence.actions.request_fields import Fields
from evidence.choices import WITH_CLIENT
from evidence.models import AnswerDraft, EvidenceRequest, FirmNote, Message
from tenants import acting, outbox, trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused
from tenants.lifecycle import locked
from tenants.models import User
from tenants.permissions import P, require


def comment(evidence_request: EvidenceRequest, *, text: str, by: User) -> Message:
    """Write to the other side. The client's first comment starts an open request.

    Raises PermissionDenied, Invalid for an empty text, Refused on a draft.
    """
    require(by, P.COMMENT, evidence_request.engagement)
    if evidence_request.opened_at is None:
        raise Refused("The client does not see a draft; send it first.", code="request_draft")
    text = _said(text)
    with transaction.atomic():
        row = locked(evidence_request)
        message = Message.objects.create(
            engagement_id=row.engagement_id, evidence_request=row, author=by,
            organization_id=acting.organization_id(), text=text,
        )  # fmt: skip
        trail.record("commented", row, by=by, engagement_id=row.engagement_id)
        outbox.enqueue_followers(message, "commented", row.engagement_id)
        if answers(by, row):
            evidence_requests.start(row, by=by)
    evidence_request.__dict__.update(row.__dict__)
    return message


def note(evidence_request: EvidenceRequest, *, text: str, by: User) -> FirmNote:
    """Note something among the firm's people; the client never learns of it.

    Raises PermissionDenied, Invalid for an empty text.
    """
    require(by, P.WRITE_FIRM_NOTE, evidence_request.engagement)
    with transaction.atomic():
        written = FirmNote.objects.create(
            engagement_id=evidence_request.engagement_id, evidence_request=evidence_request,
            author=by, text=_said(text),
        )  # fmt: skip
        trail.record(
            "noted", evidence_request, by=by, engagement_id=evidence_request.engagement_id,
            zone=TrailZone.FIRM,
        )  # fmt: skip
    return written


def answer(evidence_request: EvidenceRequest, fields: Fields, *, by: User) -> AnswerDraft:
    """Write the client's answer, which the firm sees when it is submitted.

    `fields`: text, source_query, run_on, row_count. Raises PermissionDenied, Refused when the
    client is not to act.
    """
    require(by, P.UPLOAD_EVIDENCE, evidence_request.engagement)
    with transaction.atomic():
        row = locked(evidence_request)
        require_answering(by, row)
        if row.status not in WITH_CLIENT:
            raise Refused("The auditor has it now; take it back first.", code="not_with_client")
        written, _ = AnswerDraft.objects.update_or_create(
            evidence_request=row, engagement_id=row.engagement_id,
            defaults={**fields, "written_by": by},
        )  # fmt: skip
        trail.record("answered", row, by=by, engagement_id=row.engagement_id, zone=TrailZone.CLIENT)
        evidence_requests.start(row, by=by)
    evidence_request.__dict__.update(row.__dict__)
    return written


def _said(text: str) -> str:
    if not text.strip():
        raise Invalid("Write something first.", code="text_required", field="text")
    return text.strip()
