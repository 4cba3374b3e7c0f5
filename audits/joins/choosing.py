"""Choosing the report joins in: what acceptance and planning ask of it, and its page."""

from __future__ import annotations


def join() -> None:
    """Register findings, the tab, and what goes when another report is chosen."""
    from audits.actions import report_audiences
    from audits.queries import choosing
    from tenants.actions import engagements
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal import base
    from tenants.portal.tabs import TABS, Tab

    SOURCES[S.ACCEPTANCE] += [choosing.advice_followed, choosing.terms_doubted, choosing.follows_on]
    SOURCES[S.PLANNING].append(choosing.terms_doubted)
    engagements.BEFORE_TERMS.append(report_audiences.begin_anew)
    TABS.append(Tab("Planning", 10, "Terms", "audits:agreement", P.VIEW_ENGAGEMENT))
    base.OPENING_WAYS.append(("Which report?", "audits:advise", "help-circle"))
