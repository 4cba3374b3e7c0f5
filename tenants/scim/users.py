"""`/Users`: the directory's people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from rest_framework.response import Response

from tenants.actions import provisioning
from tenants.actions.provisioning import Wanted
from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.models import DirectoryUser
from tenants.queries import provisioning as queries
from tenants.scim.base import ScimView, found
from tenants.scim.patches import Operation, flat, operations

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
FILTERS = {
    "id": "pk", "username": "user_name__iexact", "externalid": "external_id",
    "emails": "email__iexact", "emails.value": "email__iexact", "active": "is_active",
}  # fmt: skip
FIELDS = {
    "username": "user_name", "externalid": "external_id", "displayname": "display_name",
    "name.givenname": "given_name", "name.familyname": "family_name",
    "name.formatted": "display_name", "emails.value": "email", "emails": "email",
    "active": "is_active",
}  # fmt: skip
"""Attribute in lower case → what it changes here."""
KNOWN = {
    "schemas", "id", "meta", "groups", "name", "name.middlename", "name.honorificprefix",
    "name.honorificsuffix", "nickname", "profileurl", "title", "usertype", "preferredlanguage",
    "locale", "timezone", "password", "phonenumbers", "ims", "photos", "addresses", "entitlements",
    "roles", "x509certificates", "employeenumber", "costcenter", "organization", "division",
    "department", "manager",
}  # fmt: skip
"""Attributes of RFC 7643 that are taken and not kept; what nobody knows is refused."""


class Users(ScimView):
    """People of the directory."""

    def get(self, request: Request) -> Response:
        """Those that fit the filter."""
        return self.list(queries.users(request.user, request.organization), FILTERS, shape)

    def post(self, request: Request) -> Response:
        """Take somebody up: invited by letter, or found among the members."""
        wanted = read(self.body())
        row = provisioning.add(request.organization, wanted, by=request.user)
        return self.show(shape(_again(request, row)), status=201)


class User(ScimView):
    """One person of the directory."""

    def get(self, request: Request, key: str) -> Response:
        """The person."""
        return self.show(shape(self._row(request, key)))

    def put(self, request: Request, key: str) -> Response:
        """What the directory says now, all of it."""
        row, wanted = self._row(request, key), read(self.body())
        return self._changed(request, row, wanted)

    def patch(self, request: Request, key: str) -> Response:
        """Some of it."""
        row = self._row(request, key)
        wanted = _of(row)
        for operation in operations(self.body()):
            wanted = _patched(wanted, operation)
        return self._changed(request, row, wanted)

    def delete(self, request: Request, key: str) -> Response:
        """Let the person go and forget them."""
        row = self._row(request, key)
        provisioning.remove(row, by=request.user, version=self.version())
        return Response(None, status=204)

    def _changed(self, request: Request, row: DirectoryUser, wanted: Wanted) -> Response:
        row = provisioning.change(row, wanted, by=request.user, version=self.version())
        return self.show(shape(_again(request, row)))

    def _row(self, request: Request, key: str) -> DirectoryUser:
        row: DirectoryUser = found(queries.users(request.user, request.organization), key)
        return row


def _again(request: Request, row: DirectoryUser) -> DirectoryUser:
    """The row as it is read, with its groups."""
    rows: QuerySet[DirectoryUser] = queries.users(request.user, request.organization)
    return rows.get(pk=row.pk)


def shape(row: DirectoryUser) -> dict[str, Any]:
    """A person as SCIM shows them."""
    name = {
        "formatted": row.name, "givenName": row.given_name, "familyName": row.family_name
    }  # fmt: skip
    found = {
        "schemas": [USER],
        "id": str(row.pk),
        "externalId": row.external_id or None,
        "userName": row.user_name,
        "displayName": row.display_name or None,
        "name": {part: text for part, text in name.items() if text},
        "emails": [{"value": row.email, "type": "work", "primary": True}],
        "active": row.is_active,
        "groups": [{"value": str(group.pk), "display": group.display_name}
                   for group in row.groups.all()],
        "meta": meta("User", f"Users/{row.pk}", row),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, {})}


def meta(kind: str, path: str, row: Any) -> dict[str, Any]:
    """What every resource says of itself."""
    return {
        "resourceType": kind, "created": row.created_at, "lastModified": row.changed_at,
        "version": f'W/"{row.version}"', "location": f"{settings.SITE_ADDRESS}/scim/v2/{path}",
    }  # fmt: skip


def read(body: Mapping[str, Any]) -> Wanted:
    """A whole resource as it was sent; attributes that are not kept are left out."""
    wanted = Wanted(user_name="", email="")
    for name, value in flat(body):
        if (
            name in FIELDS
            and value is not None
            and not (name == "name.formatted" and wanted.display_name)
        ):
            wanted = _set(wanted, name, value)
    if not wanted.email and "@" in wanted.user_name:
        wanted = replace(wanted, email=wanted.user_name)
    return wanted


def _patched(wanted: Wanted, operation: Operation) -> Wanted:
    if operation.name not in FIELDS:
        if operation.name.partition(".")[0] not in {each.partition(".")[0] for each in KNOWN}:
            raise Invalid(f"“{operation.name}” is no attribute here.", code="invalid_path")
        return wanted
    if operation.kind == "remove":
        if FIELDS[operation.name] in ("user_name", "email", "is_active"):
            raise Invalid(f"{operation.name} cannot be removed.", code="mutability")
        return _set(wanted, operation.name, "")
    return _set(wanted, operation.name, operation.value)


def _set(wanted: Wanted, name: str, value: Any) -> Wanted:
    field = FIELDS[name]
    if field == "is_active":
        if str(value).lower() not in ("true", "false"):
            raise Invalid("active is true or false.", code="invalid_value")
        return replace(wanted, is_active=str(value).lower() == "true")
    if field == "email" and isinstance(value, list):
        value = _address(value)
    if not isinstance(value, str):
        raise Invalid(f"{name} is a text.", code="invalid_value")
    text: Any = value.strip().lower() if field == "email" else value.strip()
    return replace(wanted, **{field: text})


def _address(emails: list[Any]) -> str:
    """The primary address, else the one for work, else the first."""
    if not all(isinstance(each, Mapping) for each in emails):
        raise Invalid("emails is a list of objects with a value.", code="invalid_value")
    order = sorted(
        emails,
        key=lambda each: (each.get("primary") is not True, str(each.get("type")).lower() != "work"),
    )
    return str(order[0].get("value", "")) if order else ""


def _of(row: DirectoryUser) -> Wanted:
    return Wanted(**{name: getattr(row, name) for name in asdict(Wanted("", ""))})
