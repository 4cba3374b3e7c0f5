"""The client's control library, and what an engagement examines."""

from audits.models.catalog import CatalogObjective, Criterion, DescriptionCriterion
from audits.models.controls import ControlMapping, EngagementControl
from audits.models.library import (
    Control,
    ControlCriterion,
    ControlObjective,
    ControlObjectiveLink,
    ControlSystem,
    Narrative,
    System,
)
from audits.models.scope import ScopeItem

__all__ = [
    "CatalogObjective",
    "Control",
    "ControlCriterion",
    "ControlMapping",
    "ControlObjective",
    "ControlObjectiveLink",
    "ControlSystem",
    "Criterion",
    "DescriptionCriterion",
    "EngagementControl",
    "Narrative",
    "ScopeItem",
    "System",
]
