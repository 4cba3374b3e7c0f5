"""Changes of scope join in: a paper that the partner must see, and what waits for a decision."""

from __future__ import annotations


def join() -> None:
    """Register the paper, what waits, and the one change of a method that is asked for."""
    from audits.actions import scope_changes as actions
    from audits.actions import subservices
    from audits.papers import PARTNER_REVIEWED, PREPARED, Paper, register
    from audits.queries import scope_changes
    from tenants.choices import EngagementStatus as S
    from tenants.permissions import P
    from tenants.queries import waiting

    register(Paper(
        "scope_change", "Change of scope", "audits.ScopeChange", S.PLANNING, scope_changes.reads,
        scope_changes.name, "audits:scope_change", (PREPARED, PARTNER_REVIEWED),
        prepare=P.PROPOSE_SCOPE,
    ))  # fmt: skip
    subservices.BEFORE_METHOD_CHANGE.append(actions.let_carve_out)
    waiting.SOURCES.append(scope_changes.to_decide)
