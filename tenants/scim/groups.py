"""`/Groups`: the directory's groups and who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rest_framework.response import Response

from tenants.actions import provisioning_groups
from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.models import DirectoryGroup
from tenants.queries import provisioning as queries
from tenants.scim.base import ScimView, found
from tenants.scim.patches import Operation, flat, operations
from tenants.scim.users import meta

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
FILTERS = {"id": "pk", "displayname": "display_name__iexact", "externalid": "external_id",
           "members.value": "users__pk", "members": "users__pk"}  # fmt: skip
MOST_MEMBERS = 5000


class Groups(ScimView):
    """Groups of the directory."""

    def get(self, request: Request) -> Response:
        """Those that fit the filter."""
        return self.list(queries.groups(request.user, request.organization), FILTERS, shape)

    def post(self, request: Request) -> Response:
        """Take a group up; an administrator here says which role it gives."""
        row = provisioning_groups.add(request.organization, by=request.user, **read(self.body()))
        return self.show(_shown(request, row), status=201)


class Group(ScimView):
    """One group of the directory."""

    def get(self, request: Request, key: str) -> Response:
        """The group with its members."""
        return self.show(shape(self._row(request, key)))

    def put(self, request: Request, key: str) -> Response:
        """What the directory says now, all of it."""
        row, wanted = self._row(request, key), read(self.body())
        return self._changed(request, row, exactly=wanted.pop("users"), **wanted)

    def patch(self, request: Request, key: str) -> Response:
        """Some of it: names, and members put in and taken out, in the order given."""
        row = self._row(request, key)
        wanted: dict[str, Any] = {}
        members = {str(each.user_id) for each in row.memberships.all()}
        for operation in operations(self.body()):
            members = _patched(wanted, members, operation)
        return self._changed(request, row, exactly=[UUID(each) for each in members], **wanted)

    def delete(self, request: Request, key: str) -> Response:
        """Forget the group; its people lose the role it gave."""
        row = self._row(request, key)
        provisioning_groups.remove(row, by=request.user, version=self.version())
        return Response(None, status=204)

    def _changed(self, request: Request, row: DirectoryGroup, **wanted: Any) -> Response:
        row = provisioning_groups.change(row, by=request.user, version=self.version(), **wanted)
        return self.show(_shown(request, row))

    def _row(self, request: Request, key: str) -> DirectoryGroup:
        row: DirectoryGroup = found(queries.groups(request.user, request.organization), key)
        return row


def shape(row: DirectoryGroup) -> dict[str, Any]:
    """A group as SCIM shows it."""
    shown = {
        "schemas": [GROUP],
        "id": str(row.pk),
        "externalId": row.external_id or None,
        "displayName": row.display_name,
        "members": [{"value": str(each.user_id), "display": str(each.user)}
                    for each in row.memberships.all()],
        "meta": meta("Group", f"Groups/{row.pk}", row),
    }  # fmt: skip
    return {name: value for name, value in shown.items() if value is not None}


def _shown(request: Request, row: DirectoryGroup) -> dict[str, Any]:
    return shape(queries.groups(request.user, request.organization).get(pk=row.pk))


def read(body: Mapping[str, Any]) -> dict[str, Any]:
    """A whole group as it was sent."""
    given = dict(flat(body))
    return {
        "display_name": _text(given.get("displayname", "")),
        "external_id": _text(given.get("externalid", "")),
        "users": [UUID(each) for each in _members(given.get("members", []))],
    }


def _patched(wanted: dict[str, Any], members: set[str], operation: Operation) -> set[str]:
    """The members after one operation; names go into `wanted`."""
    if operation.name in ("displayname", "externalid"):
        field = {"displayname": "display_name", "externalid": "external_id"}[operation.name]
        wanted[field] = "" if operation.kind == "remove" else _text(operation.value)
        return members
    if operation.name in ("id", "schemas", "meta"):
        return members
    if operation.name != "members":
        raise Invalid(f"“{operation.name}” is no attribute here.", code="invalid_path")
    if operation.member:
        if operation.kind != "remove":
            raise Invalid("Members are added without a filter.", code="invalid_path")
        return members - {operation.member.lower()}
    if operation.kind == "remove":
        return members - set(_members(operation.value)) if operation.value else set()
    named = set(_members(operation.value))
    return named if operation.kind == "replace" else members | named


def _members(value: Any) -> list[str]:
    """Ids of members. Raises Invalid."""
    given = [value] if isinstance(value, Mapping) else value
    if not isinstance(given, list) or len(given) > MOST_MEMBERS:
        raise Invalid(f"members is a list of at most {MOST_MEMBERS}.", code="invalid_value")
    try:
        return [str(UUID(each["value"])) for each in given]
    except (KeyError, TypeError, ValueError, AttributeError) as unfit:
        raise Invalid("A member is named by its id, as value.", code="invalid_value") from unfit


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid("displayName and externalId are texts.", code="invalid_value")
    return value
