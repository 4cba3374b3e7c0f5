"""Valkey from the wheel: broker and cache, on a port of 127.0.0.1, behind a password."""

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


@contextmanager
def valkey(place: Place, secrets: Secrets, logs: Path) -> Iterator[dict[str, str]]:
    """Run Valkey; yields REDIS_URL. Raises LaunchRefused when it does not start."""
    folder = place.folder("valkey")
    stop_leftover(folder / "valkey.pid", "valkey-server", signal.SIGTERM)
    port = free_port()
    log_path = logs / "valkey.log"
    with new_log(log_path) as log:
        server = start_server(
            [str(place.programs.valkey), "-"],
            account=place.account,
            log=log,
            on_death=signal.SIGTERM,
            told=_configuration(folder, port, secrets.valkey),
        )
    try:
        url = f"redis://:{secrets.valkey}@127.0.0.1:{port}/0"
        wait_until(lambda: _answers(url), server, log_path, SECONDS_TO_START)
        yield {"REDIS_URL": url}
    finally:
        stop(server, signal.SIGTERM)


def _configuration(folder: Path, port: int, password: str) -> str:
    """Valkey's configuration. Handed over on standard input: the password is in no file of it.

    Never evict: a broker that forgets a message to save memory does so in silence.
    """
    quoted = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'bind 127.0.0.1\nport {port}\ndir "{quoted}"\npidfile "{quoted}/valkey.pid"\n'
        f'requirepass {password}\nappendonly yes\nsave ""\nmaxmemory-policy noeviction\n'
    )


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
