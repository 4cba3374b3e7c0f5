"""What this SCIM service can: for programs that ask before they send."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.response import Response

from tenants.api.requests import Request
from tenants.errors import NotVisible
from tenants.scim.base import LIST, MOST, ScimView
from tenants.scim.groups import GROUP
from tenants.scim.users import USER

SCHEMAS = "urn:ietf:params:scim:schemas:core:2.0"


def _attribute(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "multiValued": False, "required": False, "caseExact": False,
        "mutability": "readWrite", "returned": "default", "uniqueness": "none",
        "description": name, **more,
    }  # fmt: skip


_NAME = [_attribute(each) for each in ("formatted", "givenName", "familyName")]
_VALUE = [_attribute("value"), _attribute("display", mutability="readOnly")]
DESCRIBED: dict[str, dict[str, Any]] = {
    USER: {
        "id": USER, "name": "User", "description": "A person",
        "attributes": [
            _attribute("userName", required=True, uniqueness="server"),
            _attribute("externalId", caseExact=True), _attribute("displayName"),
            _attribute("name", "complex", subAttributes=_NAME),
            _attribute("emails", "complex", multiValued=True, subAttributes=[
                _attribute("value"), _attribute("type"), _attribute("primary", "boolean")]),
            _attribute("active", "boolean"),
            _attribute("groups", "complex", multiValued=True, mutability="readOnly",
                       subAttributes=_VALUE),
        ],
    },
    GROUP: {
        "id": GROUP, "name": "Group", "description": "A group",
        "attributes": [
            _attribute("displayName", required=True, uniqueness="server"),
            _attribute("externalId", caseExact=True),
            _attribute("members", "complex", multiValued=True, subAttributes=_VALUE),
        ],
    },
}  # fmt: skip


def _with_place(kind: str, path: str, described: dict[str, Any]) -> dict[str, Any]:
    place = {"resourceType": kind, "location": f"{settings.SITE_ADDRESS}/scim/v2/{path}"}
    return {"schemas": [f"{SCHEMAS}:{kind}"], **described, "meta": place}


def _types() -> dict[str, dict[str, Any]]:
    return {
        name: _with_place("ResourceType", f"ResourceTypes/{name}", {
            "id": name, "name": name, "endpoint": f"/{name}s", "schema": schema,
            "description": DESCRIBED[schema]["description"],
        })
        for name, schema in (("User", USER), ("Group", GROUP))
    }  # fmt: skip


def _schemas() -> dict[str, dict[str, Any]]:
    return {
        name: _with_place("Schema", f"Schemas/{name}", described)
        for name, described in DESCRIBED.items()
    }


class ServiceProviderConfig(ScimView):
    """What of SCIM is here."""

    def get(self, request: Request) -> Response:
        """The features and their limits."""
        no, yes = {"supported": False}, {"supported": True}
        scheme = {"type": "oauthbearertoken", "name": "Bearer token", "primary": True,
                  "description": "A key made by an administrator of the organization."}  # fmt: skip
        return Response(
            _with_place("ServiceProviderConfig", "ServiceProviderConfig", {
                "patch": yes, "bulk": {**no, "maxOperations": 0, "maxPayloadSize": 0},
                "filter": {**yes, "maxResults": MOST}, "changePassword": no, "sort": no,
                "etag": yes, "authenticationSchemes": [scheme],
            })
        )  # fmt: skip


class Described(ScimView):
    """A list of descriptions, or the one that is named."""

    kind = ""

    def get(self, request: Request, key: str = "") -> Response:
        """All, or one. Raises NotVisible."""
        known = _types() if self.kind == "types" else _schemas()
        if key:
            if key not in known:
                raise NotVisible("There is no such resource.")
            return Response(known[key])
        return Response({
            "schemas": [LIST], "totalResults": len(known), "startIndex": 1,
            "itemsPerPage": len(known), "Resources": list(known.values()),
        })  # fmt: skip
