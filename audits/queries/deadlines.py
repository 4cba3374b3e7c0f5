"""Whether a file is put together in time (LK-01)."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from audits.rules.deadlines import due_on
from tenants.findings import WARN, Finding
from tenants.models import Engagement


def ended_on(engagement: Engagement) -> date | None:
    """The day of release or withdrawal, in the firm's zone; None before either."""
    moment = engagement.released_at or engagement.withdrawn_at
    return timezone.localdate(moment, timezone=engagement.firm.zone) if moment else None


def overdue(engagement: Engagement) -> list[Finding]:
    """Past the sixtieth day a partner says why; nothing is held up by it."""
    ended = ended_on(engagement)
    if ended is None:
        return []
    due = due_on(ended)
    if timezone.localdate(timezone=engagement.firm.zone) <= due:
        return []
    return [
        Finding(
            "LK-01", WARN, f"The file should have been locked by {due.isoformat()}.",
            "Lock it, and note why it took longer.", ("audits:file", (engagement.pk,)),
            facts={"due": due},
        )
    ]  # fmt: skip
