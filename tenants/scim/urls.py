"""Where SCIM's addresses are; with and without a slash at the end, as directories differ."""

from __future__ import annotations

from typing import Any

from django.urls import path

from tenants.errors import NotVisible
from tenants.scim.base import ScimView
from tenants.scim.discovery import Described, ServiceProviderConfig
from tenants.scim.groups import Group, Groups
from tenants.scim.users import User, Users

app_name = "scim"


class Nowhere(ScimView):
    """Every other address: absent in SCIM's own words, for whoever holds a key."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Ask for the key first."""
        super().initial(request, *args, **kwargs)
        raise NotVisible("There is no such resource.")

    get = post = put = patch = delete = lambda self, request, rest="": None


NAMED: tuple[tuple[str, Any, str], ...] = (
    ("Users", Users.as_view(), "users"),
    ("Users/<uuid:key>", User.as_view(), "user"),
    ("Groups", Groups.as_view(), "groups"),
    ("Groups/<uuid:key>", Group.as_view(), "group"),
    ("ServiceProviderConfig", ServiceProviderConfig.as_view(), "config"),
    ("ResourceTypes", Described.as_view(kind="types"), "types"),
    ("ResourceTypes/<str:key>", Described.as_view(kind="types"), "type"),
    ("Schemas", Described.as_view(kind="schemas"), "schemas"),
    ("Schemas/<str:key>", Described.as_view(kind="schemas"), "schema"),
)
urlpatterns = [
    *(path(route, view, name=name) for route, view, name in NAMED),
    *(path(f"{route}/", view, name=f"{name}_slash") for route, view, name in NAMED),
    path("<path:rest>", Nowhere.as_view(), name="nowhere"),
]
