"""Conclusions join in: their papers, and what review asks of them."""

from __future__ import annotations


def join() -> None:
    """Register the papers, the gate and the tab."""
    from audits.papers import Paper, register
    from audits.queries import conclusion_findings, conclusions
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab

    register(Paper(
        "control_conclusion", "Conclusion on a control", "audits.ControlConclusion", S.REVIEW,
        conclusions.control_reads, conclusions.control_name, "audits:control_concluded",
        prepare=P.PERFORM_TEST,
    ))  # fmt: skip
    register(Paper(
        "scope_item_conclusion", "Conclusion on a criterion or objective",
        "audits.ScopeItemConclusion", S.REVIEW, conclusions.item_reads, conclusions.item_name,
        "audits:item_concluded", must_see=conclusions.is_unmet, reopens=True,
        prepare=P.CONCLUDE_CONTROL, reviewer="manager",
    ))  # fmt: skip
    SOURCES[S.REVIEW].append(conclusion_findings.open_at_review)
    TABS.append(Tab("Results", 30, "Conclusions", "audits:conclusions", P.VIEW_FIRM_FILE))
