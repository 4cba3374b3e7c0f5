"""What the client approves of its own statements: boundary, methods, commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audits.approvals import Subject
from audits.choices.system import EntryKind, SubserviceMethod
from audits.models.subservices import EngagementSubservice
from audits.queries.statements import content
from tenants.models import Engagement

BOUNDARY = (EntryKind.SERVICE, EntryKind.BOUNDARY)
PROMISES = (EntryKind.COMMITMENT, EntryKind.REQUIREMENT)


def boundary(engagement: Engagement) -> Subject | None:
    """The services and the boundary, as they were handed over (2 queries)."""
    return _stated(engagement, BOUNDARY)


def commitments(engagement: Engagement) -> Subject | None:
    """Commitments and system requirements, as they were handed over (2 queries)."""
    return _stated(engagement, PROMISES)


def methods(engagement: Engagement) -> Subject | None:
    """How each subservice organization is treated (1 query)."""
    rows = EngagementSubservice.objects.filter(engagement=engagement).order_by("ref")
    told = [{"ref": row.ref, "title": row.title, "method": row.method} for row in rows]
    return Subject({"subservices": told}) if told else None


def statement_lines(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Statements in words."""
    lines = []
    for kind, told in held.items():
        label = str(EntryKind(kind).label)
        if told["none"] is not None:
            lines.append((label, f"None: {told['none']}"))
        lines += [(f"{label} {each['ref']}", each["title"]) for each in told["entries"]]
    return lines


def method_lines(held: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Methods in words."""
    return [
        (f"{each['ref']} {each['title']}", str(SubserviceMethod(each["method"]).label))
        for each in held["subservices"]
    ]


def _stated(engagement: Engagement, kinds: tuple[EntryKind, ...]) -> Subject | None:
    held = content(engagement, [str(kind) for kind in kinds])
    return Subject(held) if held else None
