"""Keeping a request's `named` column equal to the people it names: the wall reads it."""

from __future__ import annotations

from evidence.models import EvidenceRequest
from evidence.queries.people import named_on


def rename(evidence_request: EvidenceRequest) -> None:
    """Set `named` on the row in hand; whoever holds it saves it."""
    evidence_request.named = named_on(evidence_request)
