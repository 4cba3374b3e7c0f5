"""The words of deviations (soc.md, section 14). Values are kept in rows."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class DeviationStatus(TextChoices):
    """How far a deviation is understood, and who knows of it."""

    FOUND = "found", "Found"
    EXPLAINED = "explained", "Explained"
    COMMUNICATED = "communicated", "Told to the client"
    CLOSED = "closed", "Closed"


FIRM_ALONE: Final = (DeviationStatus.FOUND, DeviationStatus.EXPLAINED)
"""While it stands so, the client knows nothing of it."""


class DeviationNature(TextChoices):
    """What its cause says of the items nobody looked at."""

    ISOLATED = "isolated", "Isolated"
    SYSTEMATIC = "systematic", "Systematic"
    UNKNOWN = "unknown", "Not known"
