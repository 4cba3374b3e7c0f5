"""A directory that speaks SCIM to us, with a real key through the whole middleware."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import transaction
from django.test import Client

from tenants.actions import provisioning_tokens
from tests.conftest import as_

ROOT = "/scim/v2/"
MEDIA_TYPE = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """Sends what the big identity providers send."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.client = Client(raise_request_exception=True)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; `answer.data` is its JSON."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        if self.secret:
            given.setdefault("Authorization", f"Bearer {self.secret}")
        answer = self.client.generic(method, ROOT + path, content, MEDIA_TYPE, headers=given)
        answer.data = orjson.loads(answer.content) if answer.content else None
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def add(self, user_name: str, **more: Any) -> Any:
        """POST a user."""
        return self.send("POST", "Users", {"schemas": [USER], "userName": user_name, **more})

    def group(self, name: str, *users: str) -> Any:
        """POST a group."""
        members = [{"value": each} for each in users]
        return self.send("POST", "Groups", {"displayName": name, "members": members})

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Any:
        """PATCH with these operations."""
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.send("PATCH", path, body, **headers)

    def switch(self, key: str, active: Any) -> Any:
        """(De)activate a user as Okta does."""
        return self.patch(f"Users/{key}", {"op": "replace", "value": {"active": active}})


@transaction.atomic
def directory_of(administrator: Any, organization: Any) -> Directory:
    """The directory of an organization, with a key its administrator made."""
    with as_(administrator, organization):
        _, secret = provisioning_tokens.create(organization, name="Okta", by=administrator)
    return Directory(secret)
