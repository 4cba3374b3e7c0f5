"""The one writer of access rows: what assignments, independence and openings give, and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import connections, transaction

from tenants import acting
from tenants.choices import FIRM_ROLES
from tenants.models import (
    Assignment,
    Engagement,
    EngagementAccess,
    Opening,
    Organization,
    SupportAccess,
    TeamRole,
    User,
)
from tenants.permissions import SUPPORT_SEES, P, permissions_of
from tenants.queries import independence

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
END = datetime(9000, 1, 1, tzinfo=UTC)

Key = tuple[UUID, int, UUID, datetime, datetime]
Span = tuple[datetime, datetime]


def recompute(engagement: Engagement, people: Iterable[User]) -> None:
    """Make the access rows of `people` equal their live assignments and openings, in one go.

    Runs as the engagement (the one writer); the caller's own view is announced anew.
    """
    ids = [person.pk for person in people]
    with transaction.atomic(), acting.on_behalf_of_the_engagement(engagement.pk):
        Engagement.objects.select_for_update(of=("self",)).get(pk=engagement.pk)
        wanted, working = _wanted(engagement.pk, ids)
        _keep_roles(working)
        rows = EngagementAccess.objects.filter(content_object=engagement, user_id__in=ids)
        held = {
            (row.user_id, row.permission_id, row.organization_id, row.since, row.until): row.pk
            for row in rows
        }
        rows.filter(pk__in=[pk for key, pk in held.items() if key not in wanted]).delete()
        EngagementAccess.objects.bulk_create(
            EngagementAccess(
                user_id=user, permission_id=permission, organization_id=organization,
                since=since, until=until, content_object=engagement,
            )
            for user, permission, organization, since, until in wanted - held.keys()
        )  # fmt: skip


def recompute_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """After migrations: a permission that is new reaches the roles that carry it."""
    if Engagement._meta.db_table not in connections[using].introspection.table_names():
        return
    with transaction.atomic(using=using):
        for engagement in Engagement.objects.using(using).all():
            people = User.objects.filter(assignments__engagement=engagement)
            recompute(engagement, people)


def _wanted(engagement_id: UUID, people: list[UUID]) -> tuple[set[Key], list[Assignment]]:
    """(One key for each person and permission: what the assignment gives, and what is opened;
    the assignments that count at some time.)

    An assignment of the firm counts from its first to its last day and while its person's
    independence is confirmed; to confirm it is all that it gives before (AC-04). An opening adds
    to an assignment and never outlasts it.
    """
    ids = dict(
        Permission.objects.filter(content_type__app_label="tenants").values_list("codename", "pk")
    )
    good_until = independence.good_until(engagement_id, people)
    found: set[Key] = set()
    counting: dict[UUID, Span] = {}
    working: list[Assignment] = []
    rows = Assignment.objects.select_related("organization")
    for row in rows.filter(engagement_id=engagement_id, person_id__in=people):
        place = (row.person_id, row.organization_id)
        days = _span(row.organization, row.starts_on, row.ends_on)
        span = days
        if row.role in FIRM_ROLES:
            if P.CONFIRM_INDEPENDENCE in permissions_of(row.role):
                ask = (place[0], ids[P.CONFIRM_INDEPENDENCE], place[1])
                found.add((*ask, BEGINNING, days[1]))
            last = good_until.get(row.person_id)
            until = _after(row.organization, last) if last else BEGINNING
            span = (days[0], min(days[1], until))
        if span[0] >= span[1]:
            continue
        working.append(row)
        counting[row.person_id] = span
        for permission in permissions_of(row.role) - {P.CONFIRM_INDEPENDENCE}:
            found.add((place[0], ids[permission], place[1], *span))
    found |= _looked_at(engagement_id, people, ids)
    return found | _opened(engagement_id, people, counting, ids, found), working


def _looked_at(engagement_id: UUID, people: list[UUID], ids: dict[str, int]) -> set[Key]:
    """What operators see while an administrator lets them look: to the minute, no longer."""
    rows = SupportAccess.objects.filter(
        engagement_id=engagement_id, operator_id__in=people, until__isnull=False, ended_at=None
    )
    return {
        (row.operator_id, ids[permission], row.organization_id, BEGINNING, row.until)
        for row in rows
        for permission in SUPPORT_SEES[row.side]
        if row.organization_id and row.until
    }


def _keep_roles(working: list[Assignment]) -> None:
    """Keep which roles the firm's people hold here: a quality reviewer never held another."""
    TeamRole.objects.bulk_create(
        (
            TeamRole(
                engagement_id=row.engagement_id, organization_id=row.organization_id,
                person_id=row.person_id, role=row.role,
            )
            for row in working
            if row.role in FIRM_ROLES
        ),
        ignore_conflicts=True,
    )  # fmt: skip


def _opened(
    engagement_id: UUID, people: list[UUID], counting: dict[UUID, Span], ids: dict[str, int],
    given: set[Key],
) -> set[Key]:  # fmt: skip
    """What openings add for people whose assignment counts, and while it does."""
    has = {(user, permission) for user, permission, *_ in given}
    found: set[Key] = set()
    openings = Opening.objects.select_related("organization")
    for opening in openings.filter(engagement_id=engagement_id, person_id__in=people):
        span, permission = counting.get(opening.person_id), ids[opening.permission]
        if span is None or (opening.person_id, permission) in has:
            continue
        until = _after(opening.organization, opening.ends_on) if opening.ends_on else END
        if span[0] < min(span[1], until):
            key = (opening.person_id, permission, opening.organization_id)
            found.add((*key, span[0], min(span[1], until)))
    return found


def _span(organization: Organization, first: date, last: date | None) -> Span:
    """From the first moment of the first day to the end of the last, in the organization's zone."""
    since = datetime.combine(first, time.min, tzinfo=organization.zone).astimezone(UTC)
    return since, _after(organization, last) if last else END


def _after(organization: Organization, last: date) -> datetime:
    """The moment a last day has ended in the organization's zone."""
    midnight = datetime.combine(last + timedelta(days=1), time.min, tzinfo=organization.zone)
    return midnight.astimezone(UTC)
