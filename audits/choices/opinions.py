"""The words of the opinion (soc.md, section 14). Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class OpinionPartKind(TextChoices):
    """What the opinion speaks of; each part may be modified."""

    DESCRIPTION = "description", "Description"
    DESIGN = "design", "Design"
    OPERATION = "operation", "Operation"


class OpinionValue(TextChoices):
    """What the partner says of a part."""

    UNMODIFIED = "unmodified", "Unmodified"
    QUALIFIED = "qualified", "Qualified"
    ADVERSE = "adverse", "Adverse"
    DISCLAIMER = "disclaimer", "Disclaimer"


class ModificationCause(TextChoices):
    """Why a part is modified."""

    FAILURE = "failure", "Something is wrong or not met"
    SCOPE_LIMIT = "scope_limit", "Evidence could not be obtained"
