"""The first page: what waits for me, and how my engagements stand."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.choices import CLIENT_ROLES, Role
from tenants.permissions import P
from tenants.portal.base import Request, may, signed_in
from tenants.queries import engagements
from tenants.queries.progress import progress_of
from tenants.queries.waiting import WaitingGroup, waiting_for

ENGAGEMENTS = 8
"""How many engagements the page shows."""


@signed_in
def home(request: Request) -> HttpResponse:
    """What waits for the person, then their open engagements, newest first."""
    groups = waiting_for(request.user)
    rows = list(engagements.listed(request.user, status="open")[: ENGAGEMENTS + 1])
    progress = progress_of(request.user, rows[:ENGAGEMENTS])
    context = {
        "greeting": _greeting(request),
        "groups": groups,
        "waiting_count": sum(group.total for group in groups),
        "stats": [_stat(number, group) for number, group in enumerate(groups)],
        "engagements": [(row, progress[row.pk]) for row in rows[:ENGAGEMENTS]],
        "more_engagements": len(rows) > ENGAGEMENTS,
        "may_open": may(request, P.OPEN_ENGAGEMENT),
        "may_invite": may(request, P.MANAGE_PEOPLE),
        "first_words": _first_words(request.membership.role),
    }
    return render(request, "tenants/home.html", context)


def _greeting(request: Request) -> str:
    hour = timezone.localtime().hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    first = (request.user.name or "").split()
    return f"Good {part}, {first[0]}" if first else f"Good {part}"


def _stat(number: int, group: WaitingGroup) -> dict[str, Any]:
    hint = f"{group.late} late" if group.late else ""
    tone = "late" if group.late else group.tone
    return {
        "label": group.label, "value": group.total, "url": f"#waiting-{number}", "hint": hint,
        "tone": tone,
    }  # fmt: skip


def _first_words(role: str) -> str:
    """What a person without any engagement reads about what comes next."""
    if role in (Role.PARTNER, Role.MANAGER):
        return "Open the first engagement: choose a client, the report and its period."
    if role == Role.FIRM_ADMIN:
        return "Invite your colleagues first. Partners and managers then open engagements."
    if role == Role.CLIENT_ADMIN:
        return "As soon as your audit firm opens an engagement with you, it stands here."
    if role in CLIENT_ROLES:
        return "When your administrator puts you on an engagement, its requests to you stand here."
    return "When a manager puts you on an engagement, your work on it stands here."
