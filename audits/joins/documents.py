"""Documents join in: what acceptance, walkthroughs and reporting ask of them, and their tab."""

from __future__ import annotations


def join() -> None:
    """Register findings, what waits for signatures, and the tab."""
    from audits.queries import documents
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab
    from tenants.queries import waiting

    SOURCES[S.ACCEPTANCE].append(documents.letter_signed)
    SOURCES[S.WALKTHROUGH].append(documents.drafts_received)
    SOURCES[S.REPORTING].append(documents.letters_signed_and_dated)
    waiting.SOURCES.append(documents.to_sign)
    TABS.append(
        Tab("Planning", 60, "Documents", "audits:documents", P.VIEW_ENGAGEMENT, ("approvals",))
    )
