"""Migration operations for constraints and rules that leave the rendered models standing.

Django renders a model anew for each constraint that is added or taken away, and with it all models
it is related to; here that is nearly every one, as all name an engagement and people. A constraint
changes no relation, so the rendered model is told of it instead: a migration from nothing takes
half the time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import migrations

if TYPE_CHECKING:
    from django.db.migrations.state import ProjectState
    from django.db.models import BaseConstraint


class AddConstraint(migrations.AddConstraint):
    """Django's, without rendering models anew."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Note the constraint in the state and in the rendered model."""
        held = _constraints(self, app_label, state)
        _keep(self, app_label, state, [*held, self.constraint])


class RemoveConstraint(migrations.RemoveConstraint):
    """Django's, without rendering models anew."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Strike the constraint from the state and from the rendered model."""
        held = _constraints(self, app_label, state)
        _keep(self, app_label, state, [each for each in held if each.name != self.name])


Operation = AddConstraint | RemoveConstraint


def _constraints(operation: Operation, app_label: str, state: ProjectState) -> list[BaseConstraint]:
    found = state.models[app_label, operation.model_name_lower].options.get("constraints", [])
    return list(found)


def _keep(
    operation: Operation, app_label: str, state: ProjectState, constraints: list[BaseConstraint]
) -> None:
    state.models[app_label, operation.model_name_lower].options["constraints"] = constraints
    if "apps" in state.__dict__:  # rendered already
        state.apps.get_model(app_label, operation.model_name)._meta.constraints = constraints
