"""The firm writes what a phase asks for, prepares, reviews and signs it."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone

from audits.actions import sign_offs, workpapers
from audits.models.workpapers import Workpaper
from audits.papers import EQR, PARTNER_REVIEWED, PREPARED, REVIEWED
from audits.queries.papers import standings
from audits.rules.workpapers import KINDS
from grc.sample.cures import Cast
from tenants.actions import report_dates
from tenants.choices import EngagementStatus, Role
from tenants.models import Engagement

SIGNS: Final = {
    PREPARED: Role.MANAGER, REVIEWED: Role.PARTNER, PARTNER_REVIEWED: Role.PARTNER,
    EQR: Role.QUALITY_REVIEWER,
}  # fmt: skip
SAYS: Final[dict[str, dict[str, Any]]] = {
    "conflict_check": {
        "searched": "Clients, people of the firm and their families, related companies.",
        "result": "clear",
    },
    "acceptance": {
        "integrity": "Known since 2019; nothing in the public record or with the former firm.",
        "competence": "The team has examined payroll services before.", "conclusion": "accept",
    },
    "eqr_decision": {"required": "no", "why": "Neither a first year nor a higher risk."},
    "planning_memo": {
        "risks": "Access that stays after people leave; changes without approval.",
        "approach": "Samples over the whole period, more where privileged access is concerned.",
    },
    "budget": {"partner_hours": 24, "manager_hours": 80, "senior_hours": 160, "staff_hours": 220},
    "subsequent_events": {
        "asked_of": "The head of engineering and the general counsel.",
        "learned": "Nothing that readers would want to know.", "effect": "none",
    },
    "lock_proposal": {"notes": "keep", "why": "Every paper is signed, the package is verified."},
}  # fmt: skip


def cure(cast: Cast, engagement: Engagement) -> None:
    """Date the report where it is due, write the papers that are missing, sign all of them."""
    phase = engagement.status
    if phase == EngagementStatus.REPORTING and engagement.report_date is None:
        with cast.acting_as(engagement, Role.PARTNER) as by:
            today = timezone.localdate(timezone=engagement.client.zone)
            report_dates.set_report_date(engagement, today, by=by)
    with cast.acting_as(engagement, Role.MANAGER) as by:
        held = set(Workpaper.objects.filter(engagement=engagement).values_list("kind", flat=True))
        at = EngagementStatus.WRAP_UP if phase == EngagementStatus.WITHDRAWN else phase
        for kind, each in KINDS.items():
            if each.asked_at == at and kind not in held:
                workpapers.write(engagement, kind, fields=_said(kind, engagement), by=by)
    closing = ("lock_proposal",) if phase == EngagementStatus.WITHDRAWN else tuple(KINDS)
    for kind in closing:
        for level, role in SIGNS.items():
            _sign(cast, engagement, kind, level, role)


def _said(kind: str, engagement: Engagement) -> dict[str, Any]:
    said = SAYS[kind]
    if kind != "subsequent_events" or engagement.report_date is None:
        return said
    return {**said, "covers_to": engagement.report_date.isoformat()}


def _sign(cast: Cast, engagement: Engagement, kind: str, level: str, role: Role) -> None:
    with cast.acting_as(engagement, role) as by:
        for each in standings(engagement, kind).values():
            if each.missing[:1] == (level,):
                sign_offs.sign(engagement, kind, each.id, level, seen=each.content_hash, by=by)
