"""The manager says why each control answers to what it is mapped to (NR-14)."""

from __future__ import annotations

from audits.actions import mapping_reasons
from audits.queries.narrative_findings import without_reason
from grc.sample.cures import Cast
from tenants.choices import EngagementStatus, Role
from tenants.models import Engagement


def cure(cast: Cast, engagement: Engagement) -> None:
    """In planning, every mapping that says nothing yet."""
    if engagement.status != EngagementStatus.PLANNING:
        return
    with cast.acting_as(engagement, Role.MANAGER) as by:
        reasons = {
            mapping.pk: f"{mapping.control.title}: meets “{mapping.scope_item.title}”."
            for mapping in without_reason(engagement)
        }
        mapping_reasons.explain(engagement, reasons, by=by)
