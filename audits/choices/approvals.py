"""What the client approves (soc.md, sections 9 and 20). Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class ApprovalKind(TextChoices):
    """What an approval is about."""

    BOUNDARY = "boundary", "System boundary"
    SUBSERVICE_METHODS = "subservice_methods", "Subservice organizations and methods"
    COMMITMENTS = "commitments", "Commitments and system requirements"
    OBJECTIVES = "objectives", "Control objectives"
    DESCRIPTION = "description", "Description of the system"
