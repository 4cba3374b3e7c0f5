"""People of one's own organization, and invitations to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.response import Response

from tenants.actions import invitations, memberships
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.choices import InvitationStatus, MembershipStatus, Role
from tenants.models import Engagement, Invitation, Membership
from tenants.permissions import P
from tenants.queries import directory, people
from tenants.rules.digests import TROUBLES


class MemberSerializer(Shown):
    """A person in the organization, with their role. `id` is the membership's."""

    person = PersonName(read_only=True)
    mail_trouble = serializers.SerializerMethodField(
        help_text="For who manages people: what became of the last daily mail, if it did not "
        "reach the person: refused, outcome unknown or given up."
    )

    class Meta:
        model = Membership
        fields = (
            "id", "version", "person", "role", "title", "status", "mail_trouble", "created_at",
        )  # fmt: skip

    def get_mail_trouble(self, row: Membership) -> str | None:
        """None when mail arrives, and for whoever does not manage people."""
        troubles: dict[Any, str] = self.context["view"].mail_troubles
        return troubles.get(row.person_id)


class MemberFilters(Filters):
    """Which people to list."""

    role = ChoiceFilter(choices=Role.choices)
    status = ChoiceFilter(choices=MembershipStatus.choices)


class RoleBody(Body):
    """Another role."""

    role = serializers.ChoiceField(Role.choices)


class MemberViewSet(VisibleViewSet):
    """People of the caller's organization; those who left too for whoever manages people."""

    queryset = Membership.objects.order_by("person__name")
    serializer_class = MemberSerializer
    filterset_class = MemberFilters
    orderings = {"name": "person__name", "role": "role", "created_at": "created_at"}
    search_fields = ("person__name", "person__email")

    def get_queryset(self) -> QuerySet[Any]:
        """The people in sight."""
        return directory.members(self.request.user, self.request.organization)

    @cached_property
    def mail_troubles(self) -> dict[UUID, str]:
        """Person → what became of their last daily mail, for who manages people (1 query)."""
        organization = self.request.organization
        if not self.request.user.has_perm(P.MANAGE_PEOPLE, organization):
            return {}
        return {
            person: TROUBLES[entry.verb]
            for person, entry in people.mail_troubles(organization).items()
        }

    @takes(RoleBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Give a member another role; roles on engagements stay as assigned."""
        changed = memberships.change_role(
            self.get_object(), by=request.user, version=self.version(), **self.body()
        )
        return self.reply(changed)

    def destroy(self, request: Request, pk: Any) -> Response:
        """End the membership: no token, no engagement, from now on."""
        memberships.end(self.get_object(), by=request.user, version=self.version())
        return self.gone()


class InvitationSerializer(Shown):
    """A letter that lets one address in. Whether it has expired follows from `expires_at`."""

    invited_by = PersonName(read_only=True)

    class Meta:
        model = Invitation
        fields = (
            "id", "email", "name", "role", "engagement_id", "status", "invited_by", "expires_at",
            "created_at",
        )  # fmt: skip


class InvitationFilters(Filters):
    """Which invitations to list."""

    status = ChoiceFilter(choices=InvitationStatus.choices)


class InvitationBody(Body):
    """Whom to let in, in which role; with an engagement, they are assigned to it on joining."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=120, required=False)
    role = serializers.ChoiceField(Role.choices)
    engagement = VisibleField(Engagement.objects.all(), required=False)


class InvitationViewSet(VisibleViewSet):
    """Invitations to the caller's organization, for whoever manages its people."""

    queryset = Invitation.objects.order_by("-created_at")
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilters
    orderings = {"created_at": "created_at", "email": "email", "expires_at": "expires_at"}
    search_fields = ("email", "name")
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The organization's invitations."""
        return directory.invitations(self.request.user, self.request.organization)

    @takes(InvitationBody)
    def create(self, request: Request) -> Response:
        """Invite: a link good for 7 days, once, by mail."""
        made = invitations.invite(request.organization, by=request.user, **self.body())
        return self.created(made)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Withdraw an invitation that was not used."""
        invitations.withdraw(self.get_object(), by=request.user)
        return self.gone()
