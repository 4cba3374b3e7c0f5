"""An executive approves for the client what planning and reporting ask to be approved."""

from __future__ import annotations

from audits.actions import client_approvals
from audits.queries.client_approvals import standing
from grc.sample.cures import Cast
from tenants.choices import EngagementStatus, Role
from tenants.models import Engagement

ASKED = (EngagementStatus.PLANNING, EngagementStatus.REPORTING)


def cure(cast: Cast, engagement: Engagement) -> None:
    """Everything there is at this phase, as it is."""
    if engagement.status not in ASKED:
        return
    with cast.acting_as(engagement, Role.EXECUTIVE) as by:
        for each in standing(engagement, engagement.status):
            if not each.is_current:
                client_approvals.approve(
                    engagement, each.approvable.kind, seen=each.content_hash, by=by
                )
