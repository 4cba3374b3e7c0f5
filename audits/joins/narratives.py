"""What narratives register: what holds planning back, and who is waited for."""

from __future__ import annotations


def join() -> None:
    """Blockers hold planning; proposals wait for an administrator, versions for a second person."""
    from audits.queries import narratives_waiting
    from audits.queries.narrative_findings import open_at_planning
    from tenants.choices import EngagementStatus
    from tenants.findings import SOURCES
    from tenants.queries import waiting

    SOURCES[EngagementStatus.PLANNING].append(open_at_planning)
    waiting.SOURCES += [narratives_waiting.proposals, narratives_waiting.approvals]
