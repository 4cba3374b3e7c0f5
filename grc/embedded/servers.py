"""The servers of one data folder, and the environment that tells our processes of them."""

import ipaddress
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from grc.embedded.errors import LaunchRefused
from grc.embedded.folder import Secrets, locked, secrets_of
from grc.embedded.places import ELSEWHERE, place_for
from grc.embedded.postgres import postgres
from grc.embedded.processes import MARK, stop_marked
from grc.embedded.valkey import cache, valkey

THROW_AWAY = "tickmark-"


@contextmanager
def servers(data: Path, *, safe: bool = True) -> Iterator[dict[str, str]]:
    """Run what `DATABASE_URL` and `REDIS_URL` do not name; yields our processes' environment.

    `safe` as in `postgres`. Raises LaunchRefused when a server does not start, when another copy
    holds the folder, or when the settings given do not fit together.
    """
    given = os.environ
    _check_pair(given)
    with ExitStack() as running:
        running.enter_context(locked(data))
        secrets = secrets_of(data)
        stop_marked(secrets.mark)
        (data / "static").mkdir(exist_ok=True)  # whitenoise warns when it is absent
        environment = {**given, **_settings(data, secrets, given)}
        environment |= _start(running, data, secrets, safe=safe)
        running.callback(stop_marked, secrets.mark)  # before the servers they speak to
        yield environment


def _start(running: ExitStack, data: Path, secrets: Secrets, *, safe: bool) -> dict[str, str]:
    """Start the servers that the environment does not name; their addresses."""
    urls: dict[str, str] = {}
    given, logs = os.environ, data / "logs"
    if given.get("DATABASE_URL") and given.get("REDIS_URL"):
        return urls
    place = place_for(data, secrets.mark)
    if not given.get("DATABASE_URL"):
        urls |= running.enter_context(postgres(place, secrets, logs, safe=safe))
    if not given.get("REDIS_URL"):
        urls |= running.enter_context(valkey(place, secrets, logs, safe=safe))
        if safe and not given.get("CACHE_URL"):
            urls |= running.enter_context(cache(place, secrets, logs))
    return urls


def _check_pair(given: Mapping[str, str]) -> None:
    if bool(given.get("DATABASE_URL")) != bool(given.get("OWNER_DATABASE_URL")):
        absent = "OWNER_DATABASE_URL" if given.get("DATABASE_URL") else "DATABASE_URL"
        raise LaunchRefused(
            f"{absent} is not set. With a PostgreSQL server of your own set both: DATABASE_URL "
            "for the role that works (tickmark_web), OWNER_DATABASE_URL for the role that owns "
            "the tables and migrates (tickmark_owner). `python -m grc.embedded roles` prints "
            "the SQL that makes them. Set neither, and PostgreSQL is started for you."
        )


def _settings(data: Path, secrets: Secrets, given: Mapping[str, str]) -> dict[str, str]:
    host, port = given.get("HOST") or "127.0.0.1", given.get("PORT") or "8000"
    if not (port.isdecimal() and 0 < int(port) < 2**16):
        raise LaunchRefused(f"PORT={port} is no port: give a number from 1 to 65535.")
    settings = {
        "DATA_DIR": str(data),
        "HOST": host,
        "PORT": port,
        "SECRET_KEY": given.get("SECRET_KEY") or secrets.secret_key,
        MARK: secrets.mark,
    }
    if given.get("SITE_ADDRESS"):
        if not (given.get("EVIDENCE_ADDRESS") or given.get("TICKMARK_LOCAL")):
            raise LaunchRefused(
                "EVIDENCE_ADDRESS is not set. Beside SITE_ADDRESS, name a second https address "
                "that leads to the same port, as in EVIDENCE_ADDRESS=https://evidence.example.com: "
                "uploaded files are given out from there alone (docs/operations.md)."
            )
        return settings
    if not is_loopback(host):
        raise LaunchRefused(
            f"HOST={host} would be reached from other machines, where passwords must not travel "
            "in the clear. Put a proxy that speaks https in front and name the address people "
            "see, as in SITE_ADDRESS=https://audit.example.com (docs/operations.md), or leave "
            "HOST at 127.0.0.1."
        )
    return {**settings, "TICKMARK_LOCAL": "1"}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def throw_away_folder() -> Iterator[Path]:
    """A data folder for one command, gone afterwards; those of killed commands go too."""
    for old in Path(tempfile.gettempdir()).glob(f"{THROW_AWAY}*/lock"):
        with suppress(OSError, LaunchRefused), locked(old.parent):
            _discard(old.parent)
    path = Path(tempfile.mkdtemp(prefix=THROW_AWAY))
    path.chmod(0o711)
    try:
        yield path
    finally:
        _discard(path)


def _discard(data: Path) -> None:
    if (data / "secrets.json").exists():
        shutil.rmtree(ELSEWHERE / secrets_of(data).mark, ignore_errors=True)
    shutil.rmtree(data)
