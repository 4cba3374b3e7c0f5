"""PostgreSQL, Valkey, web, worker, beat and sequencer of our own, each to be killed and revived."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg
import redis

from grc.embedded import postgres as embedded_postgres
from grc.embedded import valkey as embedded_valkey
from grc.embedded.folder import secrets_of
from grc.embedded.places import Place, place_for
from grc.embedded.processes import clean_environment, free_port
from tenants.database_roles import DATABASE, OWNER_ROLE, WEB_ROLE

SECONDS = 60.0
STOPPED_SECONDS = 1.0


class Server:
    """A server program that keeps its port and its folder over its deaths."""

    def __init__(self, place: Place, command: list[str], log: Path, told: str = "") -> None:
        self._place, self._command, self._told = place, command, told
        self._log: IO[bytes] = log.open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """In a session of its own. It does not die with us: threads that end start it too."""
        account = self._place.account
        self.process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT,
            cwd="/", env=clean_environment(), start_new_session=True,
            **(account.switch() if account else {}),
        )  # fmt: skip
        assert self.process.stdin is not None
        with suppress(BrokenPipeError), self.process.stdin:
            self.process.stdin.write(self._told.encode())

    def end(self, signum: signal.Signals) -> None:
        """Send a signal that ends it, to it and to its children, and wait until all are gone."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            if signum == signal.SIGKILL:
                os.killpg(self.process.pid, signum)
            else:
                self.process.send_signal(signum)
        self.process.wait(SECONDS)


class Servers:
    """Both servers of one data folder, in the state a crash leaves them, again and again."""

    def __init__(self, folder: Path) -> None:
        self.secrets = secrets_of(folder)
        self.place = place_for(folder, self.secrets.mark)
        self._logs = folder / "logs"
        with embedded_postgres.postgres(self.place, self.secrets, self._logs, safe=True):
            """The cluster and its roles are made."""
        self.postgres_port, self.valkey_port = free_port(), free_port()
        self.postgres = Server(self.place, self._postgres_command(), self._logs / "postgres.log")
        self.valkey = Server(
            self.place, [str(self.place.programs.valkey), "-"], self._logs / "valkey.log",
            embedded_valkey._configuration(
                self.place.folder("valkey"), self.valkey_port, self.secrets.valkey,
                ["appendonly yes", "maxmemory-policy noeviction"],  # and FLUSHALL stays
            ),
        )  # fmt: skip
        self.redis_url = f"redis://:{self.secrets.valkey}@127.0.0.1:{self.valkey_port}/0"

    def _postgres_command(self) -> list[str]:
        settings = {**embedded_postgres.SETTINGS, "port": str(self.postgres_port)}
        command = [str(self.place.programs.postgres / "postgres")]
        command += ["-D", str(self.place.home / "postgres")]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.postgres_port}/{database}"

    def environment(self) -> dict[str, str]:
        """What tells our processes of them."""
        return {
            "DATABASE_URL": self.url(WEB_ROLE, self.secrets.web),
            "OWNER_DATABASE_URL": self.url(OWNER_ROLE, self.secrets.owner),
            "REDIS_URL": self.redis_url, "SECRET_KEY": self.secrets.secret_key,
        }  # fmt: skip

    def start(self) -> None:
        self.postgres.start()
        self.valkey.start()
        self.wait_for_postgres()
        self.wait_for_valkey()

    def stop(self) -> None:
        for server, signum in ((self.postgres, signal.SIGINT), (self.valkey, signal.SIGTERM)):
            if server.process is not None and server.process.poll() is None:
                server.end(signum)

    def crash_postgres(self) -> None:
        """Every process of it dies at once, as in a crash of the machine it runs on."""
        self.postgres.end(signal.SIGKILL)
        self._start_postgres()

    def restart_postgres_at_once(self) -> None:
        """An immediate shutdown: no checkpoint, sessions are cut; then recovery."""
        self.postgres.end(signal.SIGQUIT)
        self._start_postgres()

    def kill_a_session(self) -> bool:
        """One session's process is killed; PostgreSQL ends all others and recovers."""
        with suppress(psycopg.Error), self._admin() as admin:
            row = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s ORDER BY random() LIMIT 1",
                [WEB_ROLE],
            ).fetchone()
            if row is not None:
                with suppress(ProcessLookupError):
                    os.kill(row[0], signal.SIGKILL)
                return True
        return False

    def _start_postgres(self) -> None:
        """Children of a killed postmaster may hold its memory a moment longer: try again."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self.postgres.start()
            if self.wait_for_postgres(end - time.monotonic()):
                return
        raise AssertionError("PostgreSQL does not come back")

    def wait_for_postgres(self, seconds: float = SECONDS) -> bool:
        """Whether it answers before it ends again."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(psycopg.Error):
                self._admin().close()
                return True
            assert self.postgres.process is not None
            if self.postgres.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        url = self.url(embedded_postgres.SUPERUSER, self.secrets.superuser, "postgres")
        return psycopg.connect(url, connect_timeout=2, autocommit=True)

    def kill_valkey(self) -> None:
        self.valkey.end(signal.SIGKILL)
        self.valkey.start()
        self.wait_for_valkey()

    def forget_all(self) -> None:
        """Everything in Valkey is lost."""
        with suppress(redis.RedisError):
            redis.Redis.from_url(self.redis_url, socket_timeout=2).flushall()

    def pause_valkey(self) -> None:
        """It neither answers nor dies for a moment."""
        assert self.valkey.process is not None
        with paused(self.valkey.process.pid):
            time.sleep(STOPPED_SECONDS)

    def wait_for_valkey(self) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with suppress(redis.RedisError):
                redis.Redis.from_url(self.redis_url, socket_timeout=2).ping()
                return
            time.sleep(0.05)
        raise AssertionError("Valkey does not come back")


@contextmanager
def paused(group: int) -> Iterator[None]:
    """A process group that stands still inside the block."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGCONT)
