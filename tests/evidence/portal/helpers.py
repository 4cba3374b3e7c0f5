"""Requests in the portal's tests: made by the real actions, answered by the real browser pages."""

from __future__ import annotations

import io
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.urls import reverse

from evidence.actions import evidence_requests, files, request_edits
from evidence.models import EvidenceRequest
from evidence.rules.coverage_dates import Coverage
from tests.conftest import as_

IN_PERIOD = Coverage(date(2025, 10, 1), date(2026, 9, 30))


def draft(world: SimpleNamespace, **fields: Any) -> EvidenceRequest:
    """A draft that could be sent."""
    with as_(world.lead, world.firm):
        return request_edits.draft(
            world.engagement,
            {"title": "Vendor register", "owner": world.owner, "due_on": date(2026, 12, 1),
             "covers_all_scope": True, **fields},
            by=world.lead,
        )  # fmt: skip


def sent(world: SimpleNamespace, **fields: Any) -> EvidenceRequest:
    """A request the client has."""
    row = draft(world, **fields)
    with as_(world.lead, world.firm):
        return evidence_requests.send(row, by=world.lead)


def uploaded(world: SimpleNamespace, row: EvidenceRequest, name: str = "vendors.csv", **more: Any):
    """A file on the request, not handed over yet; answers its link."""
    with as_(world.owner, world.client_organization):
        content = more.pop("content", b"name,tier\nAcme,1\n")
        more = {"coverage": IN_PERIOD, **more}
        incoming = files.Upload(io.BytesIO(content), name, "text/csv", **more)
        return files.upload(row, incoming, by=world.owner)


def submitted(world: SimpleNamespace, **fields: Any) -> EvidenceRequest:
    """A request whose file was handed over."""
    row = sent(world, **fields)
    uploaded(world, row)
    with as_(world.owner, world.client_organization):
        return evidence_requests.submit(row, by=world.owner)


def under_review(world: SimpleNamespace, **fields: Any) -> EvidenceRequest:
    """A request that the staff auditor reviews."""
    row = submitted(world, **fields)
    with as_(world.auditor, world.firm):
        return evidence_requests.begin_review(row, by=world.auditor)


def now(world: SimpleNamespace, row: EvidenceRequest) -> EvidenceRequest:
    """The request as it stands."""
    with as_(world.lead, world.firm):
        return EvidenceRequest.objects.get(pk=row.pk)


def url(world: SimpleNamespace, name: str, *args: Any) -> str:
    """The address of a page of the engagement."""
    return reverse(f"evidence:{name}", args=[world.engagement.pk, *args])
