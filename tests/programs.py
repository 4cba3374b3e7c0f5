"""Programs that speak to the API with real tokens, through the whole middleware."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.test import Client

from tenants.actions import tokens
from tests.conftest import as_

ROOT = "/api/v1/"


class Program:
    """A client with a token. Paths are below /api/v1/; POSTs carry a fresh key unless given."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=False)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send `body` as JSON (bytes as they are); headers by name with underscores."""
        sent = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = sent.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        path = path if path.startswith(("/", "http")) else ROOT + path
        return self.client.generic(method, path, data, kind, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Create, trigger or move, with a fresh Idempotency-Key."""
        headers.setdefault("Idempotency_Key", str(uuid4()))
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        """Change; give `If_Match`."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        """Take away; give `If_Match`."""
        return self.send("DELETE", path, **headers)


def program_of(person: Any, organization: Any, **options: Any) -> Program:
    """A program that acts as `person` in `organization`; `scopes=`, `days=` are the token's."""
    with transaction.atomic(), as_(person, organization):
        _, secret = tokens.create(organization, name="Tests", by=person, **options)
    return Program(secret)
