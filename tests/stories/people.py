"""People and programs of a story, who know the platform by HTTP alone."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import uuid4

from tests.stories.stack import Stack

PASSWORD = "a long enough passphrase"


class Fields(HTMLParser):
    """The hidden fields of a page's forms, by name, and the texts of elements with an id."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.hidden.setdefault(str(given["name"]), given.get("value") or "")


class Visitor:
    """A browser without scripts: cookies, forms and links."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> tuple[int, str]:
        """A page: status and text."""
        return self._open(Request(self.stack.address + path))

    def post(self, path: str, **fields: Any) -> tuple[int, str]:
        """Fill in the form of a page and send it."""
        _, page = self.get(path)
        hidden = Fields(page).hidden
        assert "csrfmiddlewaretoken" in hidden, f"no form on {path}: {page[:500]}"
        data = urlencode({**hidden, **fields}, doseq=True).encode()
        request = Request(self.stack.address + path, data=data)
        request.add_header("Referer", self.stack.address + path)
        return self._open(request)

    def _open(self, request: Request) -> tuple[int, str]:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode(errors="replace")


class Program:
    """A program with a token on the REST API."""

    def __init__(self, stack: Stack, token: str) -> None:
        self.stack, self.token = stack, token

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> tuple[int, Any]:
        """(status, JSON) of one call; every POST carries an idempotency key."""
        status, raw, _ = self.raw(method, path, body, key=key, **headers)
        return status, json.loads(raw) if raw else None

    def raw(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """(status, bytes, headers) of one call; a `bytes` body is sent as it is."""
        data = (
            body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        )
        url = path if path.startswith("http") else f"{self.stack.address}/api/v1/{path}"
        request = Request(url, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if data is not None and not isinstance(body, bytes):
            request.add_header("Content-Type", "application/json")
        if method == "POST":
            request.add_header("Idempotency-Key", key or str(uuid4()))
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with build_opener().open(request, timeout=120) as answer:
                return answer.status, answer.read(), dict(answer.headers)
        except HTTPError as error:
            return error.code, error.read(), dict(error.headers)

    def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a call that must succeed."""
        status, found = self.call(method, path, body, **headers)
        assert 200 <= status < 300, (method, path, status, found)
        return found

    def all(self, path: str) -> list[Any]:
        """Every row of a list, page by page."""
        rows: list[Any] = []
        following: str | None = path
        while following:
            page = self.ok("GET", following)
            rows += page["results"]
            following = page.get("next")
        return rows

    def send_file(self, path: str, fields: dict[str, str], name: str, content: bytes) -> Any:
        """Post a form with one file."""
        boundary = uuid4().hex
        parts = [
            f"--{boundary}\r\nContent-Disposition: form-data; "
            f'name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n".encode()
        )
        body = b"".join(parts) + content + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        status, raw, _ = self.raw("POST", path, body, Content_Type=kind)
        assert 200 <= status < 300, (path, status, raw[:500])
        return json.loads(raw)


def joins(stack: Stack, address: str, name: str) -> Visitor:
    """A person opens the link of their invitation and chooses a password."""
    visitor = Visitor(stack)
    status, page = visitor.post(stack.mailbox.link(address), name=name, password=PASSWORD)
    assert status == 200, page[:800]
    assert "Welcome" in page, page[:800]
    return visitor


def signs_in(stack: Stack, address: str) -> Visitor:
    """A person with an account signs in."""
    visitor = Visitor(stack)
    status, page = visitor.post("/accounts/login/", login=address, password=PASSWORD)
    assert status == 200, page[:800]
    return visitor


def program_of(visitor: Visitor) -> Program:
    """A program that acts as the person: its token is made on their settings page."""
    _, page = visitor.post("/settings/tokens/new/", name="Story", days="30")
    found = re.search(r"tmk_\w{20,}", page)
    assert found, page[:800]
    return Program(visitor.stack, found.group())
