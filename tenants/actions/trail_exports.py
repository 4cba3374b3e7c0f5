"""Giving out the trail: each copy is told in it before it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tenants import trail
from tenants.choices import OrganizationKind, TrailZone
from tenants.errors import Invalid
from tenants.models import Engagement, Organization, User
from tenants.permissions import require
from tenants.queries.trail import permission_to_read

KINDS = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}


@transaction.atomic
def note(
    book: Engagement | Organization, *, by: User, organization: Organization, kind: str,
    asked: Mapping[str, str],
) -> None:  # fmt: skip
    """Write down who takes what out. Raises PermissionDenied, Invalid for an unknown kind."""
    if kind not in KINDS:
        raise Invalid("as: choose from csv, jsonl.", code="kind_unknown", field="as")
    require(by, permission_to_read(book), book)
    place: dict[str, Any] = {"organization_id": book.pk}
    if isinstance(book, Engagement):
        firm = organization.kind == OrganizationKind.FIRM
        place = {"engagement_id": book.pk, "zone": TrailZone.FIRM if firm else TrailZone.CLIENT}
    trail.record(
        "trail_exported", book, by=by, **place,
        detail={"kind": kind, "asked": {name: text for name, text in asked.items() if text}},
    )  # fmt: skip
