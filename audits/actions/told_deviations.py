"""Telling the client of deviations, its management's responses, and closing them (soc.md, 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from audits.actions.control_tests import refuse_phase
from audits.actions.deviations import LIFECYCLE
from audits.models.deviations import Deviation
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.queries.told_deviations import counts_of
from audits.rules.deviations import LONGEST
from tenants import trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.lifecycle import changing, locked
from tenants.models import User
from tenants.permissions import P, require

OWNER: Final = 120


@dataclass(frozen=True, slots=True)
class Reply:
    """What management says: whether it agrees, why it happened, what it does, who, until when."""

    agrees: bool
    cause: str
    action: str
    owner_name: str
    due_on: date | None = None


def communicate(
    deviation: Deviation, text: str, *, by: User, version: int | None = None
) -> Deviation:
    """Tell the client of an explained deviation, in these words, with how many items deviated.

    Raises PermissionDenied, MoveRefused before it is explained, Invalid, StaleVersion.
    """
    with LIFECYCLE.moving("communicate", deviation, by=by, version=version) as row:
        said = _words(text, LONGEST, "text", "Say it as the client shall read it.")
        tested, deviating = counts_of(row)
        told = CommunicatedDeviation.objects.create(
            engagement=row.engagement, deviation_id=row.pk, control_id=row.control_id, text=said,
            number_tested=tested, number_deviating=deviating, communicated_by=by,
        )  # fmt: skip
        trail.record("told", told, by=by, engagement_id=row.engagement_id)
    return deviation


def waive(
    told: CommunicatedDeviation, reason: str, *, by: User, version: int | None = None
) -> CommunicatedDeviation:
    """Wait for no response. Raises PermissionDenied, Invalid, Refused where there is one."""
    require(by, P.COMMUNICATE_DEVIATION, told.engagement)
    said = _words(reason, LONGEST, "reason", "Say why none is waited for.")
    with changing("waived", told, by=by, version=version, zone=TrailZone.FIRM) as row:
        refuse_phase(row.engagement)
        if row.responses.filter(handed_over_at__isnull=False).exists():
            raise Refused("Management has responded.", code="responded")
        row.waived_reason, row.waived_by = said, by
    return told


def respond(
    told: CommunicatedDeviation, reply: Reply, *, by: User, version: int | None = None
) -> ManagementResponse:
    """Write the client's draft, in place of the one there is; the firm does not see it.

    Raises PermissionDenied (also for a control owner of another control), Invalid naming the
    field, Refused once it is handed over or the work is over, StaleVersion.
    """
    _theirs(told, by)
    fields = _checked(reply)
    with transaction.atomic():
        engagement = locked(told.engagement)
        refuse_phase(engagement)
        named: dict[str, Any] = {"engagement": engagement, "communicated": told}
        held = ManagementResponse.objects.filter(**named).first() or ManagementResponse(**named)
        _refuse_handed_over(held)
        if version is not None and version != (0 if held._state.adding else held.version):
            raise StaleVersion("Somebody wrote on this since you opened it; look again first.")
        held.version += 0 if held._state.adding else 1
        for name, value in fields.items():
            setattr(held, name, value)
        held.written_by = by
        held.save()
        trail.record("responded", held, by=by, engagement_id=engagement.pk)
    return held


def hand_over(
    response: ManagementResponse, *, by: User, version: int | None = None
) -> ManagementResponse:
    """Give the response to the firm; from then on it stays. Raises as `respond`."""
    _theirs(response.communicated, by)
    with changing(
        "handed_over", response, by=by, version=version, zone=TrailZone.SHARED
    ) as row:  # fmt: skip
        refuse_phase(row.engagement)
        _refuse_handed_over(row)
        row.handed_over_by, row.handed_over_at = by, timezone.now()
    return response


def _theirs(told: CommunicatedDeviation, by: User) -> None:
    require(by, P.VIEW_CLIENT_FILE, told.engagement)
    require(by, P.RESPOND_TO_DEVIATION, told.engagement)
    if not CommunicatedDeviation.objects.visible_to(by).filter(pk=told.pk).exists():
        raise NotVisible("There is no such record, or it is not shown to you.")


def _refuse_handed_over(held: ManagementResponse) -> None:
    if held.handed_over_at is not None:
        raise Refused("It was handed over, and stays as it is.", code="handed_over_already")


def _checked(reply: Reply) -> dict[str, Any]:
    return {
        "agrees": reply.agrees, "due_on": reply.due_on,
        "cause": _words(reply.cause, LONGEST, "cause", "Say why it happened."),
        "action": _words(reply.action, LONGEST, "action", "Say what you do about it."),
        "owner_name": _words(reply.owner_name, OWNER, "owner_name", "Name who sees to it."),
    }  # fmt: skip


def _words(text: str, limit: int, field: str, missing: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(missing, code="required", field=field)
    if len(said) > limit or "\0" in said:
        raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=field)
    return said
