"""What the client's system registers: its tab, and what it holds an engagement for."""

from __future__ import annotations


def join() -> None:
    """Independence of included organizations holds acceptance; the rest holds planning."""
    from audits.queries import promises, subservices
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal import base

    SOURCES[S.ACCEPTANCE].append(subservices.not_independent)
    SOURCES[S.PLANNING] += [
        promises.open_at_planning, promises.silent, subservices.untreated,
        subservices.included_at_planning, subservices.rests_on_others,
    ]  # fmt: skip
    tab = ("System", "audits:statements", "sitemap", P.VIEW_ENGAGEMENT)
    base.ENGAGEMENT_TABS.append(tab)
