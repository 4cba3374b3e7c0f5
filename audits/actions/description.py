"""The client says where its description answers each criterion, or why it need not (RT-18)."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from audits.models.catalog import DescriptionCriterion
from audits.models.description import DescriptionPoint
from audits.rules.description import refuse_point
from audits.rules.scope import refuse_closed
from tenants import trail
from tenants.errors import Invalid, NotVisible, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

LONGEST: Final = 4_000


def place(
    engagement: Engagement, identifier: str, *, where: str = "", none_reason: str = "", by: User
) -> DescriptionPoint:
    """Say for the first time where the description answers a criterion, or why it need not.

    Raises PermissionDenied, NotVisible for no criterion, Invalid (RT-07, RT-18, or neither or both
    of `where` and `none_reason`), Refused when it was said or the engagement is closed.
    """
    require(by, P.WRITE_DOCUMENT, engagement)
    refuse_closed(engagement.status)
    criterion = DescriptionCriterion.objects.filter(identifier=identifier).first()
    if criterion is None:
        raise NotVisible(f"There is no description criterion “{identifier[:20]}”.")
    refuse_point(identifier, criterion.report_type, engagement.report_type, engagement.exam_type)
    columns = _columns(where, none_reason)
    with transaction.atomic():
        locked(engagement)
        if DescriptionPoint.objects.filter(engagement=engagement, criterion=criterion).exists():
            raise Refused(f"It is said where {identifier} is answered; change that.",
                          code="point_said", field="criterion")  # fmt: skip
        row = DescriptionPoint.objects.create(
            engagement=engagement, criterion=criterion, said_by=by, **columns
        )
        trail.record("placed", row, by=by, engagement_id=engagement.pk)
    return row


def change(
    point: DescriptionPoint, *, where: str = "", none_reason: str = "", by: User,
    version: int | None = None,
) -> DescriptionPoint:  # fmt: skip
    """Say otherwise where a criterion is answered. Raises as `place`, and StaleVersion."""
    require(by, P.WRITE_DOCUMENT, point.engagement)
    refuse_closed(point.engagement.status)
    columns = _columns(where, none_reason)
    with changing("placed", point, by=by, version=version) as row:
        row.where, row.none_reason, row.said_by = columns["where"], columns["none_reason"], by
    return point


def _columns(where: str, none_reason: str) -> dict[str, Any]:
    found = {"where": where.strip(), "none_reason": none_reason.strip()}
    if all(found.values()):
        raise Invalid("Say where it is answered, or why it need not be: one of the two.",
                      code="where_and_none", field="none_reason")  # fmt: skip
    if not any(found.values()):
        raise Invalid("Say where the description answers it, or why it need not.",
                      code="where_missing", field="where")  # fmt: skip
    for name, text in found.items():
        if len(text) > LONGEST or "\0" in text:
            raise Invalid(f"At most {LONGEST:,} characters fit here.", code="too_long", field=name)
    return found
