"""Sessions kept by the server: hashed keys, sealed contents, and two ends (AUT-5).

Django's session engine (`SESSION_ENGINE`) over our own table. A row that is gone, idle for an
hour or twelve hours old opens nothing, whatever the cookie says.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tenants.models import Session, User
from tenants.sealing import SealBroken, seal, unseal
from tenants.secrets import hash_of

SEEN_EVERY = timedelta(minutes=1)
"""How often at most a request writes down that the session was seen."""
ABOUT = "about"
"""Session key: when and from where its person signed in (`describe`)."""
PURPOSE = "session"


class SessionStore(SessionBase):
    """One browser's session. `row` is its row as it was loaded, None before that."""

    row: Session | None = None

    def describe(self, *, address: str | None, device: str) -> None:
        """Say that somebody signed in just now, and from where."""
        self[ABOUT] = {"at": timezone.now().timestamp(), "address": address, "device": device}

    def current(self) -> Session | None:
        """The row this browser has now; None when it has none yet."""
        key = self.session_key
        return Session.objects.filter(key_hash=hash_of(key)).first() if key else None

    def load(self) -> dict[str, Any]:
        """The contents; an empty session for a key that opens nothing (any more)."""
        row = Session.objects.filter(key_hash=hash_of(self.session_key or "")).first()
        now = timezone.now()
        if row is not None and _is_over(row, now):
            row.delete()
            row = None
        if row is None:
            self._session_key = None
            return {}
        self.row = row
        if now - row.last_seen_at >= SEEN_EVERY:
            Session.objects.filter(pk=row.pk).update(last_seen_at=now)
        return self.decode(row.data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=hash_of(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write the row. Raises UpdateError when it was ended meanwhile: it stays ended."""
        if self.session_key is None:
            return self.create()
        contents = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        values = {"data": self.encode(contents), **_columns(contents)}
        if not must_create:
            rows = Session.objects.filter(key_hash=hash_of(self.session_key))
            if not rows.update(**values):
                raise UpdateError
            return None
        try:
            with transaction.atomic():
                Session.objects.create(
                    key_hash=hash_of(self.session_key),
                    last_seen_at=timezone.now(),
                    **{"started_at": timezone.now(), **values},
                )
        except IntegrityError as taken:
            raise CreateError from taken
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(key_hash=hash_of(key)).delete()

    def encode(self, session_dict: dict[str, Any]) -> str:
        return seal(json.dumps(session_dict), PURPOSE)

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads(unseal(str(session_data), PURPOSE))
        except SealBroken:
            return {}
        return found

    @classmethod
    def clear_expired(cls, person: User | None = None) -> None:
        """Delete the sessions that are over: everybody's, or one person's."""
        rows = Session.objects.filter(person=person) if person else Session.objects.all()
        now = timezone.now()
        idle = now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
        rows.filter(Q(last_seen_at__lte=idle) | Q(started_at__lte=now - _longest())).delete()


def _is_over(row: Session, now: datetime) -> bool:
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    return now - row.last_seen_at >= idle or now - row.started_at >= _longest()


def _longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _columns(contents: dict[str, Any]) -> dict[str, Any]:
    """What of the contents stands in columns of its own, to be listed and ended by."""
    columns: dict[str, Any] = {"person_id": contents.get(SESSION_KEY)}
    if about := contents.get(ABOUT):
        columns |= {
            "started_at": datetime.fromtimestamp(about["at"], UTC),
            "address": about["address"],
            "device": about["device"],
        }
    return columns
