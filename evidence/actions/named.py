"""Keeping a request's `named` column equal to the people it names: the wall reads it."""

from __future__ import annotations

from collections.abc import Callable

from evidence.models import EvidenceRequest
from evidence.queries.people import named_on

AFTER_NAMING: list[Callable[[EvidenceRequest], None]] = []
"""What is seen by whom a request names, and follows it; a part of this app adds to it."""


def rename(evidence_request: EvidenceRequest) -> None:
    """Set `named` on the row in hand; whoever holds it saves it."""
    evidence_request.named = named_on(evidence_request)
    for follow in AFTER_NAMING:
        follow(evidence_request)
