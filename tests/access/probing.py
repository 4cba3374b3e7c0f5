"""Callers, probes and what is compared of two answers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests.access.routes import Route
from tests.programs import Program, program_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
UUID_TEXT = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
ONE_TIME = re.compile(
    r"(csrfmiddlewaretoken\" value=\"|X-CSRFToken[^A-Za-z0-9]+|nonce[=-]\"?|datetime=\""
    r"|challenge&quot;: &quot;|svg\+xml;base64,|SAMLRequest=|RelayState=)[\w+/=:.%-]+"
    r"|(?<=<code class=\"tm-mono\">)[A-Z2-7 ]+"
)
AGO = re.compile(r"just now|\b\d+ (?:s|sec|min|h|hours?|minutes?|seconds?) ago")
LITERAL = re.compile(r'"s\d+_x\d+"|\(%s(?:, %s)*\)')
ONCE_A_MINUTE = (
    'UPDATE "tenants_apitoken" SET "last_used_at"', 'UPDATE "tenants_session" SET "last_seen_at"',
)  # fmt: skip
OF_THE_ANSWER = ("Content-Type", "ETag", "Location", "Content-Disposition", "WWW-Authenticate",
                 "Cache-Control", "Allow", "HX-Redirect", "HX-Refresh", "Retry-After")  # fmt: skip
FORM = {
    "note": "A reason", "reason": "A reason", "text": "Words", "version": "1", "title": "Title",
    "name": "Name", "email": "somebody@people.example", "role": "staff", "due_on": "2026-12-08",
    "kind": "document", "priority": "medium", "sensitivity": "normal", "covers_all_scope": "on",
    "status": "active", "categories": "security", "ref": "ZZ-1", "confirmed": "1",
    "permission": "submit_request", "move": "accept", "step": "suggested", "confirm": "on",
}  # fmt: skip
"""What a portal form may ask; a form ignores what it does not know."""


@dataclass(frozen=True)
class Answer:
    """What came back, as far as two answers are compared."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str
    queries: tuple[str, ...]

    def differs(self, other: Answer) -> str:
        """In what this answer differs from `other`; empty when in nothing."""
        if self.status != other.status:
            return f"status {self.status} and {other.status}"
        if self.headers != other.headers:
            return f"headers {set(self.headers) ^ set(other.headers)}"
        if self.body != other.body:
            return f"body {_first_difference(self.body, other.body)}"
        if self.queries != other.queries:
            return f"{len(self.queries)} and {len(other.queries)} queries, or other ones"
        return ""


def _first_difference(one: str, other: str) -> str:
    at = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    return f"…{one[max(0, at - 40) : at + 60]!r} and …{other[max(0, at - 40) : at + 60]!r}"


@dataclass
class Caller:
    """Somebody who asks, in the portal and by API; `who` is None for nobody."""

    name: str
    who: Any = None
    organization: Any = None
    sent: int = 0
    key: str = ""
    """The session's, to which the browser returns: another one it was given is undone."""
    browser: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    program: Program = field(default_factory=Program)

    @classmethod
    def known(cls, name: str, who: Any, organization: Any) -> Caller:
        """A signed-in person with a token."""
        made = cls(name, who, organization)
        made.browser.force_login(who, backend=BACKEND)
        made.program = program_of(who, organization)
        made.program.get("me/")
        made.browser.get("/")
        made.key = made.browser.cookies[settings.SESSION_COOKIE_NAME].value
        return made

    def ask(
        self, route: Route, method: str, values: dict[str, Any], body: Any = None, query: str = ""
    ) -> Any:
        """The answer of a route to the ids in `values`; `body` is what is sent."""
        self.sent += 1
        path = route.address(values) + query
        if not route.api:
            if self.key:
                self.browser.cookies[settings.SESSION_COOKIE_NAME] = self.key
            if method == "GET":
                return self.browser.get(path)
            here = {"organization": str(getattr(self.organization, "pk", ""))}
            return self.browser.post(path, {**here, **FORM, **(body or {})})
        headers = {"If_Match": '"1"'} if method in ("PATCH", "DELETE") else {}
        if method == "POST":
            headers["Idempotency_Key"] = str(uuid4())
        if route.name == "api:request-file-list":
            headers["Content_Type"] = "application/octet-stream"
            return self.program.send(method, path + "?name=x.bin", b"bytes", **headers)
        if isinstance(body, Multipart):
            headers["Content_Type"] = body.kind
            return self.program.send(method, path, body.content, **headers)
        return self.program.send(method, path, body, **headers)


@dataclass(frozen=True)
class Multipart:
    """A body that is a form with a file."""

    kind: str
    content: bytes


def noted(ask: Any, *args: Any, **more: Any) -> Answer:
    """The answer with the shapes of its queries; ids, tokens and literals are taken out."""
    shapes: list[str] = []

    def collect(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(ONCE_A_MINUTE):
            shapes.append(LITERAL.sub("?", str(sql)))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(collect):
        response = ask(*args, **more)
        body = text_of(response)
    headers = tuple((name, plain(response[name])) for name in OF_THE_ANSWER if name in response)
    return Answer(response.status_code, headers, plain(body), tuple(shapes))


def plain(text: str) -> str:
    """Text without ids, one-time values and how long ago something was."""
    return AGO.sub("some time ago", ONE_TIME.sub(r"\1-", UUID_TEXT.sub("ID", text)))


def text_of(response: Any) -> str:
    """All text of an answer, with its headers' names of files, and what its archives hold."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    head = " ".join(response.get(name, "") for name in ("Content-Disposition", "Location"))
    return f"{head}\n" + _readable(content)


def _readable(content: bytes) -> str:
    if not content.startswith(b"PK\x03\x04"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(f"{name}\n{_readable(archive.read(name))}" for name in archive.namelist())


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def problem_of(response: Any) -> str:
    """The code of a problem answer, for a message."""
    try:
        return str(orjson.loads(response.content).get("code", ""))
    except (ValueError, AttributeError):
        return ""
