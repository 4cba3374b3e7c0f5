"""The life of an evidence request: a table of moves, then one short function per verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.utils import timezone

from evidence.actions.answering import answers
from evidence.actions.named import rename
from evidence.actions.request_bulk import on_each
from evidence.choices import WITH_CLIENT, ReturnReason
from evidence.choices import RequestStatus as S
from evidence.models import (
    AnswerDraft,
    EvidenceLink,
    EvidenceRequest,
    Handling,
    Submission,
)
from evidence.queries import request_guards as guards
from evidence.rules import answering
from evidence.rules.business_days import holidays_of
from evidence.rules.reminding import returned_due
from tenants.choices import EngagementStatus
from tenants.errors import Invalid
from tenants.lifecycle import Lifecycle, Move
from tenants.models import User
from tenants.permissions import P, require
from tenants.visibility import reach


def _held(person: Any, row: EvidenceRequest) -> frozenset[str]:
    return reach(person).get(row.engagement_id, frozenset())


def _submits(person: Any, row: EvidenceRequest) -> bool:
    return answering.may_submit(person.pk, row.owner_id, _held(person, row))


def _accepts(person: Any, row: EvidenceRequest) -> bool:
    return answering.may_accept(row.kind, _held(person, row))


def _may_reopen_now(person: Any, row: EvidenceRequest) -> bool:
    """After fieldwork a manager reopens, before it a senior may."""
    early = row.engagement.status in _UP_TO_FIELDWORK
    return early or P.MANAGE_ENGAGEMENT in _held(person, row)


_UP_TO_FIELDWORK = (
    EngagementStatus.DRAFT, EngagementStatus.ACCEPTANCE, EngagementStatus.PLANNING,
    EngagementStatus.WALKTHROUGH, EngagementStatus.FIELDWORK, EngagementStatus.ACTIVE,
)  # fmt: skip
_OPEN = (S.OPEN, S.REOPENED)

LIFECYCLE = Lifecycle(
    Move("send", [S.DRAFT], S.OPEN, P.SEND_REQUEST, label="Send to client", tone="primary",
         guards=[guards.engagement_runs, guards.needs_owner, guards.needs_due_date,
                 guards.needs_purpose]),
    Move("start", _OPEN, S.IN_PROGRESS, P.UPLOAD_EVIDENCE, who=answers, hidden=True),
    Move("submit", [S.IN_PROGRESS, S.RETURNED], S.SUBMITTED, P.SUBMIT_REQUEST, who=_submits,
         label="Submit to auditor", tone="primary", note="optional",
         guards=[guards.engagement_runs, guards.needs_answer, guards.needs_population_facts]),
    Move("recall", [S.SUBMITTED], S.IN_PROGRESS, P.SUBMIT_REQUEST, who=_submits,
         label="Take back", note="optional"),
    Move("begin_review", [S.SUBMITTED], S.UNDER_REVIEW, P.REVIEW_EVIDENCE,
         label="Begin review", tone="primary"),
    Move("accept", [S.UNDER_REVIEW], S.ACCEPTED, P.REVIEW_EVIDENCE, who=_accepts, tone="primary",
         note="optional", guards=[guards.files_are_whole, guards.coverage_is_stated]),
    Move("give_back", [S.UNDER_REVIEW], S.RETURNED, P.REVIEW_EVIDENCE, label="Return",
         note="required", tone="danger", asks=["reason"]),
    Move("propose_na", [*WITH_CLIENT], S.NA_PROPOSED, P.SUBMIT_REQUEST, who=_submits,
         label="Propose not applicable", note="required"),
    Move("agree_na", [S.NA_PROPOSED], S.NOT_APPLICABLE, P.DECIDE_NOT_APPLICABLE,
         label="Agree: not applicable", note="required"),
    Move("refuse_na", [S.NA_PROPOSED], S.OPEN, P.DECIDE_NOT_APPLICABLE,
         label="Still needed", note="required"),
    Move("withdraw", [status for status in S if status not in (S.ACCEPTED, S.WITHDRAWN)],
         S.WITHDRAWN, P.WITHDRAW_REQUEST, note="required", tone="danger"),
    Move("reopen", [S.ACCEPTED, S.NOT_APPLICABLE], S.REOPENED, P.REOPEN_REQUEST,
         who=_may_reopen_now, note="required"),
)  # fmt: skip


def send(
    evidence_request: EvidenceRequest, *, by: User, version: int | None = None
) -> EvidenceRequest:
    """Release a draft to the client; owner, due date and purpose must be set.

    Raises PermissionDenied, MoveRefused with what is missing.
    """
    with LIFECYCLE.moving("send", evidence_request, by=by, version=version) as row:
        row.opened_at = timezone.now()
        row.requested_on = row.requested_on or timezone.localdate(
            timezone=row.engagement.client.zone
        )
    return evidence_request


def start(row: EvidenceRequest, *, by: User) -> None:
    """The client has begun to answer: comes along with their first upload, text or comment.

    `row` is locked, and `by` is one of those who answer it; a request not just opened stays.
    """
    LIFECYCLE.along("start", row, by=by)


def submit(
    evidence_request: EvidenceRequest, *, by: User, note: str = "", version: int | None = None
) -> EvidenceRequest:
    """Hand the answer and its files to the reviewers; from now on they see them.

    Raises PermissionDenied for anybody but owner and client administrator, MoveRefused when
    there is neither file nor text, or a population lacks its query, run date or row count.
    """
    with LIFECYCLE.moving("submit", evidence_request, by=by, note=note, version=version) as row:
        row.submitted_by, row.submitted_at = by, timezone.now()
        links = EvidenceLink.objects.filter(evidence_request=row, handed_over_at=None)
        links.update(handed_over_at=row.submitted_at)
        draft = AnswerDraft.objects.filter(evidence_request=row).first() or AnswerDraft()
        Submission.objects.create(
            engagement_id=row.engagement_id, evidence_request=row,
            number=Submission.objects.filter(evidence_request=row).count() + 1,
            text=draft.text, source_query=draft.source_query, run_on=draft.run_on,
            row_count=draft.row_count, submitted_by=by, submitted_at=row.submitted_at,
        )  # fmt: skip
    return evidence_request


def recall(
    evidence_request: EvidenceRequest, *, by: User, note: str = "", version: int | None = None
) -> EvidenceRequest:
    """Take a submission back before its review begins; what it handed over is a draft again.

    Raises PermissionDenied, MoveRefused once the review has begun.
    """
    with LIFECYCLE.moving("recall", evidence_request, by=by, note=note, version=version) as row:
        EvidenceLink.objects.filter(evidence_request=row, handed_over_at=row.submitted_at).update(
            handed_over_at=None
        )
        last = Submission.objects.filter(evidence_request=row, submitted_at=row.submitted_at)
        last.update(recalled_at=timezone.now())
        row.submitted_by = row.submitted_at = None
    return evidence_request


def begin_review(
    evidence_request: EvidenceRequest, *, by: User, version: int | None = None
) -> EvidenceRequest:
    """Take a submission up for review, as its reviewer. Raises PermissionDenied, MoveRefused."""
    with LIFECYCLE.moving("begin_review", evidence_request, by=by, version=version) as row:
        Handling.objects.update_or_create(
            evidence_request=row, engagement_id=row.engagement_id, defaults={"reviewer": by}
        )
        rename(row)
    return evidence_request


def accept(
    evidence_request: EvidenceRequest,
    *,
    by: User,
    note: str = "",
    override: bool = False,
    version: int | None = None,
) -> EvidenceRequest:
    """Accept what was handed over; the stored bytes are hashed again first (EV-04).

    A file that does not cover what is asked needs `override` by a senior with the reason in
    `note`. Raises PermissionDenied, MoveRefused naming the file, Invalid for dates that do not
    fit.
    """
    with LIFECYCLE.moving("accept", evidence_request, by=by, note=note, version=version) as row:
        misfit = guards.coverage_misfit(row)
        if misfit and not override:
            raise Invalid(
                f"{misfit}. A senior may accept it all the same, with the reason.",
                code="coverage_misfit", field="override",
            )  # fmt: skip
        if misfit:
            require(by, P.OVERRIDE_COVERAGE, row.engagement)
            if not note.strip():
                raise Invalid("Say why it is enough.", code="note_required", field="note")
        row.return_reason = row.return_text = ""
        row.decision = note.strip()
    return evidence_request


def give_back(
    evidence_request: EvidenceRequest, *, by: User, reason: str, note: str,
    version: int | None = None,
) -> EvidenceRequest:  # fmt: skip
    """Return a submission with a reason code and a text the client can act on (RQ-02).

    The due date becomes three business days from now if that is later (RQ-05). Raises
    PermissionDenied, MoveRefused, Invalid.
    """
    if reason not in ReturnReason.values:
        raise Invalid("Choose why it goes back.", code="reason_unknown", field="reason")
    detail = {"reason": reason}
    with LIFECYCLE.moving(
        "give_back", evidence_request, by=by, note=note, version=version, detail=detail
    ) as row:
        client = row.engagement.client
        today = timezone.localdate(timezone=client.zone)
        row.due_on = returned_due(row.due_on, today, holidays_of(client.holiday_country))
        row.return_reason, row.return_text = reason, note.strip()
        row.return_count += 1
    return evidence_request


def propose_na(
    evidence_request: EvidenceRequest, *, by: User, note: str, version: int | None = None
) -> EvidenceRequest:
    """Propose, with the reason, that the request does not apply. Raises as every move."""
    with LIFECYCLE.moving("propose_na", evidence_request, by=by, note=note, version=version) as row:
        row.na_reason = note.strip()
    return evidence_request


def agree_na(
    evidence_request: EvidenceRequest, *, by: User, note: str, version: int | None = None
) -> EvidenceRequest:
    """Agree that the request does not apply, with the decision's text."""
    with LIFECYCLE.moving("agree_na", evidence_request, by=by, note=note, version=version) as row:
        row.decision = note.strip()
    return evidence_request


