"""The words of documents that the two sides exchange and sign. Values are kept in rows."""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices


class DocumentSide(TextChoices):
    """Whose words a document holds."""

    FIRM = "firm", "Audit firm"
    CLIENT = "client", "Service organization"


class DocumentKind(TextChoices):
    """What a document is (soc.md, sections 8, 9 and 15)."""

    ENGAGEMENT_LETTER = "engagement_letter", "Engagement letter"
    DESCRIPTION = "description", "Description of the system"
    ASSERTION = "assertion", "Management’s assertion"
    REPRESENTATION_LETTER = "representation_letter", "Representation letter"


OF_THE_FIRM: Final = (DocumentKind.ENGAGEMENT_LETTER,)
"""Those the firm writes; the others are the client's words."""


class DocumentStage(TextChoices):
    """Whether a version is to be signed."""

    DRAFT = "draft", "Draft"
    FINAL = "final", "Final"


class SignatureWord(TextChoices):
    """What a person who is asked for a signature says (OP-03)."""

    SIGNED = "signed", "Signed"
    REFUSED = "refused", "Refused"


class Cited(TextChoices):
    """What a description or an assertion says it is measured against (RT-18)."""

    TSC = "tsc", "Trust services criteria"
    DC200 = "dc200", "Description criteria DC 200"
    OBJECTIVES = "objectives", "Control objectives"
    ATC320 = "atc320", "Description criteria of AT-C 320"


OF_CRITERIA: Final = (Cited.TSC, Cited.DC200)
"""What a SOC 2 or SOC 3 may cite."""
OF_OBJECTIVES: Final = (Cited.OBJECTIVES, Cited.ATC320)
"""What a SOC 1 may cite."""
