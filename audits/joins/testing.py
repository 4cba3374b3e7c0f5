"""What testing registers: its papers, its gates, its tab, and when an item is not replaced."""

from __future__ import annotations


def join() -> None:
    """Tests and their plan are signed; walkthroughs and fieldwork wait for them."""
    from audits.actions.results import not_with_a_deviation
    from audits.actions.samples import BEFORE_REPLACING
    from audits.papers import Paper, register
    from audits.queries import test_findings, test_papers
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES
    from tenants.permissions import P
    from tenants.portal.tabs import TABS, Tab

    register(
        Paper(
            "test_plan", "Plan of the tests of operation", "tenants.Engagement", S.WALKTHROUGH,
            test_papers.plan_reads, lambda content: "Plan of the tests of operation",
            "audits:test_plan", reopens=True, prepare=P.PLAN_TEST, reviewer="manager",
        )
    )  # fmt: skip
    register(
        Paper(
            "control_test", "Test of a control", "audits.ControlTest", S.REVIEW,
            test_papers.test_reads, test_papers.test_name, "audits:test",
            must_see=test_papers.of_higher_risk, prepare=P.PERFORM_TEST,
        )
    )  # fmt: skip
    SOURCES[S.WALKTHROUGH].append(test_findings.open_at_walkthrough)
    SOURCES[S.FIELDWORK].append(test_findings.open_at_fieldwork)
    BEFORE_REPLACING.append(not_with_a_deviation)
    TABS.append(Tab("Testing", 20, "Tests", "audits:testing", P.VIEW_FIRM_FILE))