def refuse_na(
    evidence_request: EvidenceRequest, *, by: User, note: str, version: int | None = None
) -> EvidenceRequest:
    """Say that the request is still needed, and why; the client's clock runs again."""
    with LIFECYCLE.moving("refuse_na", evidence_request, by=by, note=note, version=version) as row:
        row.decision = note.strip()
    return evidence_request


def withdraw(
    evidence_request: EvidenceRequest, *, by: User, note: str, version: int | None = None
) -> EvidenceRequest:
    """Take a request back that is no longer needed, with the reason; its history stays."""
    with LIFECYCLE.moving("withdraw", evidence_request, by=by, note=note, version=version):
        pass
    return evidence_request


def reopen(
    evidence_request: EvidenceRequest, *, by: User, note: str, version: int | None = None
) -> EvidenceRequest:
    """Open an accepted or not applicable request again, with the reason; history stays."""
    with LIFECYCLE.moving("reopen", evidence_request, by=by, note=note, version=version) as row:
        client = row.engagement.client
        today = timezone.localdate(timezone=client.zone)
        row.due_on = returned_due(row.due_on, today, holidays_of(client.holiday_country))
        row.decision = ""
    return evidence_request


VERBS: dict[str, Callable[..., EvidenceRequest]] = {
    "send": send, "submit": submit, "recall": recall, "begin_review": begin_review,
    "accept": accept, "give_back": give_back, "propose_na": propose_na, "agree_na": agree_na,
    "refuse_na": refuse_na, "withdraw": withdraw, "reopen": reopen,
}  # fmt: skip
"""Move → verb, for surfaces that offer what `LIFECYCLE.offered` lists."""


def move_all(
    name: str, evidence_requests: Sequence[EvidenceRequest], *, by: User, **arguments: Any
) -> list[EvidenceRequest]:
    """One move on many requests, all or nothing (ACC-11); the refusal names the request."""
    return on_each(evidence_requests, partial(VERBS[name], by=by, **arguments))
