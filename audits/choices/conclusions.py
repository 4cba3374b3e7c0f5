"""The words of conclusions (soc.md, section 14). Values are kept in rows."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class ControlValue(TextChoices):
    """What a control came to over the period."""

    EFFECTIVE = "effective", "Effective"
    WITH_DEVIATIONS = "effective_with_deviations", "Effective, with deviations"
    NOT_EFFECTIVE = "not_effective", "Not effective"
    NO_OCCURRENCE = "no_occurrence", "Did not occur in the period"
    NOT_TESTED = "not_tested", "Not tested"
    SUPERSEDED = "superseded", "Superseded by another"


HOLDS: Final = (ControlValue.EFFECTIVE, ControlValue.WITH_DEVIATIONS)
"""What a scope item may rest on."""


class ItemValue(TextChoices):
    """Whether a criterion or an objective is met."""

    MET = "met", "Met"
    WITH_DEVIATIONS = "met_with_deviations", "Met, with deviations"
    NOT_MET = "not_met", "Not met"
    NOT_DETERMINABLE = "not_determinable", "Cannot be determined"


IS_MET: Final = (ItemValue.MET, ItemValue.WITH_DEVIATIONS)


class DependencyOutcome(TextChoices):
    """What a control that failed does to one that rests on it (DV-06)."""

    HOLDS = "holds", "It holds on its own"
    FALLS = "falls", "It falls with it"
