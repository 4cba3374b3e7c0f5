"""The opinion joins in: its paper, what review and reporting ask of it, and what waits."""

from __future__ import annotations


def join() -> None:
    """Register the paper, the gates, what waits for a partner, and the tab."""
    from audits.papers import PARTNER_REVIEWED, PREPARED, Paper, register
    from audits.queries import opinions
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab
    from tenants.queries import waiting

    register(Paper(
        "opinion", "Opinion", "audits.Opinion", S.REPORTING, opinions.reads, opinions.name,
        "audits:opinion_paper", (PREPARED, PARTNER_REVIEWED), reopens=True,
        prepare=P.PROPOSE_OPINION,
    ))  # fmt: skip
    SOURCES[S.REVIEW].append(opinions.open_at_review)
    SOURCES[S.REPORTING].append(opinions.open_at_reporting)
    waiting.SOURCES.append(opinions.to_decide)
    TABS.append(Tab("Results", 40, "Opinion", "audits:opinion", P.VIEW_FIRM_FILE))
