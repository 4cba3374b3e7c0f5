"""The words of testing (soc.md, sections 11 to 13). Values are kept in rows."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class Risk(TextChoices):
    """How much rests on a control, or how likely it is to fail: decides how much is tested."""

    LOW = "low", "Lower"
    STANDARD = "standard", "Standard"
    HIGH = "high", "Higher"


class RiskFactor(TextChoices):
    """Why a control is a higher risk (soc.md, section 13)."""

    SEVERAL_ITEMS = "several_items", "Key to several scope items"
    DEVIATION_LAST_YEAR = "deviation_last_year", "Deviation last year"
    NEW_OR_CHANGED = "new_or_changed", "New or changed control"
    NEW_OWNER = "new_owner", "New owner"
    JUDGMENT = "judgment", "Manual, with judgment"
    MONEY = "money", "Money moves"
    PRIVILEGED_ACCESS = "privileged_access", "Privileged access"


class TestKind(TextChoices):
    """What a test asks: would the control do, and is it there (TP-02); did it run (TP-04)?"""

    DESIGN = "tod", "Test of design"
    OPERATION = "toe", "Test of operation"


class TestStatus(TextChoices):
    """Where a test stands."""

    PLANNED = "planned", "Planned"
    APPROVED = "approved", "Approved"
    PERFORMING = "performing", "Being performed"
    CONCLUDED = "concluded", "Concluded"


class ProcedureNature(TextChoices):
    """What an auditor does, from the weakest to the strongest (soc.md, section 12)."""

    INQUIRY = "inquiry", "Inquiry"
    OBSERVATION = "observation", "Observation"
    INSPECTION = "inspection", "Inspection"
    REPERFORMANCE = "reperformance", "Reperformance"


class TestConclusion(TextChoices):
    """What a test came to; what follows for the control is another question (section 14)."""

    SUITABLY_DESIGNED = "suitably_designed", "Suitably designed"
    NOT_SUITABLY_DESIGNED = "not_suitably_designed", "Not suitably designed"
    NOT_IMPLEMENTED = "not_implemented", "Not implemented"
    NO_DEVIATIONS = "no_deviations", "No deviations noted"
    DEVIATIONS = "deviations", "Deviations noted"
    NO_OCCURRENCE = "no_occurrence", "Did not occur in the period"
    SKIPPED = "skipped", "Skipped: the design fails"


C = TestConclusion
OF_DESIGN: Final = (C.SUITABLY_DESIGNED, C.NOT_SUITABLY_DESIGNED, C.NOT_IMPLEMENTED)
DESIGN_FAILS: Final = (C.NOT_SUITABLY_DESIGNED, C.NOT_IMPLEMENTED)
OF_OPERATION: Final = (C.NO_DEVIATIONS, C.DEVIATIONS, C.NO_OCCURRENCE, C.SKIPPED)
CONCLUSIONS: Final = {TestKind.DESIGN: OF_DESIGN, TestKind.OPERATION: OF_OPERATION}
"""Kind of test → what it may come to."""


class CellResult(TextChoices):
    """What one attribute of one item came to; what has no result is pending (TP-05)."""

    PASS = "pass", "Pass"
    DEVIATION = "deviation", "Deviation"
    NOT_APPLICABLE = "na", "Not applicable"
