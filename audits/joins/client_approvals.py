"""The client's approvals join in: what planning and reporting ask of them."""

from __future__ import annotations


def join() -> None:
    """Register what is approved here, and the findings."""
    from audits.approvals import Approvable, register
    from audits.choices.approvals import ApprovalKind
    from audits.queries import approved_statements as stated
    from audits.queries import client_approvals as queries
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES

    for kind, subject, lines, route in (
        ("boundary", stated.boundary, stated.statement_lines, "audits:statements"),
        ("commitments", stated.commitments, stated.statement_lines, "audits:statements"),
        ("subservice_methods", stated.methods, stated.method_lines, "audits:subservices"),
    ):
        label = str(ApprovalKind(kind).label)
        register(Approvable(kind, label, S.PLANNING, subject, lines, route))
    register(Approvable(
        "objectives", "Control objectives", S.PLANNING, queries.objectives,
        queries.objective_lines, "audits:scope",
    ))  # fmt: skip
    register(Approvable(
        "description", "Description of the system", S.REPORTING, queries.description,
        queries.description_lines, "audits:documents",
    ))  # fmt: skip
    for phase in (S.PLANNING, S.REPORTING):
        SOURCES[phase].append(queries.asked_at(phase))
