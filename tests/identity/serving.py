"""What both providers share: a small HTTP server with a login form, as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from tests.stories.stack import ROOT, free_port

PEOPLE: dict[str, dict[str, str]] = {
    "ada": {"sub": "s-ada-001", "email": "ada@people.example", "name": "Ada Lindqvist"},
    "bo": {"sub": "s-bo-002", "email": "bo@people.example", "name": "Bo Okafor"},
}


class Provider(BaseHTTPRequestHandler):
    """Routes by path; `twist` is the next answer's fault, `people` who may sign in."""

    state: dict[str, Any] = {"twist": "", "people": PEOPLE}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            return self.send("", "image/x-icon")
        return self.answer("GET", dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if urlsplit(self.path).path == "/control":
            self.state.update(json.loads(body))
            return self.send("{}", "application/json")
        return self.answer("POST", dict(parse_qsl(body)))

    def answer(self, method: str, values: dict[str, str]) -> None:
        raise NotImplementedError

    def login_form(self, values: dict[str, str]) -> None:
        """Asks who it is; what came along goes on."""
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in values.items()
        )
        self.send(
            f"<!doctype html><title>Login</title><form method=post>{hidden}<label>User name "
            "<input name=username></label><button>Log in</button></form>"
        )

    def send(self, text: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing: the tests look at answers."""


def serve(handler: type[Provider]) -> None:
    """Serve on the port given on the command line until the process is ended."""
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()


class Running:
    """A provider's process, seen from a test."""

    def __init__(self, port: int, kind: str) -> None:
        self.kind = kind
        self.address = f"http://127.0.0.1:{port}"
        self.elsewhere = f"http://localhost:{port}"  # another site than 127.0.0.1 to a browser

    def control(self, **state: Any) -> None:
        """Set the next answer's fault, or who may sign in."""
        request = Request(f"{self.address}/control", json.dumps(state).encode(), method="POST")
        with urlopen(request, timeout=5) as answer:
            answer.read()

    def read(self, path: str) -> bytes:
        """What lies at a path."""
        with urlopen(self.address + path, timeout=5) as answer:
            return bytes(answer.read())


@contextmanager
def running(module: str) -> Iterator[Running]:
    """The provider of `tests.identity.<module>`, up inside the block."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", f"tests.identity.{module}", str(port)],
                               cwd=ROOT)  # fmt: skip
    try:
        found = Running(port, module)
        end = time.monotonic() + 30
        while True:
            try:
                found.control(twist="", people=PEOPLE)
                break
            except (URLError, OSError):
                assert time.monotonic() < end, "the provider does not come up"
                assert process.poll() is None, "the provider has ended"
                time.sleep(0.05)
        yield found
    finally:
        process.kill()
        process.wait()
