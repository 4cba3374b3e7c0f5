"""What the client is told of deviations joins in: a gate, what waits, and the client's tab."""

from __future__ import annotations


def join() -> None:
    """Register the gate of reporting, what waits for the client, and its tab."""
    from audits.queries import told_deviations
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab
    from tenants.queries import waiting

    SOURCES[S.REPORTING].append(told_deviations.open_at_reporting)
    waiting.SOURCES.append(told_deviations.to_answer)
    TABS.append(Tab("Results", 20, "Responses", "audits:told_deviations", P.RESPOND_TO_DEVIATION))
