"""Writing the trail: one entry for each effect, in the effect's own transaction (AUD-2)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from tenants import acting
from tenants.choices import MembershipStatus, TrailZone
from tenants.models import Membership, TrailEntry, User
from tenants.rules.trail_leaves import SALT_BYTES, seal
from tenants.statements import save_together


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act came from: the request's id and the network address; empty for a task."""

    request_id: str = ""
    address: str | None = None


NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("tickmark_origin", default=NOWHERE)
_gathered: ContextVar[list[TrailEntry] | None] = ContextVar("tickmark_gathered", default=None)


@contextmanager
def together(*rows: Model) -> Iterator[None]:
    """Write what is recorded inside by one statement at its end, in the order it was recorded.

    For an act that leaves several entries; none is written when the act fails. New `rows` that
    the act makes are written by the same statement (`save_together`).
    """
    entries: list[TrailEntry] = []
    token = _gathered.set(entries)
    try:
        yield
    finally:
        _gathered.reset(token)
    if rows:
        save_together(*rows, *entries)
    else:
        TrailEntry.objects.bulk_create(entries)


def record(
    verb: str,
    subject: Model,
    *,
    by: User | acting.System,
    **about: Any,
) -> TrailEntry:
    """Write one entry: `by` did `verb` to `subject`; the caller's transaction carries it.

    `about` is as `record_many` takes it.
    """
    return record_many(verb, [subject], by=by, **about)[0]


def record_many(
    verb: str,
    subjects: Sequence[Model],
    *,
    by: User | acting.System,
    engagement_id: UUID | None = None,
    organization_id: UUID | None = None,
    before: str = "",
    after: str = "",
    note: str = "",
    detail: dict[str, Any] | None = None,
    zone: str | None = None,
) -> list[TrailEntry]:
    """Write one entry for each subject, in one statement.

    Without `engagement_id` the entries belong to `organization_id`. `before` and `after` are
    statuses where the act moved one. A restricted subject (`named_people` not None) hides its
    entry from everybody it does not name. Without `zone` it is the subject's own (`trail_zone`).
    """
    came, gathered = origin.get(), _gathered.get()
    entries = [
        seal(
            TrailEntry(
                at=timezone.now(),
                engagement_id=engagement_id,
                organization_id=organization_id,
                zone=str(zone or getattr(subject, "trail_zone", TrailZone.SHARED)),
                named=getattr(subject, "named_people", None),
                person_id=by.pk,
                person_name=str(by)[:120],
                acting_for_id=acting.current().organization_id,
                verb=verb,
                subject_type=subject._meta.model_name or "",
                subject_id=subject.pk,
                subject_label=str(getattr(subject, "label", subject))[:200],
                subject_version=getattr(subject, "version", 0),
                before=before,
                after=after,
                note=note,
                detail=detail or {},
                request_id=came.request_id,
                address=_plain_address(came.address),
                salt=os.urandom(SALT_BYTES),
            )
        )
        for subject in subjects
    ]
    if gathered is None:
        return TrailEntry.objects.bulk_create(entries)
    gathered.extend(entries)
    return entries


def _plain_address(text: str | None) -> str | None:
    """A network address as PostgreSQL will give it back; None for one that is none."""
    try:
        address = ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def record_account(verb: str, user: User, *, detail: dict[str, Any] | None = None) -> None:
    """Write an event of a person's account into the trail of each organization they belong to.

    For what happens before, or beside, an organization: sign-in, a failed try, a factor, a
    session ended. Nobody need be acting yet. A person of no organization leaves no entry.
    """
    with transaction.atomic():
        with acting.acting(acting.Actor(person_id=user.pk)):
            organizations = list(
                Membership.objects.filter(person=user, status=MembershipStatus.ACTIVE)
                .order_by("organization_id")
                .values_list("organization_id", flat=True)
            )
        token = _gathered.set(None)  # written here, where the wall of each organization lets it
        try:
            for organization_id in organizations:
                with acting.inside(organization_id):
                    record(verb, user, by=user, organization_id=organization_id, detail=detail)
        finally:
            _gathered.reset(token)
