"""What the client's system registers: its tab, and what it holds an engagement for."""

from __future__ import annotations


def join() -> None:
    """Independence of included organizations holds acceptance; the rest holds planning."""
    from audits.queries import description, objective_bases, promises, subservices
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab

    SOURCES[S.ACCEPTANCE].append(subservices.not_independent)
    SOURCES[S.PLANNING] += [
        promises.open_at_planning, promises.silent, subservices.untreated,
        subservices.included_at_planning, subservices.rests_on_others,
        objective_bases.not_relevant,
    ]  # fmt: skip
    for phase in (S.WALKTHROUGH, S.REPORTING):
        SOURCES[phase].append(description.unanswered)
    TABS.append(
        Tab("Planning", 30, "System", "audits:statements", P.VIEW_ENGAGEMENT,
            ("description", "objectives", "statements", "subservices"))
    )  # fmt: skip
