"""The words of the trade about controls and scope (soc.md, section 11). Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class ControlFrequency(TextChoices):
    """How often a control runs."""

    CONTINUOUS = "continuous", "Continuous"
    MULTIPLE_DAILY = "multiple_daily", "Several times a day"
    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    SEMIANNUAL = "semiannual", "Twice a year"
    ANNUAL = "annual", "Yearly"
    EVENT_DRIVEN = "event_driven", "When the event occurs"


class ControlNature(TextChoices):
    """Who or what performs a control."""

    MANUAL = "manual", "Manual"
    AUTOMATED = "automated", "Automated"
    IT_DEPENDENT_MANUAL = "it_dependent_manual", "IT-dependent manual"


class ControlType(TextChoices):
    """Whether a control stops, finds or repairs."""

    PREVENTIVE = "preventive", "Preventive"
    DETECTIVE = "detective", "Detective"
    CORRECTIVE = "corrective", "Corrective"


class ControlSide(TextChoices):
    """Whose control it is; a subservice organization's where it is included (soc.md, section 6)."""

    CLIENT = "client", "Service organization"
    SUBSERVICE = "subservice", "Subservice organization"


class Assertion(TextChoices):
    """What financial statements say of transactions and balances (soc.md, section 6)."""

    OCCURRENCE = "occurrence", "Existence or occurrence"
    COMPLETENESS = "completeness", "Completeness"
    ACCURACY = "accuracy", "Accuracy"
    CUT_OFF = "cut_off", "Cut-off"
    CLASSIFICATION = "classification", "Classification"
    VALUATION = "valuation", "Valuation"
    RIGHTS = "rights", "Rights and obligations"
    PRESENTATION = "presentation", "Presentation"


class ObjectiveGroup(TextChoices):
    """What a SOC 1 control objective is about (RT-08)."""

    BUSINESS_PROCESS = "business_process", "Business process"
    ITGC = "itgc", "IT general controls"
