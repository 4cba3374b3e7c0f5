"""The client's own account of its system, read by its own people alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from audits.models.system import SystemEntry, SystemEntryLink
from audits.rules.system_entries import KINDS, targets_of
from tenants.choices import MembershipStatus, Role
from tenants.models import Organization, User


def with_links(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Entries with their owner and what they are related to (1 query more)."""
    links = SystemEntryLink.objects.select_related("target").order_by("target__kind", "target__ref")
    return rows.select_related("client", "owner").prefetch_related(Prefetch("links", links))


def listed(
    user: User, client: Organization, *, kind: str = "", words: str = "", retired: bool = False
) -> QuerySet[Any]:
    """The entries that fit, by kind and id, with their links (2 queries)."""
    rows = SystemEntry.objects.visible_to(user).filter(
        client=client, retired_on__isnull=not retired
    )
    if kind:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(
            Q(ref__icontains=words) | Q(title__icontains=words) | Q(text__icontains=words)
        )
    return with_links(rows)


def counts(user: User, client: Organization) -> dict[str, int]:
    """Kind → how many entries stand, for every kind in order (1 query)."""
    rows = SystemEntry.objects.visible_to(user).filter(client=client, retired_on=None)
    found = dict(rows.order_by().values_list("kind").annotate(count=Count("pk")))
    return {kind: found.get(kind, 0) for kind in KINDS}


def relatable(client: Organization, kind: str, besides: UUID | None = None) -> QuerySet[Any]:
    """What an entry of this kind may be related to, by kind and id."""
    rows = SystemEntry.objects.filter(client=client, kind__in=targets_of(kind), retired_on=None)
    found: QuerySet[Any] = rows.exclude(pk=besides) if besides else rows
    return found


def linked_from(entry: SystemEntry) -> QuerySet[Any]:
    """The links of other entries that lead to this one, by kind and id."""
    rows = SystemEntryLink.objects.filter(target=entry, source__retired_on=None)
    found: QuerySet[Any] = rows.select_related("source")
    return found.order_by("source__kind", "source__ref")


def next_ref(client: Organization, kind: str) -> str:
    """The next free id of a kind, such as “SC-03”."""
    letters = KINDS[kind].letters
    held = SystemEntry.objects.filter(client=client, ref__startswith=f"{letters}-")
    taken = [ref.partition("-")[2] for ref in held.values_list("ref", flat=True)]
    numbers = (int(each) for each in taken if each.isascii() and each.isdigit())
    return f"{letters}-{max(numbers, default=0) + 1:02}"


def people(user: User, organization: Organization) -> QuerySet[User]:
    """The people of the organization one acts in, by name."""
    return User.objects.filter(
        memberships__organization=organization, memberships__status=MembershipStatus.ACTIVE
    ).order_by("name")


def owners(user: User, organization: Organization) -> QuerySet[User]:
    """Its control owners, by name."""
    return User.objects.filter(
        memberships__organization=organization, memberships__role=Role.CONTROL_OWNER,
        memberships__status=MembershipStatus.ACTIVE,
    ).order_by("name")  # fmt: skip


def of_kinds(client: Organization, kinds: Collection[str]) -> QuerySet[Any]:
    """The standing entries of these kinds, by kind and id, with their links (2 queries)."""
    return with_links(SystemEntry.objects.filter(client=client, kind__in=kinds, retired_on=None))
