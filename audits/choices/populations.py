"""The words of populations and samples (soc.md, section 13). Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class PopulationStatus(TextChoices):
    """The life of a population: its rows are frozen from “ready” on (SM-07)."""

    READING = "reading", "Being read"
    READY = "ready", "To be accepted"
    ACCEPTED = "accepted", "Accepted"
    SUPERSEDED = "superseded", "Replaced by a later version"
    FAILED = "failed", "Could not be read"


class PopulationPart(TextChoices):
    """Which part of the period a population speaks for (SM-01)."""

    WHOLE = "whole", "The whole period"
    INTERIM = "interim", "From the start of the period to a cut-off"
    REMAINING = "remaining", "From the cut-off to the end of the period"


class DateOrder(TextChoices):
    """How the dates of a list are written, where they are text."""

    YEAR_FIRST = "year_first", "Year first: 2026-11-10"
    DAY_FIRST = "day_first", "Day first: 10/11/2026 is in November"
    MONTH_FIRST = "month_first", "Month first: 11/10/2026 is in November"


class SampleMethod(TextChoices):
    """How items are chosen (soc.md, section 13, “Selection”)."""

    RANDOM = "random", "At random, from a seed"
    SYSTEMATIC = "systematic", "At even steps, from a seed"
    HAPHAZARD = "haphazard", "By hand, without a pattern"
    JUDGMENTAL = "judgmental", "By hand, targeted"
    ALL = "all", "Every row"


BY_HAND = (SampleMethod.HAPHAZARD, SampleMethod.JUDGMENTAL)
"""The auditor names the rows, and says why these."""


class DrawKind(TextChoices):
    """Why items came into a sample."""

    DRAWN = "drawn", "Drawn"
    EXPANSION = "expansion", "Expanded"
    ADDED = "added", "Added"
    REPLACED = "replaced", "Replaced"


class ItemOrigin(TextChoices):
    """How an item came to be tested."""

    DRAWN = "drawn", "Drawn"
    EXPANSION = "expansion", "By expansion"
    ADDED = "added", "Added by the auditor"
    REPLACEMENT = "replacement", "In place of another"
    CONFIGURATION = "configuration", "A configuration"
    INSTANCE = "instance", "One instance"


WITHOUT_SAMPLE = (ItemOrigin.CONFIGURATION, ItemOrigin.INSTANCE)
"""Items of no population: a test of one (TP-06), or the item a design is walked with (TP-02)."""


class FirmTableKind(TextChoices):
    """The tables that a firm may set for itself."""

    SAMPLE_SIZES = "sample_sizes", "Sample sizes"
    EVALUATION = "evaluation", "Judging deviations"
