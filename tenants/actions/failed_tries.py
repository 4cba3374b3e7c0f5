"""Counting failed sign-ins, in rows that outlive a lost Redis (AUT-4).

A try asks `refuse_too_soon` first, and `fail` writes what went wrong. A passkey asks nobody: it
cannot be guessed, so its person enters while others are made to wait.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenants.errors import Refused
from tenants.models import FailedTries
from tenants.rules.failed_tries import ACCOUNT, ADDRESS, NETWORK, Limit

_HOLD = """INSERT INTO tenants_failedtries (key_hash, level, failed_at) VALUES (%s, 0, %s)
ON CONFLICT (key_hash) DO UPDATE SET key_hash = excluded.key_hash RETURNING level, failed_at"""
_COUNT = """INSERT INTO tenants_failedtries AS tries (key_hash, level, failed_at)
VALUES (%(key)s, 1, %(now)s)
ON CONFLICT (key_hash) DO UPDATE SET failed_at = excluded.failed_at, level = 1 + greatest(0,
  tries.level - extract(epoch FROM excluded.failed_at - tries.failed_at) * %(leak)s)"""

Counted = tuple[str, Limit]


def refuse_too_soon(email: str, address: str | None) -> None:
    """Refuse a try that comes before its time, for an account that exists or not (AUT-3).

    Holds the account's row until the transaction ends, so that tries in parallel wait for each
    other and none slips past the count. Raises Refused, which says how long to wait.
    """
    counted = counts_for(email, address)
    _refuse(_waits(counted))
    account, limit = counted[0]
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [account, timezone.now()])
        level, failed_at = cursor.fetchone()
    _refuse([limit.wait(level, (timezone.now() - failed_at).total_seconds())])


def fail(email: str, address: str | None) -> None:
    """Count one failure for the account, the address and its network; the order is always the
    same, so that two failures never wait for each other."""
    now = timezone.now()
    with connection.cursor() as cursor:
        for key, limit in counts_for(email, address):
            cursor.execute(_COUNT, {"key": key, "now": now, "leak": limit.leak})


def forget_old() -> None:
    """Delete counts that have leaked away."""
    FailedTries.objects.filter(failed_at__lt=timezone.now() - timedelta(days=1)).delete()


def counts_for(email: str, address: str | None) -> list[Counted]:
    """What a try counts for, the account first: (key, limit) of each."""
    found: list[Counted] = [(_key("account", email.strip().lower()), ACCOUNT)]
    if address:
        found.append((_key("address", address), ADDRESS))
        found.append((_key("network", _network_of(address)), NETWORK))
    return found


def _network_of(address: str) -> str:
    """The /24 or, for IPv6, the /48 that one site usually has."""
    length = 24 if ip_address(address).version == 4 else 48
    return str(ip_network(f"{address}/{length}", strict=False))


def _key(kind: str, value: str) -> str:
    return salted_hmac(f"failed-tries:{kind}", value, algorithm="sha256").hexdigest()


def _waits(counted: list[Counted]) -> list[float]:
    limits = dict(counted)
    now = timezone.now()
    rows = FailedTries.objects.filter(key_hash__in=limits)
    return [
        limits[row.key_hash].wait(row.level, (now - row.failed_at).total_seconds()) for row in rows
    ]


def _refuse(waits: list[float]) -> None:
    seconds = max(waits, default=0.0)
    if seconds > 0:
        raise Refused(
            f"Too many tries failed. Wait {int(seconds) + 1} seconds and try again, "
            "or sign in with a passkey.",
            code="too_many_tries",
        )
