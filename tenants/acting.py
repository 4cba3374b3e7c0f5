"""Who is acting: named by the middleware, the task runner, commands and tests; announced at BEGIN.

Row-level security reads what is announced here (TEN-7). Every setting is transaction-local, so
nothing outlives its transaction on a reused connection; a query with nobody announced raises.
Engagements are announced while person, membership and token stand (the wall of access rows asks
it): what was taken away is out of sight in the next transaction, also of a request that goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psycopg
from django.core.exceptions import PermissionDenied
from django.db import connection

if TYPE_CHECKING:
    from tenants.models import User

NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one organization, or a task on one engagement; the default is nobody."""

    person_id: UUID | None = None
    organization_id: UUID | None = None
    engagement_id: UUID | None = None
    """A task's one engagement, seen from both sides."""
    presented: str = ""
    """SHA-256 of a secret shown before anyone is known: a token, an invitation. A person who
    acts by a token goes on presenting it, and sees no engagement once it is revoked."""
    system: bool = False
    """Sees queues (outbox, schedules), never content."""
    looks_only: bool = False
    """Every transaction refuses to write: support that a tenant lets look (ACC-18)."""


class System:
    """Who moves a record when no person does. A forgotten `by` is an error, never this."""

    pk = None
    name = "Tickmark"

    def __str__(self) -> str:
        return self.name


SYSTEM = System()
NOBODY = Actor()


@dataclass(slots=True)
class _Scene:
    """An actor with what was already looked up for them in this stretch of work."""

    actor: Actor
    known: dict[str, Any] = field(default_factory=dict)


_NOBODYS = _Scene(NOBODY)
_scene: ContextVar[_Scene] = ContextVar("tickmark_scene", default=_NOBODYS)  # in every thread

_NOBODY = """select set_config('app.person', %(person)s, true),
  set_config('app.organization', %(organization)s, true),
  set_config('app.presented', %(presented)s, true), set_config('app.system', %(system)s, true),
  set_config('app.engagements', '{}', true), set_config('app.firm_side', '{}', true),
  set_config('app.client_side', '{}', true), set_config('app.assigned', '{}', true),
  set_config('app.overseen', '{}', true),
  set_config('app.clients', '{}', true),
  set_config('app.organizations', '{}', true)"""
"""Needs no table and no function: true of an empty database, while it is migrated."""

_SOMEBODY = """select tickmark_announce(%(person)s::uuid, %(organization)s::uuid,
  %(engagement)s::uuid, %(presented)s, %(system)s::boolean)"""
"""Made by migrations: it adds what the person sees from which side and whom they know of, and takes
the person of a live API token whose hash is presented for the one who acts."""


def current() -> Actor:
    """Who is acting now; `NOBODY` when nobody was named."""
    return _scene.get().actor


def organization_id() -> UUID:
    """The organization in which the present person acts; the nil UUID for nobody and tasks."""
    return current().organization_id or NIL


def known() -> dict[str, Any]:
    """What was already looked up for the one who acts; forgotten when the actor changes."""
    return _scene.get().known


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Let `actor` act inside the block; in an open transaction it holds at once."""
    token = _scene.set(_Scene(actor))
    try:
        announce_again()
        yield actor
    finally:
        _scene.reset(token)
        announce_again()


@contextmanager
def on_behalf_of_the_engagement(
    engagement_id: UUID, organization_id: UUID | None = None
) -> Iterator[Actor]:
    """Act as a task on one engagement does: to found it, or to write access rows after a check.

    `organization_id` is whom the trail names as the one acted for.

    Only actions that assign people or write their access, and the task runner, may call it.
    """
    with acting(Actor(engagement_id=engagement_id, organization_id=organization_id)) as actor:
        yield actor


@contextmanager
def inside(organization_id: UUID) -> Iterator[Actor]:
    """Act inside an organization as nobody of it: to found it, or to let an invited person in.

    Only actions that found or let in may call it, after their check, and `trail.py`, to write what
    happened to an account of the organization.
    """
    with acting(replace(NOBODY, organization_id=organization_id)) as actor:
        yield actor


def announce_again() -> None:
    """Announce anew in an open transaction, after access changed; elsewhere BEGIN will do it."""
    _scene.get().known.clear()
    if connection.in_atomic_block and not connection.needs_rollback:
        announce(connection.connection)


def announce(raw: psycopg.Connection[Any]) -> None:
    """Tell PostgreSQL who acts, for this transaction only, in one message."""
    actor = current()
    values = {
        "person": str(actor.person_id or NIL),
        "organization": str(actor.organization_id or NIL),
        "engagement": actor.engagement_id,
        "presented": actor.presented,
        "system": "true" if actor.system else "false",
    }
    known = actor.person_id or actor.engagement_id or actor.organization_id or actor.presented
    with psycopg.Cursor(raw) as cursor:  # values beside the text: planned once a connection
        cursor.execute(_SOMEBODY if known else _NOBODY, values)
        if actor.looks_only:
            cursor.execute("SET TRANSACTION READ ONLY")


def require_is_acting(by: User | System) -> None:
    """Refuse an action in the name of somebody who is not the one acting.

    Raises PermissionDenied. `SYSTEM` acts where no person does.
    """
    if by.pk != current().person_id:
        raise PermissionDenied("Only the person who is acting can be named as the one who acts.")
