"""What follows when a report is released, an engagement withdrawn, a file locked."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from audits.choices.file import WorkpaperKind
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import Workpaper
from audits.queries.deadlines import ended_on
from audits.rules.deadlines import DAYS, TOLD_AT
from tenants import notices, outbox, trail
from tenants.choices import EngagementStatus, Role, TrailZone
from tenants.models import Assignment, Engagement, User

DEADLINE = "audits.file_deadline"
NOTICE = "audits.file_deadline"


def plan_deadlines(engagement: Engagement, move: str, by: User) -> None:
    """From release or withdrawal on, those in charge are told as the sixtieth day comes near."""
    if move not in ("release", "withdraw"):
        return
    moment = engagement.released_at or engagement.withdrawn_at
    assert moment is not None
    for days in TOLD_AT:
        outbox.enqueue(
            DEADLINE, engagement_id=engagement.pk, subject=engagement.pk,
            due_at=moment + timedelta(days=days),
            dedupe=f"{DEADLINE}:{engagement.pk}:{moment.date()}:{days}",
        )  # fmt: skip


@outbox.task(DEADLINE)
def tell_of_the_deadline(lease: outbox.Lease) -> None:
    """Tell partner and manager, past the last day the quality reviewer too (LK-01)."""
    engagement = Engagement.objects.select_related("firm").get(pk=lease.subject)
    ended = ended_on(engagement)
    if engagement.status == EngagementStatus.LOCKED or ended is None:
        return
    late = (timezone.localdate(timezone=engagement.firm.zone) - ended).days >= DAYS
    roles = [Role.PARTNER, Role.MANAGER, *([Role.QUALITY_REVIEWER] if late else [])]
    rows = Assignment.objects.filter(engagement=engagement, role__in=roles)
    notices.tell(
        NOTICE, engagement.pk, engagement.pk, rows.values_list("person_id", flat=True),
        period=str(lease.id),
    )  # fmt: skip


def drop_notes(engagement: Engagement, move: str, by: User) -> None:
    """At the lock the review notes go where its proposal says so, all of them alike (SO-07)."""
    if move != "lock":
        return
    proposal = Workpaper.objects.filter(
        engagement=engagement, kind=WorkpaperKind.LOCK_PROPOSAL
    ).first()
    if proposal is None or proposal.fields["notes"] != "drop":
        return
    count, _ = ReviewNote.objects.filter(engagement=engagement).delete()
    trail.record(
        "notes_dropped", proposal, by=by, engagement_id=engagement.pk, zone=TrailZone.FIRM,
        detail={"count": count},
    )  # fmt: skip
