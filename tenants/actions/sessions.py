"""Ending sessions: one's own, those of a member, and those that a change makes worthless."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from tenants import acting, outbox, trail
from tenants.acting import NIL
from tenants.actions import failed_tries
from tenants.errors import NotVisible
from tenants.models import Membership, Session, User
from tenants.permissions import P, require
from tenants.sessions import SessionStore


def of(person: User) -> list[Session]:
    """The person's live sessions, the latest first."""
    SessionStore.clear_expired(person)
    return list(Session.objects.filter(person=person).order_by("-last_seen_at"))


def end(session: UUID, *, by: User) -> None:
    """End one of one's own sessions; its browser is signed out at its next request.

    Raises NotVisible for another's and an absent one alike.
    """
    acting.require_is_acting(by)
    with transaction.atomic():
        row = Session.objects.filter(pk=session, person=by).first()
        if row is None:
            raise NotVisible("There is no such session.")
        row.delete()
        trail.record_account("session_ended", by, detail={"device": row.device, "count": 1})


def end_others(person: User, *, keep: Session | None, why: str = "") -> int:
    """End all of a person's sessions but `keep`. Returns how many there were."""
    with transaction.atomic():
        rows = Session.objects.filter(person=person).exclude(pk=keep.pk if keep else NIL)
        count, _ = rows.delete()
        if count:
            trail.record_account("session_ended", person, detail={"count": count, "why": why})
    return count


def end_of_member(membership: Membership, *, by: User) -> int:
    """Sign a member out everywhere, as their administrator may. Returns how many sessions ended.

    Raises PermissionDenied.
    """
    require(by, P.MANAGE_PEOPLE, membership.organization)
    with transaction.atomic():
        count, _ = Session.objects.filter(person=membership.person).delete()
        trail.record(
            "signed_out_by_administrator", membership, by=by,
            organization_id=membership.organization_id, detail={"count": count},
        )  # fmt: skip
    return count


def renew(person: User) -> None:
    """The person's rights changed: give each of their sessions a new key at its next request."""
    Session.objects.filter(person=person).update(renew=True)


@outbox.every(seconds=3600)
def forget_sessions() -> None:
    """Every hour: delete sessions that are over, and counts of failures that leaked away."""
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        SessionStore.clear_expired()
        failed_tries.forget_old()
