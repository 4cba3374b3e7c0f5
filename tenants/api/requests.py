"""The request as every operation has it: the middleware found the person before (typing only)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request as DrfRequest

if TYPE_CHECKING:
    from tenants.models import Membership, Organization, User

    class Request(DrfRequest):
        """A request of a person who acts in an organization, with a method."""

        user: User  # type: ignore[assignment]
        organization: Organization
        membership: Membership
        method: str

else:
    Request = DrfRequest
