"""What signing in leaves behind: sessions, counts of failed tries, an address on its way.

Sessions and counts are read before anyone is known, so without a wall: keys are hashes, contents
are sealed, and who reads the tables learns neither a session that works nor an address that was
tried.
"""

from __future__ import annotations

from django.db import models

from tenants.models.people import User
from tenants.visibility import new_key
from tenants.walls import RowWall, is_the


class Session(models.Model):
    """One browser that may come back: signed in as `person`, or on the way there.

    The cookie holds the key, the row its SHA-256. `data` is sealed. The session is over an hour
    after `last_seen_at` (kept to the minute) and twelve hours after `started_at` (AUT-5).
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    key_hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    data = models.TextField()
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(db_index=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)
    renew = models.BooleanField(default=False)
    """The person's rights changed: the next request gets a new key."""

    class Meta:
        ordering = ("-last_seen_at",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.device or 'A browser'} of {self.person_id}"


class FailedTries(models.Model):
    """How often signing in failed lately, for one account, address or network (AUT-4).

    `key_hash` is a keyed hash, so the table tells nobody's address. `level` counts failures and
    leaks away with time (`rules/failed_tries.py`); it is as of `failed_at`.
    """

    key_hash = models.CharField(max_length=64, primary_key=True)
    level = models.FloatField(default=0)
    failed_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-failed_at",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.level:.1f} at {self.failed_at:%Y-%m-%d %H:%M}"


class AddressChange(models.Model):
    """A person's wish to sign in with another address, until its link is opened (AUT-6).

    Only the hash of the link's secret is kept; one wish at a time.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    person = models.OneToOneField(User, models.CASCADE, related_name="address_change")
    email = models.EmailField()
    secret_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("expires_at",)
        default_permissions = ()
        constraints = (RowWall(sees=is_the("person_id", "person")),)

    def __str__(self) -> str:
        return self.email
