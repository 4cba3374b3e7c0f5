"""The same act on many requests: all or nothing, and a refusal names the request (ACC-11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from evidence.models import EvidenceRequest
from tenants import trail
from tenants.errors import GrcError
from tenants.models import Engagement, User
from tenants.permissions import P, require


def on_each(
    evidence_requests: Sequence[EvidenceRequest], act: Callable[[EvidenceRequest], Any]
) -> list[EvidenceRequest]:
    """Do `act` to each request in one transaction, in an order that cannot deadlock.

    Raises what `act` raises, with the request's reference in front.
    """
    ordered = sorted(evidence_requests, key=lambda each: each.pk)
    with transaction.atomic():
        for evidence_request in ordered:
            try:
                act(evidence_request)
            except GrcError as refusal:
                refusal.message = f"{evidence_request.ref}: {refusal.message}"
                refusal.args = (refusal.message,)
                raise
            except PermissionDenied as denied:
                raise PermissionDenied(f"{evidence_request.ref}: {denied}") from denied
    return ordered


def note_export(engagement: Engagement, *, by: User, count: int, kind: str) -> None:
    """Write into the trail that a list of `count` requests left as a file (AUD-1)."""
    require(by, P.VIEW_ENGAGEMENT, engagement)
    trail.record(
        "requests_exported", engagement, by=by, engagement_id=engagement.pk,
        detail={"count": count, "kind": kind},
    )  # fmt: skip
