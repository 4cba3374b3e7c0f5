"""What the client is told of deviations joins in: a gate, what waits, and the client's tab."""

from __future__ import annotations


def join() -> None:
    """Register the gate of reporting, what waits for the client, and its tab."""
    from audits.queries import told_deviations
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal import base
    from tenants.queries import waiting

    SOURCES[S.REPORTING].append(told_deviations.open_at_reporting)
    waiting.SOURCES.append(told_deviations.to_answer)
    base.ENGAGEMENT_TABS.append(
        ("Responses", "audits:told_deviations", "message", P.RESPOND_TO_DEVIATION)
    )
