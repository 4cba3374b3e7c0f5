"""Who asks and for whom; the organizations they know; a firm's clients."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from tenants.actions import organizations
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName, PersonName
from tenants.choices import Role
from tenants.models import Organization
from tenants.queries import directory


class MembershipShape(serializers.Serializer[Any]):
    """One's place in an organization."""

    organization = OrganizationName(read_only=True)
    role = serializers.ChoiceField(Role.choices, read_only=True)
    title = serializers.CharField(read_only=True)


class MeShape(serializers.Serializer[Any]):
    """The token's person, the organization it acts in, and all the person belongs to."""

    person = PersonName(read_only=True)
    organization = OrganizationName(read_only=True)
    role = serializers.ChoiceField(Role.choices, read_only=True)
    scopes = serializers.ListField(
        child=serializers.CharField(), read_only=True,
        help_text="Permissions the token is limited to; empty: all of the person's.",
    )  # fmt: skip
    memberships = MembershipShape(many=True, read_only=True)


class MeViewSet(BaseViewSet):
    """Who the token acts as."""

    @takes(answers=MeShape)
    def show(self, request: Request) -> Response:
        """The person, the organization, and where else the person belongs."""
        return self.answer(
            {
                "person": request.user,
                "organization": request.organization,
                "role": request.membership.role,
                "scopes": list(getattr(request.user, "token_scopes", ())),
                "memberships": directory.own_memberships(request.user),
            }
        )


class OrganizationSerializer(Shown):
    """A firm or a client. Its days are those of `time_zone`."""

    class Meta:
        model = Organization
        fields = ("id", "kind", "name", "time_zone", "holiday_country", "created_at")


class OrganizationBody(Body):
    """What an organization is called, and when its people work."""

    name = serializers.CharField(max_length=120)
    time_zone = serializers.CharField(max_length=64, help_text="Such as America/New_York.")
    holiday_country = serializers.CharField(
        max_length=2, allow_blank=True, help_text="ISO 3166 code; empty: weekends only."
    )


class OrganizationViewSet(VisibleViewSet):
    """The caller's own organization and those it knows."""

    queryset = Organization.objects.order_by("name")
    serializer_class = OrganizationSerializer
    versioned = False
    orderings = {"name": "name", "created_at": "created_at"}
    search_fields = ("name",)

    def get_queryset(self) -> QuerySet[Any]:
        """The organizations in sight."""
        return directory.organizations(self.request.user, self.request.organization)

    @takes(OrganizationBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change one's own organization; fields left out stay."""
        organization = self.get_object()
        names = ("name", "time_zone", "holiday_country")
        values = {name: getattr(organization, name) for name in names}
        values.update(self.body())
        return self.reply(organizations.change(organization, by=request.user, **values))


class ClientBody(Body):
    """A new client of the firm."""

    name = serializers.CharField(max_length=120)
    time_zone = serializers.CharField(max_length=64, help_text="Such as America/New_York.")


class ClientViewSet(VisibleViewSet):
    """The clients of the caller's firm."""

    queryset = Organization.objects.order_by("name")
    serializer_class = OrganizationSerializer
    versioned = False
    orderings = {"name": "name", "created_at": "created_at"}
    search_fields = ("name",)

    def get_queryset(self) -> QuerySet[Any]:
        """The firm's clients."""
        return directory.clients(self.request.user, self.request.organization)

    @takes(ClientBody)
    def create(self, request: Request) -> Response:
        """Add a client; its people are invited when an engagement is opened."""
        made = organizations.add_client(request.organization, by=request.user, **self.body())
        return self.created(made)
