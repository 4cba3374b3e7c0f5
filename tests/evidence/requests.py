"""Requests of the cast's engagement, brought by the real actions to where a test begins."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.db import transaction

from evidence.actions import evidence_requests, files, request_edits, request_talk
from evidence.choices import RequestStatus as S
from evidence.models import EvidenceLink, EvidenceRequest
from evidence.rules.coverage_dates import Coverage
from evidence.storage import evidence_store
from tests.conftest import as_

IN_PERIOD = Coverage(date(2025, 10, 1), date(2026, 9, 30))
DUE = date(2026, 12, 1)
CSV = b"name,tier\nAcme,1\n"
MIB = bytes(range(256)) * 4096
PLAIN = {"Content_Type": "application/octet-stream"}
"""What a program says of bytes it knows nothing of."""


def draft(world: Any, **fields: Any) -> EvidenceRequest:
    """A draft with all that sending asks for."""
    usual = {"title": "Vendor register", "owner": world.owner, "due_on": DUE,
             "covers_all_scope": True}  # fmt: skip
    with transaction.atomic(), as_(world.lead, world.firm):
        return request_edits.draft(world.engagement, {**usual, **fields}, by=world.lead)


def sent(world: Any, **fields: Any) -> EvidenceRequest:
    """An open request."""
    row = draft(world, **fields)
    with transaction.atomic(), as_(world.lead, world.firm):
        return evidence_requests.send(row, by=world.lead)


def upload(
    world: Any, row: EvidenceRequest, who: Any = None, content: bytes = CSV,
    name: str = "vendors.csv", **more: Any,
) -> EvidenceLink:  # fmt: skip
    """A file of the client on the request, in the period."""
    who = who or world.owner
    with as_(who, world.client_organization):  # no transaction is held while bytes arrive
        incoming = files.Upload(
            io.BytesIO(content), name, "text/csv", **{"coverage": IN_PERIOD, **more}
        )
        return files.upload(row, incoming, by=who)


def started(world: Any, **fields: Any) -> EvidenceRequest:
    """In progress, with a file."""
    row = sent(world, **fields)
    upload(world, row)
    return row


def submitted(world: Any, **fields: Any) -> EvidenceRequest:
    """Handed over."""
    row = started(world, **fields)
    with transaction.atomic(), as_(world.owner, world.client_organization):
        if row.kind == "population":
            facts = {"source_query": "select 1", "run_on": date(2026, 10, 1), "row_count": 42}
            request_talk.answer(row, facts, by=world.owner)
        return evidence_requests.submit(row, by=world.owner)


def reviewed(world: Any, **fields: Any) -> EvidenceRequest:
    """Under review."""
    row = submitted(world, **fields)
    with transaction.atomic(), as_(world.auditor, world.firm):
        return evidence_requests.begin_review(row, by=world.auditor)


def accepted(world: Any, **fields: Any) -> EvidenceRequest:
    """Accepted."""
    row = reviewed(world, **fields)
    with transaction.atomic(), as_(world.senior, world.firm):
        return evidence_requests.accept(row, by=world.senior)


def returned(world: Any, **fields: Any) -> EvidenceRequest:
    """Given back with a reason."""
    row = reviewed(world, **fields)
    with transaction.atomic(), as_(world.auditor, world.firm):
        return evidence_requests.give_back(
            row, by=world.auditor, reason="wrong_period", note="Q3 is missing."
        )


def proposed(world: Any, **fields: Any) -> EvidenceRequest:
    """Said not to apply; the firm decides."""
    row = sent(world, **fields)
    with transaction.atomic(), as_(world.owner, world.client_organization):
        return evidence_requests.propose_na(row, by=world.owner, note="We have no vendors.")


def not_applicable(world: Any, **fields: Any) -> EvidenceRequest:
    """Agreed not to apply."""
    row = proposed(world, **fields)
    with transaction.atomic(), as_(world.senior, world.firm):
        return evidence_requests.agree_na(row, by=world.senior, note="Agreed.")


def withdrawn(world: Any, **fields: Any) -> EvidenceRequest:
    """Taken back after it was sent."""
    row = sent(world, **fields)
    with transaction.atomic(), as_(world.senior, world.firm):
        return evidence_requests.withdraw(row, by=world.senior, note="Asked twice.")


def reopened(world: Any, **fields: Any) -> EvidenceRequest:
    """Accepted, then opened again."""
    row = accepted(world, **fields)
    with transaction.atomic(), as_(world.senior, world.firm):
        return evidence_requests.reopen(row, by=world.senior, note="A page is missing.")


AT = {
    S.DRAFT: draft, S.OPEN: sent, S.IN_PROGRESS: started, S.SUBMITTED: submitted,
    S.UNDER_REVIEW: reviewed, S.ACCEPTED: accepted, S.RETURNED: returned,
    S.NA_PROPOSED: proposed, S.NOT_APPLICABLE: not_applicable, S.WITHDRAWN: withdrawn,
    S.REOPENED: reopened,
}  # fmt: skip
"""Status → how a request comes to be there."""


CANARY = "cnry-4f1d"
"""A word of the firm that no client may ever read."""


def path(row: Any, *more: str) -> str:
    """The address of a request, or of what lies below it."""
    return "/".join(["evidence-requests", str(row.pk), *more, ""])


def with_firm_words(world: Any, row: EvidenceRequest) -> EvidenceRequest:
    """The request with canary words wherever the firm alone may write."""
    with transaction.atomic(), as_(world.lead, world.firm):
        request_edits.look_after(row, assignee=world.auditor, by=world.lead)
        EvidenceRequest.objects.filter(pk=row.pk).update(
            list_comment=f"{CANARY} comment", list_status=f"{CANARY} status"
        )
    return row


def files_of(row: Any, query: str = "name=export.bin") -> str:
    """Where the files of a request are posted, with what is said of one."""
    return f"{path(row, 'files')}?{query}"


def stored() -> list[str]:
    """The keys of all that the store holds."""
    return [each.key for each in evidence_store().listing()]
