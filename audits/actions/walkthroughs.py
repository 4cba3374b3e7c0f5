"""Writing down a walkthrough, and correcting what was written; the client sees nothing of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from django.db import transaction

from audits.models import EngagementControl
from audits.models.walkthroughs import Walkthrough
from tenants import trail
from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing
from tenants.models import Engagement, User
from tenants.permissions import NotAllowed, P, require

LIMITS: Final = {"item": 160, "walked_with": 2_000, "seen": 20_000}
WHILE: Final = (S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING, S.ACTIVE)
"""Phases in which the firm walks; after release only a late procedure lets it (LK-04)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a walkthrough says. walked_with: names and roles of the client's people."""

    item: str
    walked_on: date
    walked_with: str
    seen: str
    differs: bool = False


def write(control: EngagementControl, told: Seen, *, by: User) -> Walkthrough:
    """Write down that one item was followed through the control, as it is told today.

    Raises PermissionDenied, Invalid for what is left out, too long or lies ahead, Refused where
    the firm does not walk in the engagement's phase.
    """
    require(by, P.PERFORM_TEST, control.engagement)
    _refuse_phase(control.engagement)
    with transaction.atomic():
        row = Walkthrough.objects.create(
            engagement=control.engagement, control=control, done_by=by,
            narrative_number=control.narrative_number, **_checked(told, by),
        )  # fmt: skip
        trail.record(
            "walked", control, by=by, engagement_id=control.engagement_id, zone=row.trail_zone,
            detail={"item": row.item},
        )  # fmt: skip
    return row


def correct(
    walkthrough: Walkthrough, told: Seen, *, by: User, version: int | None = None
) -> Walkthrough:
    """Correct one's own words; the trail keeps that they were changed.

    Raises PermissionDenied, for somebody else's too, Invalid, Refused, StaleVersion.
    """
    engagement = walkthrough.control.engagement
    require(by, P.PERFORM_TEST, engagement)
    if walkthrough.done_by_id != by.pk:
        said = "Only who walked it corrects it; write a walkthrough of your own."
        raise NotAllowed(said, anchor=engagement, asked=str(P.PERFORM_TEST), subject=walkthrough)
    _refuse_phase(engagement)
    with changing("corrected", walkthrough, by=by, version=version) as row:
        for name, value in _checked(told, by).items():
            setattr(row, name, value)
    return walkthrough


def _checked(told: Seen, by: User) -> dict[str, object]:
    """The fields, without white space around them. Raises Invalid naming the field."""
    fields = asdict(told)
    for name, limit in LIMITS.items():
        text = fields[name] = str(fields[name]).strip()
        if not text:
            raise Invalid(_MISSING[name], code="required", field=name)
        if len(text) > limit or "\0" in text:
            raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=name)
    return fields


_MISSING: Final = {
    "item": "Name the one item you followed, such as a ticket or an invoice.",
    "walked_with": "Name who showed it to you, with their role.",
    "seen": "Say what you saw at each step, from start to end.",
}


def _refuse_phase(engagement: Engagement) -> None:
    if engagement.status not in WHILE:
        raise Refused(
            "A walkthrough belongs between planning and the report. "
            f"The engagement stands in “{engagement.get_status_display().lower()}”.",
            code="phase_does_not_walk",
        )
