"""The words of changes to what is examined (RT-17). Values are kept in rows."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class ScopeChangeKind(TextChoices):
    """What of an engagement changes after acceptance."""

    CATEGORIES = "categories", "Categories"
    PERIOD = "period", "Period or date"
    BOUNDARY = "boundary", "Boundary of the system"
    SERVICES = "services", "Services"
    SUBSERVICE_METHOD = "subservice_method", "Method for a subservice organization"


OF_THE_TERMS: Final = (ScopeChangeKind.CATEGORIES, ScopeChangeKind.PERIOD)
"""Those that change the engagement's own terms when they are carried out."""


class ScopeChangeReason(TextChoices):
    """Why somebody asks for it."""

    BUSINESS = "business", "The business changed"
    SYSTEM = "system", "The system changed"
    CUSTOMER = "customer", "Customers need it"
    TIMING = "timing", "Timing"
    AVOID_MODIFICATION = "avoid_modification", "To avoid a modified opinion or hide deviations"


class ScopeChangeStatus(TextChoices):
    """What became of it."""

    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    APPLIED = "applied", "Carried out"
