"""The whole platform as `make run` starts it: own database, web, worker, beat, SMTP sink."""

from __future__ import annotations

import email
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import default as policy
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import redis
from aiosmtpd.controller import Controller
from psycopg import errors

from tests import migrated
from tests.migrated import with_path

ROOT = Path(__file__).resolve().parents[2]
OWNER_URL = os.environ["OWNER_DATABASE_URL"]
WEB_URL = os.environ["DATABASE_URL"]
SECONDS = 90.0


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def forget_all(broker: redis.Redis) -> None:
    """Empty a broker that knows no FLUSHDB, as ours does not (OPS-2)."""
    if keys := list(broker.scan_iter(count=1000)):
        broker.delete(*keys)


class Mailbox:
    """A real SMTP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.port = free_port()
        self._server = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=policy)
        assert isinstance(message, EmailMessage)
        self.letters.append(message)
        return "250 Kept"

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop(no_assert=True)

    def to(self, address: str, word: str = "") -> list[EmailMessage]:
        """Letters to one address whose subject holds a word."""
        return [
            letter
            for letter in self.letters
            if address in str(letter["To"]) and word.lower() in str(letter["Subject"]).lower()
        ]

    def link(self, address: str) -> str:
        """The path of the newest link sent to an address."""
        letter = wait_for(lambda: self.to(address, "invites"), f"an invitation to {address}")[-1]
        found = re.findall(r"https?://[^/\s]+(/\S+)", letter.get_content())
        return str(found[0])


def wait_for(question: Callable[[], Any], what: str, seconds: float = SECONDS) -> Any:
    """Ask until the answer is true. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
        time.sleep(0.15)
    raise AssertionError(f"no {what} after {seconds:.0f} s")


class Stack:
    """Processes on one fresh database. `environment` is what each of them gets."""

    def __init__(self, folder: Path, *, redis_database: int, **settings: str) -> None:
        self.folder, self.mailbox = folder, Mailbox()
        self.database = f"story_{uuid4().hex[:10]}"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.redis = with_path(os.environ["REDIS_URL"], str(redis_database))
        self.people_at_start = -1
        """How many accounts a fresh installation has."""
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "DATABASE_URL": with_path(WEB_URL, self.database),
            "OWNER_DATABASE_URL": with_path(OWNER_URL, self.database),
            "REDIS_URL": self.redis,
            "DATA_DIR": str(folder),
            "EVIDENCE_DIR": str(folder / "evidence"),
            "HOST": "127.0.0.1", "PORT": str(self.port), "TICKMARK_LOCAL": "1",
            "SITE_ADDRESS": self.address,
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(self.mailbox.port), "SMTP_STARTTLS": "0",
            "SWEEP_SECONDS": "1", "LEASE_SECONDS": "3",
            "DIGEST_HOUR": "0", "DIGEST_GATHER_SECONDS": "3",
            "DATABASE_POOL": "1",
            **settings,
        }  # fmt: skip

    def start(self) -> None:
        """Database, tables, mail, web, worker and beat."""
        self.make_database()
        self.people_at_start = self.rows("SELECT count(*) FROM tenants_user")[0][0]
        self.mailbox.start()
        for name in ("web", "worker", "beat", "sequencer"):
            self.run(name)
        wait_for(self._answers, "answer of the web process")

    def run(self, name: str) -> subprocess.Popen[bytes]:
        """Start one process, in a process group of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *self._command(name)], cwd=ROOT, env=self.environment,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        return self.processes[name]

    def kill(self, name: str) -> None:
        """`kill -9` of a process with its children."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything and drop the database."""
        for name in list(self.processes):
            self.kill(name)
        self.mailbox.stop()
        self.drop_database()

    def make_database(self) -> None:
        """A fresh database with all tables."""
        migrated.create(self.database)
        self.manage("migrate", "--verbosity", "0", owner=True)

    def drop_database(self) -> None:
        """Nothing stays. The owner may not end the web role's sessions, only wait for their end."""
        wait_for(self._dropped, "end of the sessions in the database")

    def _dropped(self) -> bool:
        with psycopg.connect(OWNER_URL, autocommit=True) as owner, suppress(errors.ObjectInUse):
            owner.execute(f'DROP DATABASE IF EXISTS "{self.database}"')
            return True
        return False

    def manage(self, *arguments: str, owner: bool = False, text: str = "") -> str:
        """Run `manage.py`; returns what it printed."""
        environment = dict(self.environment)
        if owner:
            environment["DATABASE_URL"] = environment["OWNER_DATABASE_URL"]
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, input=text,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the owner of the tables sees: the truth outside the application."""
        with psycopg.connect(self.environment["OWNER_DATABASE_URL"]) as owner:
            return owner.execute(query, values).fetchall()

    def _command(self, name: str) -> list[str]:
        if name == "web":
            bind = f"127.0.0.1:{self.port}"
            return ["gunicorn", "grc.wsgi:application", "--bind", bind, "--worker-class", "gthread",
                    "--threads", "8", "--workers", "1", "--timeout", "60"]  # fmt: skip
        if name == "worker":
            return ["celery", "-A", "grc", "worker", "--pool", "prefork", "--concurrency", "2",
                    "--loglevel", "WARNING"]  # fmt: skip
        if name == "sequencer":
            return ["manage", "sequence_trail"]
        return ["celery", "-A", "grc", "beat", "--loglevel", "WARNING",
                "--schedule", str(self.folder / "beat")]  # fmt: skip

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def running(folder: Path, *, redis_database: int, **settings: str) -> Iterator[Stack]:
    """A stack that is up inside the block and gone after it; its logs are shown on failure."""
    stack = Stack(folder, redis_database=redis_database, **settings)
    try:
        stack.start()
        yield stack
    except BaseException:
        for log in sorted(folder.glob("*.log")):
            sys.stderr.write(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}")
        raise
    finally:
        stack.stop()
