"""Whether the broker is run as it must be: asked of the broker itself (OPS-2)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from socket import getaddrinfo
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import redis

DANGEROUS = (
    ("FLUSHALL",), ("FLUSHDB",), ("CONFIG", "GET", "maxmemory"), ("KEYS", "*"),
    ("SHUTDOWN", "NOSAVE"), ("REPLICAOF", "NO", "ONE"),
)  # fmt: skip
"""Calls that must be refused. They are queued and thrown away, never carried out."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked; `cure` says what to set where it does not hold."""

    what: str
    holds: bool
    cure: str


def probe(broker_url: str, cache_url: str) -> Iterator[Finding]:
    """Ask everything. Raises redis.RedisError when the broker does not answer."""
    with _client(broker_url) as client:
        client.ping()
        yield Finding(
            "asks for a password", not _open_to_anyone(broker_url), "set requirepass, or ACL users"
        )
        yield Finding(
            "is on a private address", _is_private(broker_url), "bind it to a private address"
        )
        kept = client.info("persistence").get("aof_enabled") == 1
        yield Finding("keeps an append-only file", kept, "appendonly yes")
        policy = client.info("memory").get("maxmemory_policy")
        yield Finding("evicts nothing", policy == "noeviction", "maxmemory-policy noeviction")
        allowed = [call[0] for call in DANGEROUS if _is_allowed(client, call)]
        yield Finding(
            "refuses dangerous commands", not allowed,
            f"take away {', '.join(allowed)}, by rename-command or ACL",
        )  # fmt: skip
    apart = _server_of(broker_url) != _server_of(cache_url)
    yield Finding("is apart from the cache", apart, "name another server in CACHE_URL")


@contextmanager
def _client(url: str) -> Iterator[Any]:
    client = redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    try:
        yield client.client()  # one connection, so that what is queued can be thrown away
    finally:
        client.close()


def _open_to_anyone(url: str) -> bool:
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    with suppress(redis.AuthenticationError), _client(bare) as client:
        return bool(client.ping())
    return False


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname
    if not host:
        return True
    found = {str(each[4][0]).partition("%")[0] for each in getaddrinfo(host, None)}
    return not any(ip_address(each).is_global for each in found)


def _is_allowed(client: Any, call: tuple[str, ...]) -> bool:
    client.execute_command("MULTI")
    try:
        client.execute_command(*call)
    except redis.ResponseError:
        return False
    finally:
        with suppress(redis.ResponseError):
            client.execute_command("DISCARD")
    return True


def _server_of(url: str) -> tuple[Any, ...]:
    parts = urlsplit(url)
    return (parts.hostname, parts.port, "" if parts.hostname else parts.path)
