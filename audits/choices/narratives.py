"""The words around narratives. Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class ProposalStatus(TextChoices):
    """What became of a narrative that somebody proposed."""

    PROPOSED = "proposed", "Proposed"
    TAKEN = "taken", "Taken"
    REFUSED = "refused", "Not taken"
