"""Where it is measured: a database of its own, and the web process behind gunicorn."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import redis

from tests.stories.stack import Stack, forget_all, wait_for

REDIS_DATABASE = 13
SETTINGS = {
    "LEASE_SECONDS": "30", "SWEEP_SECONDS": "30", "DIGEST_HOUR": "8", "LOG_LEVEL": "WARNING",
    "API_RATE_TOKEN": "1000000", "API_RATE_PERSON": "1000000", "API_RATE_ORGANIZATION": "1000000",
}  # fmt: skip


class Place(Stack):
    """One web process of 8 threads, as `make run` starts it, with the raw endpoints beside it."""

    owner: psycopg.Connection[Any]

    def start(self) -> None:
        """Database and tables; the web process is started by the first who asks for it."""
        self.make_database()
        (self.folder / "static").mkdir()  # whitenoise warns when it is absent
        self.owner = psycopg.connect(self.environment["OWNER_DATABASE_URL"], autocommit=True)
        forget_all(redis.Redis.from_url(self.redis))

    def stop(self) -> None:
        """End everything; nothing stays."""
        for name in list(self.processes):
            self.kill(name)
        self.owner.close()
        forget_all(redis.Redis.from_url(self.redis))
        self.drop_database()

    def web(self) -> int:
        """The worker process of gunicorn, started when it is not up: its process id."""
        if "web" not in self.processes:
            web = self.run("web")
            wait_for(lambda: web.poll() is not None or self._answers(), "answer of the web process")
            assert web.poll() is None, "the web process ended"
        master = self.processes["web"].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return int(children[0])

    @contextmanager
    def evidence_in_memory(self, size_bytes: int) -> Iterator[Path]:
        """Let evidence lie where no disk is waited for, if there is room: a folder for the floor.

        A disk slower than our work would hide what our work costs; both sides lie there.
        """
        memory = Path("/dev/shm")
        roomy = memory.is_dir() and shutil.disk_usage(memory).free > size_bytes
        on_disk = self.environment["EVIDENCE_DIR"]
        with tempfile.TemporaryDirectory(
            prefix="tickmark-bench-", dir=memory if roomy else self.folder
        ) as folder:
            self._keep_evidence_in(f"{folder}/evidence")
            try:
                yield Path(folder)
            finally:
                self._keep_evidence_in(on_disk)

    def _keep_evidence_in(self, folder: str) -> None:
        if "web" in self.processes:
            self.kill("web")
        self.environment["EVIDENCE_DIR"] = folder

    def token(self, person: UUID, organization: UUID) -> str:
        """A new token of a person, made as `tenants.actions.tokens` keeps it."""
        from tenants.secrets import TOKEN_PREFIX, new_secret

        secret = new_secret(TOKEN_PREFIX)
        self.owner.execute(
            "INSERT INTO tenants_apitoken (id, name, hint, secret_hash, scopes, expires_at, "
            "person_id, organization_id, last_used_at) "
            "VALUES (%s, 'Bench', %s, %s, '[]', now() + interval '1 day', %s, %s, now())",
            [uuid4(), secret.hint, secret.hash, person, organization],
        )
        return secret.text

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        return [
            each.replace("grc.wsgi:application", "tests.bench.wsgi:application") for each in command
        ]


class Caller:
    """One connection that stays open, as a program keeps it."""

    def __init__(self, place: Place, token: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=600)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[bytes, http.client.HTTPResponse]:
        """The answer's bytes, and the answer. Raises AssertionError for any but 2xx."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            answer, content = self._asked(method, path, body, given)
        except (ConnectionError, http.client.RemoteDisconnected):  # it was idle for too long
            self.connection.close()
            answer, content = self._asked(method, path, body, given)
        assert 200 <= answer.status < 300, (method, path, answer.status, content[:800])
        return content, answer

    def _asked(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(method, path, body=body, headers={**self.headers, **headers})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def json(self, path: str) -> Any:
        """What a page says."""
        return json.loads(self.ask("GET", path)[0])


def noise(size_bytes: int) -> bytes:
    """Bytes that no disk or wire can make smaller."""
    block = secrets.token_bytes(min(size_bytes, 2**20)) or b""
    return (block * (size_bytes // len(block) + 1))[:size_bytes]


def sha256(content: bytes) -> str:
    """In hex."""
    return hashlib.sha256(content).hexdigest()


def leave_database() -> None:
    """Let go of this process's sessions, those kept for later included."""
    from django.db import connection

    connection.close()
    connection.close_pool()


@contextmanager
def measuring() -> Iterator[Place]:
    """A place that is gone afterwards; this process's Django speaks to its database."""
    with tempfile.TemporaryDirectory(prefix="tickmark-bench-") as folder:
        place = Place(Path(folder), redis_database=REDIS_DATABASE, **SETTINGS)
        try:
            place.start()
            os.environ.update(place.environment)
            os.environ["DJANGO_SETTINGS_MODULE"] = "grc.settings"
            import django

            django.setup()
            yield place
        except BaseException:
            for log in place.folder.glob("*.log"):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
            raise
        finally:
            leave_database()
            place.stop()
