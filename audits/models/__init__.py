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
from tenants.parts import parts_of

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

list(parts_of(__name__))
"""Loads every module of this folder, so that its rows are known; they are imported from there."""
