"""Raising and lifting the walls inside a firm (AC-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.models import Engagement, EthicsWall, Organization, User, WalledSide
from tenants.permissions import P, require
from tenants.refusals import as_refusal

TAKEN = {
    "ethics_wall_name_once": "A wall of this name stands already; choose another name.",
    "walled_client_once": "One of these clients stands behind this wall already.",
    "walled_engagement_once": "One of these engagements stands behind this wall already.",
}
Row = TypeVar("Row", EthicsWall, WalledSide)


@dataclass(frozen=True, slots=True)
class Side:
    """What stands on one side of a wall: whole clients, single engagements, or both."""

    clients: Sequence[Organization] = ()
    engagements: Sequence[Engagement] = ()

    def __bool__(self) -> bool:
        return bool(self.clients or self.engagements)


def raise_wall(
    firm: Organization, *, name: str, reason: str, sides: Sequence[Side], by: User
) -> EthicsWall:
    """Keep the people of each side away from the other sides, from now on.

    Raises PermissionDenied, Invalid without a name, a reason or two sides, Refused when somebody
    works on two of them already, naming them.
    """
    require(by, P.MANAGE_WALLS, firm)
    if not name.strip():
        raise Invalid("Give the wall a name.", code="name_required", field="name")
    if not reason.strip():
        raise Invalid("Say why the wall is raised.", code="note_required", field="reason")
    if len([side for side in sides if side]) < 2:
        raise Invalid(
            "A wall has two sides: choose at least one client or engagement for each.",
            code="side_missing", field="there",
        )  # fmt: skip
    with transaction.atomic():
        wall = _insert(EthicsWall(
            organization=firm, name=name.strip(), reason=reason.strip(), raised_by=by
        ))  # fmt: skip
        trail.record("wall_raised", wall, by=by, organization_id=firm.pk, note=reason.strip())
        for number, side in enumerate(sides, start=1):
            _add(wall, number, side, by)
    return wall


def extend(wall: EthicsWall, *, number: int, side: Side, by: User) -> EthicsWall:
    """Put more clients or engagements behind a standing wall, on side `number` or a new one.

    Raises PermissionDenied, Invalid, Refused for a lifted wall or people on two sides.
    """
    require(by, P.MANAGE_WALLS, wall.organization)
    if not side:
        raise Invalid("Choose a client or an engagement.", code="side_missing", field="there")
    with transaction.atomic():
        row = _standing(wall)
        if not 1 <= number <= 1 + max(each.side for each in row.sides.all()):
            raise Invalid("There is no such side.", code="side_unknown", field="side")
        _add(row, number, side, by)
        row.version += 1
        row.save(update_fields=["version"])
    return row


def lift(wall: EthicsWall, *, reason: str, by: User) -> EthicsWall:
    """Take a wall down, with the reason. Raises PermissionDenied, Invalid, Refused."""
    require(by, P.MANAGE_WALLS, wall.organization)
    if not reason.strip():
        raise Invalid("Say why the wall is lifted.", code="note_required", field="reason")
    with transaction.atomic():
        row = _standing(wall)
        row.lifted_by, row.lifted_at = by, timezone.now()
        row.lift_reason = reason.strip()
        row.version += 1
        row.save()
        trail.record(
            "wall_lifted", row, by=by, organization_id=row.organization_id, note=row.lift_reason
        )
    return row


def _standing(wall: EthicsWall) -> EthicsWall:
    row = EthicsWall.objects.select_for_update(of=("self",)).get(pk=wall.pk)
    if row.lifted_at is not None:
        raise Refused("This wall was lifted; raise another.", code="wall_lifted")
    return row


def _add(wall: EthicsWall, number: int, side: Side, by: User) -> None:
    rows = [WalledSide(client=client) for client in side.clients]
    rows += [WalledSide(engagement=engagement) for engagement in side.engagements]
    for row in rows:
        row.organization_id, row.wall, row.side = wall.organization_id, wall, number
        _insert(row)
    trail.record(
        "wall_extended", wall, by=by, organization_id=wall.organization_id,
        detail={"side": number, "behind": [str(row) for row in rows]},
    )  # fmt: skip


def _insert(row: Row) -> Row:
    """Save a row; what the database refuses is told as it says it."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if (refused := as_refusal(error)) is None:
            raise
        message = TAKEN.get(refused.code, refused.message)
        raise Refused(message, code=refused.code) from error
    return row
