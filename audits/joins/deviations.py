"""Deviations join in: a paper the partner must see, what fieldwork asks, and DV-03."""

from __future__ import annotations


def join() -> None:
    """Register the paper, the gate, what waits, and when a sample does not grow."""
    from audits import deviation_notices  # noqa: F401  (registering is its effect)
    from audits.actions.deviations import no_expansion
    from audits.actions.samples import BEFORE_EXPANDING
    from audits.papers import PARTNER_REVIEWED, PREPARED, REVIEWED, Paper, register
    from audits.queries import deviations
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab
    from tenants.queries import waiting

    register(Paper(
        "deviation", "Deviation", "audits.Deviation", S.REVIEW, deviations.reads, deviations.name,
        "audits:deviation", (PREPARED, REVIEWED, PARTNER_REVIEWED), prepare=P.PERFORM_TEST,
    ))  # fmt: skip
    SOURCES[S.FIELDWORK].append(deviations.open_at_fieldwork)
    BEFORE_EXPANDING.append(no_expansion)
    waiting.SOURCES.append(deviations.to_explain)
    TABS.append(
        Tab("Results", 10, "Deviations", "audits:deviations", P.VIEW_FIRM_FILE, ("responses",))
    )
