"""A move is written once: the one writer of a status, its trail entry and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Model

from tenants import outbox, trail
from tenants.acting import System, require_is_acting
from tenants.errors import Invalid, MoveRefused, NotVisible, StaleVersion
from tenants.models import Engagement, User
from tenants.permissions import NotAllowed, P
from tenants.statements import columns, instance, planned
from tenants.visibility import reach

Guard = Callable[[Any], str]
"""Given the locked row, the reason a move may not happen now, or an empty string."""
Who = Callable[[Any, Any], bool]
"""Given the person's id and the row: whether this person is one of those the move is for."""


@dataclass(frozen=True)
class Move:
    """One arrow of a lifecycle.

    `sources` are the statuses it starts from, `target` where it leads (None: stays).
    `permission` is asked on the anchor; `who` narrows it to people of the record. `note` says
    whether a reason is asked: "", "optional" or "required". `label` and `tone` are the button's.
    `by_system` moves are nobody's to make. `hidden` moves happen along with another act.
    """

    name: str
    sources: Sequence[str]
    target: str | None
    permission: P | None = None
    who: Who | None = None
    guards: Sequence[Guard] = ()
    note: str = ""
    label: str = ""
    tone: str = ""
    zone: str | None = None
    by_system: bool = False
    hidden: bool = False
    when: Callable[[Any], bool] | None = None
    """On which rows there is such a move at all, where a status alone does not tell."""
    asks: Sequence[str] = ()
    """Names of further fields a surface asks for, such as a return reason."""

    @property
    def title(self) -> str:
        """What the button says."""
        return self.label or self.name.replace("_", " ").capitalize()

    def is_for(self, by: User | System, row: Any) -> bool:
        """Whether `by` may make this move at all, asked afresh (ACC-12)."""
        if isinstance(by, System):
            return self.by_system
        if self.permission is None or not by.has_perm(self.permission, row.anchor):
            return False
        return self.who is None or self.who(by, row)

    def starts_from(self, row: Any) -> bool:
        """Whether the move leads on from where the row stands."""
        return row.status in self.sources and (self.when is None or self.when(row))

    def refusal(self, row: Any) -> str:
        """Why the row does not allow the move now; empty when it does."""
        if not self.starts_from(row):
            return (
                f"This is {row.get_status_display().lower()} now; "
                f"“{self.title.lower()}” is not possible from there."
            )
        return next((reason for guard in self.guards if (reason := guard(row))), "")


class Lifecycle:
    """All moves of one kind of record; buttons, API, docs and tests read the same table."""

    def __init__(self, *moves: Move) -> None:
        self.moves = {move.name: move for move in moves}

    def offered(self, row: Any, user: User) -> list[Move]:
        """The moves `user` could make on `row` now: no query when the anchor's reach is known."""
        held = reach(user).get(row.anchor.pk, frozenset())
        return [
            move
            for move in self.moves.values()
            if not move.by_system
            and not move.hidden
            and move.starts_from(row)
            and move.permission in held
            and (move.who is None or move.who(user, row))
        ]

    @contextmanager
    def moving(
        self,
        name: str,
        record: Any,
        *,
        by: User | System,
        version: int | None = None,
        note: str = "",
        detail: dict[str, Any] | None = None,
    ) -> Iterator[Any]:
        """Lock the row, ask, check, yield it for the move's own fields, then save and record.

        Of many racing callers one wins. Raises PermissionDenied, StaleVersion when `version`
        is not the row's, MoveRefused with the reason, Invalid when a required note is missing.
        """
        move = self.moves[name]
        require_is_acting(by)
        with transaction.atomic():
            row = locked(record)
            if not move.is_for(by, row):
                said = f"Your role does not let you “{move.title.lower()}” here."
                raise NotAllowed(said, anchor=row.anchor, asked=name, subject=row)
            if version is not None and version != row.version:
                raise StaleVersion("Somebody changed this since you opened it; look again first.")
            if reason := move.refusal(row):
                raise MoveRefused(reason)
            if move.note == "required" and not note.strip():
                raise Invalid("Say why: a reason is needed.", code="note_required", field="note")
            before, row.status = row.status, move.target or row.status
            yield row
            row.version += 1
            row.save()
            _tell(move, row, before, by, note, detail)
        record.__dict__.update(row.__dict__)  # only now: a failed move leaves the caller's alone

    def along(self, name: str, row: Any, *, by: User | System) -> None:
        """Make a hidden move that comes along with another act, where its status is a source.

        The caller holds the row locked and has asked whether `by` may do the act (no query to
        ask again). Status and version are saved, and nothing else of the row.
        """
        move = self.moves[name]
        require_is_acting(by)
        if not move.starts_from(row):
            return
        before, row.status = row.status, move.target or row.status
        row.version += 1
        row.save(update_fields=["status", "version"])
        _tell(move, row, before, by)


def _tell(
    move: Move,
    row: Any,
    before: str,
    by: User | System,
    note: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """The trail entry of a move, and what follows it."""
    trail.record(
        move.name, row, by=by, engagement_id=row.engagement_id, before=before,
        after=row.status, note=note.strip(), detail=detail, zone=move.zone,
    )  # fmt: skip
    outbox.enqueue_followers(row, move.name, row.engagement_id)


@contextmanager
def changing(
    verb: str,
    record: Any,
    *,
    by: User | System,
    version: int | None = None,
    note: str = "",
    zone: str | None = None,
    detail: dict[str, Any] | None = None,
) -> Iterator[Any]:
    """Change a record's fields without moving it: lock, check the version, save, record.

    The caller has asked the permission. Raises StaleVersion.
    """
    require_is_acting(by)
    with transaction.atomic():
        row = locked(record)
        if version is not None and version != row.version:
            raise StaleVersion("Somebody changed this since you opened it; look again first.")
        yield row
        row.version += 1
        row.save()
        trail.record(
            verb, row, by=by, engagement_id=row.engagement_id, note=note, detail=detail, zone=zone
        )
        outbox.enqueue_followers(row, verb, row.engagement_id)
    record.__dict__.update(row.__dict__)


def locked(record: Any) -> Any:
    """The record's row, read afresh and locked until the transaction ends. Raises NotVisible.

    With its engagement, where the row names one (1 query).
    """
    model: type[Model] = type(record)
    with_engagement = record.parent == "engagement_id"
    with planned() as cursor:
        cursor.execute(_lock(model, with_engagement), [record.pk])
        found = cursor.fetchone()
    if found is None:
        raise NotVisible("There is no such record, or it is not shown to you.")
    values = iter(found)
    row = instance(model, values)
    if with_engagement:
        row.engagement = instance(Engagement, values)
    return row


@cache
def _lock(model: type[Model], with_engagement: bool) -> str:
    wanted, tables = columns(model, "r"), f"{model._meta.db_table} r"
    if with_engagement:
        wanted += f", {columns(Engagement, 'e')}"
        tables += f" JOIN {Engagement._meta.db_table} e ON e.id = r.engagement_id"
    return f"SELECT {wanted} FROM {tables} WHERE r.id = %s FOR UPDATE OF r"
