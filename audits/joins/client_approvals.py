"""The client's approvals join in: what planning and reporting ask of them."""

from __future__ import annotations


def join() -> None:
    """Register what is approved here, and the findings."""
    from audits.approvals import Approvable, register
    from audits.queries import client_approvals as queries
    from tenants.choices import EngagementStatus as S
    from tenants.findings import SOURCES

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
