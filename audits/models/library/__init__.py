"""The client's own control library: written by the client, read by the firms engaged with it."""

from audits.models.library.controls import (
    Control,
    ControlCriterion,
    ControlObjectiveLink,
    ControlSystem,
    Narrative,
    System,
)
from audits.models.library.objectives import ControlObjective

__all__ = [
    "Control",
    "ControlCriterion",
    "ControlObjective",
    "ControlObjectiveLink",
    "ControlSystem",
    "Narrative",
    "System",
]
