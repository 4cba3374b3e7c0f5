"""What the firm thinks of a control before it tests it: key or not, its risk, who works on it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from audits.actions.control_tests import refuse_phase
from audits.choices.testing import Risk, RiskFactor
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan
from tenants import trail
from tenants.errors import Invalid
from tenants.lifecycle import changing, locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import P, require


@dataclass(frozen=True, slots=True)
class Thought:
    """What is thought of a control. factors: why its risk is higher; dependents_of: ids of the
    engagement's controls on which it rests; assigned_to: somebody of the firm on the engagement.
    """

    key: bool = True
    risk: str = Risk.STANDARD
    factors: Collection[str] = ()
    assigned_to: User | None = None
    dependents_of: Collection[UUID] = field(default_factory=tuple)


def plan(
    control: EngagementControl, thought: Thought, *, by: User, version: int | None = None
) -> ControlPlan:
    """Write down what is thought of a control, in place of what stood there.

    version: the plan's, where there is one. Raises PermissionDenied, Invalid naming the field,
    Refused in a phase that does not test, StaleVersion.
    """
    engagement = control.engagement
    require(by, P.PLAN_TEST, engagement)
    refuse_phase(engagement)
    values = _checked(control, thought)
    with transaction.atomic():
        locked(control)
        row: ControlPlan | None = ControlPlan.objects.filter(control=control).first()
        if row is None:
            row = ControlPlan.objects.create(engagement=engagement, control=control, **values)
            trail.record("thought_over", row, by=by, engagement_id=engagement.pk)
        else:
            row.control = control
            with changing("thought_over", row, by=by, version=version) as held:
                held.control = control
                for name, value in values.items():
                    setattr(held, name, value)
    return row


def _checked(control: EngagementControl, thought: Thought) -> dict[str, object]:
    """The columns. Raises Invalid naming the field."""
    engagement = control.engagement
    factors = sorted(set(thought.factors))
    if thought.risk not in Risk.values:
        raise Invalid("Choose lower, standard or higher.", code="risk_unknown", field="risk")
    if unknown := set(factors) - set(RiskFactor.values):
        said = f"“{min(unknown)[:24]}” is no reason for a higher risk."
        raise Invalid(said, code="factor_unknown", field="factors")
    if thought.risk == Risk.HIGH and not factors:
        raise Invalid(
            "Say why the risk is higher: choose at least one reason.", code="factor_required",
            field="factors",
        )  # fmt: skip
    _on_the_team(engagement, thought.assigned_to)
    return {
        "key": thought.key, "risk": thought.risk, "factors": factors,
        "assigned_to": thought.assigned_to,
        "dependents_of": _rests_on(control, thought.dependents_of),
    }  # fmt: skip


def _on_the_team(engagement: Engagement, person: User | None) -> None:
    if person is None:
        return
    team = Assignment.objects.filter(
        engagement=engagement, organization=engagement.firm_id, person=person
    )
    if not team.exists():
        raise Invalid(
            "Only somebody of the firm who is on the engagement works on it.",
            code="not_on_the_team", field="assigned_to",
        )  # fmt: skip


def _rests_on(control: EngagementControl, ids: Collection[UUID]) -> list[UUID]:
    """The ids, in order. Raises Invalid for one of another engagement, or of the control itself."""
    wanted = set(ids)
    if control.pk in wanted:
        raise Invalid(
            "A control does not rest on itself.", code="rests_on_itself", field="dependents_of"
        )
    rows = EngagementControl.objects.filter(engagement=control.engagement_id, pk__in=wanted)
    if rows.count() != len(wanted):
        raise Invalid(
            "One of these is no control of the engagement.", code="control_unknown",
            field="dependents_of",
        )  # fmt: skip
    return sorted(wanted)
