"""The client states its system in an engagement: taken from its own list, then handed over."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from audits.models.statements import ScopeEntry, ScopeStatement
from audits.queries.statements import library_now, standing
from audits.rules.scope import refuse_closed
from audits.rules.statements import Telling, refuse_kind
from audits.rules.system_entries import KINDS
from tenants import trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

REASON_LIMIT = 2_000
BEFORE_HAND_OVER: list[Callable[[ScopeStatement, User], None]] = []
"""Asked before a statement is handed over: may raise Refused, as once terms are frozen (RT-17)."""


def take(engagement: Engagement, kind: str, *, none_reason: str = "", by: User) -> ScopeStatement:
    """State all the client's list tells of a kind; an earlier draft gives way.

    `none_reason`: why there is none, where the list has none. Raises PermissionDenied, Invalid
    (RT-07 for changes in a Type 1), Refused when the list and the reason contradict each other or
    the engagement is closed.
    """
    require(by, P.WRITE_DOCUMENT, engagement)
    refuse_closed(engagement.status)
    refuse_kind(kind, engagement)
    with transaction.atomic():
        locked(engagement)
        told = library_now(engagement, [kind]).get(kind, {})
        _agrees(kind, told, none_reason.strip())
        return _write(engagement, kind, told, none_reason.strip(), by)


def take_all(engagement: Engagement, *, by: User) -> list[ScopeStatement]:
    """State every kind of which the list tells something else than the newest statement.

    Returns the new drafts. Raises PermissionDenied, Refused when the engagement is closed.
    """
    require(by, P.WRITE_DOCUMENT, engagement)
    refuse_closed(engagement.status)
    with transaction.atomic():
        locked(engagement)
        now = library_now(engagement, list(KINDS))
        return [
            _write(engagement, each.kind, now[each.kind], "", by)
            for each in standing(engagement, by, own=True)
            if each.behind and not each.behind.is_empty and each.kind in now
        ]


def hand_over(statement: ScopeStatement, *, by: User, version: int | None = None) -> ScopeStatement:
    """Give a draft to the firm; from then on it stays as it is.

    Raises PermissionDenied, Refused when it is handed over or its engagement closed, StaleVersion.
    """
    require(by, P.WRITE_DOCUMENT, statement.engagement)
    refuse_closed(statement.engagement.status)
    with changing(
        "handed_over", statement, by=by, version=version, zone=TrailZone.SHARED
    ) as row:  # fmt: skip
        if row.handed_over_at:
            raise Refused("This was handed over already.", code="handed_over_already")
        for ask in BEFORE_HAND_OVER:
            ask(row, by)
        row.handed_over_at = timezone.now()
    return statement


def hand_over_all(engagement: Engagement, *, by: User) -> list[ScopeStatement]:
    """Give every draft to the firm, all or none. Raises as `hand_over`."""
    require(by, P.WRITE_DOCUMENT, engagement)
    with transaction.atomic():
        rows = ScopeStatement.objects.select_related("engagement").filter(
            engagement=engagement, handed_over_at=None
        )
        return [hand_over(row, by=by) for row in rows.order_by("kind")]


def drop(statement: ScopeStatement, *, by: User, version: int | None = None) -> None:
    """Throw a draft away.

    Raises PermissionDenied, Refused when it was handed over, StaleVersion.
    """
    require(by, P.WRITE_DOCUMENT, statement.engagement)
    with changing("dropped", statement, by=by, version=version) as row:
        if row.handed_over_at:
            raise Refused("What was handed over stays in the file.", code="handed_over_already")
    ScopeStatement.objects.filter(pk=statement.pk).delete()


def _agrees(kind: str, told: Telling, none_reason: str) -> None:
    """Raise where the list tells something and the client says there is none, or neither."""
    about = KINDS[kind].plural.lower()
    if told and none_reason:
        raise Refused(
            f"Your list has {about}. Take them, or retire them before you say there is none.",
            code="list_is_not_empty", field="none_reason",
        )  # fmt: skip
    if not told and not none_reason:
        raise Invalid(
            f"Your list tells of no {about} for this engagement. Write them down, or say here that "
            "there are none and why.",
            code="none_reason_missing", field="none_reason",
        )  # fmt: skip
    if len(none_reason) > REASON_LIMIT or "\0" in none_reason:
        raise Invalid(f"At most {REASON_LIMIT:,} characters fit here.", code="too_long",
                      field="none_reason")  # fmt: skip


def _write(
    engagement: Engagement, kind: str, told: Telling, none_reason: str, by: User
) -> ScopeStatement:
    rows = ScopeStatement.objects.filter(engagement=engagement, kind=kind)
    rows.filter(handed_over_at=None).delete()
    last = rows.order_by("-number").values_list("number", flat=True).first() or 0
    statement = ScopeStatement.objects.create(
        engagement=engagement, client=engagement.client, kind=kind, number=last + 1,
        none_said=bool(none_reason), none_reason=none_reason, made_by=by,
    )  # fmt: skip
    ScopeEntry.objects.bulk_create(
        ScopeEntry(engagement=engagement, statement=statement, entry_id=key, **each)
        for key, each in told.items()
    )
    trail.record("stated", statement, by=by, engagement_id=engagement.pk,
                 detail={"entries": len(told)})  # fmt: skip
    return statement
