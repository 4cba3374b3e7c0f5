"""Valkey from the wheel, once as broker and once as cache, on 127.0.0.1, behind a password."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from grc.embedded.folder import Secrets
from grc.embedded.places import Place
from grc.embedded.processes import (
    free_port,
    new_log,
    start_server,
    stop,
    stop_leftover,
    wait_until,
)

SECONDS_TO_START = 60
DANGEROUS = (
    "ACL", "CONFIG", "DEBUG", "FLUSHALL", "FLUSHDB", "KEYS", "MIGRATE", "MODULE", "MONITOR",
    "REPLICAOF", "SHUTDOWN", "SLAVEOF",
)  # fmt: skip
"""Commands nothing of ours needs, and that would empty, reconfigure or copy the broker (OPS-2)."""
CACHE_BYTES = 64 * 2**20


@contextmanager
def valkey(
    place: Place, secrets: Secrets, logs: Path, *, safe: bool = True
) -> Iterator[dict[str, str]]:
    """Run Valkey as the broker; yields REDIS_URL. Raises LaunchRefused when it does not start.

    Never evict: a broker that forgets a message to save memory does so in silence. Without `safe`
    (for tests, which empty it) the dangerous commands stay.
    """
    rules = ["appendonly yes", "maxmemory-policy noeviction"]
    rules += [f'rename-command {name} ""' for name in DANGEROUS] if safe else []
    with _running(place, secrets, logs, "valkey", rules) as url:
        yield {"REDIS_URL": url}


@contextmanager
def cache(place: Place, secrets: Secrets, logs: Path) -> Iterator[dict[str, str]]:
    """Run a second one as the cache, so that counters never crowd out work; yields CACHE_URL."""
    rules = [f"maxmemory {CACHE_BYTES}", "maxmemory-policy allkeys-lru", "appendonly no"]
    rules += [f'rename-command {name} ""' for name in DANGEROUS]
    with _running(place, secrets, logs, "cache", rules) as url:
        yield {"CACHE_URL": url}


@contextmanager
def _running(
    place: Place, secrets: Secrets, logs: Path, name: str, rules: list[str]
) -> Iterator[str]:
    folder = place.folder(name)
    stop_leftover(folder / "valkey.pid", "valkey-server", signal.SIGTERM)
    port = free_port()
    log_path = logs / f"{name}.log"
    with new_log(log_path) as log:
        server = start_server(
            [str(place.programs.valkey), "-"],
            account=place.account,
            log=log,
            on_death=signal.SIGTERM,
            told=_configuration(folder, port, secrets.valkey, rules),
        )
    try:
        url = f"redis://:{secrets.valkey}@127.0.0.1:{port}/0"
        wait_until(lambda: _answers(url), server, log_path, SECONDS_TO_START)
        yield url
    finally:
        stop(server, signal.SIGTERM)


def _configuration(folder: Path, port: int, password: str, rules: list[str]) -> str:
    """Valkey's configuration. Handed over on standard input: the password is in no file of it."""
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(
        [
            f'bind 127.0.0.1\nport {port}\ndir "{quoted}"\npidfile "{quoted}/valkey.pid"',
            f'requirepass {password}\nsave ""',
            *rules,
            "",
        ]
    )


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
