"""Who asks: the token's person, as the middleware found them; nobody else gets further."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class TokenAuthentication(BaseAuthentication):
    """Hands on the person of the bearer token; a session cookie means nothing here (API-3)."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        """The person found by `tenants.middleware`, or None."""
        person = request._request.user
        return (person, None) if person.is_authenticated else None

    def authenticate_header(self, request: Request) -> str:
        """Makes DRF answer 401, not 403, to nobody."""
        return "Bearer"


class SignedIn(BasePermission):
    """Deny by default: only a person acting in an organization (ACC-3)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the token's person acts in an organization."""
        return bool(request.user.is_authenticated and request.organization is not None)


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names the token."""

    target_class = TokenAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """HTTP bearer with our own kind of token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tmk_…"}
