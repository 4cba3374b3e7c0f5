"""Who works on an engagement, and single permissions opened there."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from tenants.actions import assignments
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName, PersonName
from tenants.choices import Role
from tenants.models import Assignment, Engagement, Opening
from tenants.permissions import ENGAGEMENT_GRANTS, P
from tenants.queries import directory


class AssignmentSerializer(Shown):
    """A person on an engagement, for one side, in one role. Dates are the organization's."""

    organization = OrganizationName(read_only=True)
    person = PersonName(read_only=True)

    class Meta:
        model = Assignment
        fields = (
            "id", "version", "engagement", "organization", "person", "role", "starts_on",
            "ends_on", "created_at",
        )  # fmt: skip


class AssignmentFilters(Filters):
    """Which assignments to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    person = UUIDFilter(field_name="person_id")
    organization = UUIDFilter(field_name="organization_id")
    role = ChoiceFilter(choices=Role.choices)


class AssignmentBody(Body):
    """Whom to put on which engagement; for a person already on it, their new role and dates."""

    engagement = VisibleField(Engagement.objects.select_related("firm", "client"))
    person = VisibleField(directory.colleagues, help_text="A person's id, not a membership's.")
    role = serializers.ChoiceField(Role.choices)
    starts_on = serializers.DateField(required=False, help_text="By default today.")
    ends_on = serializers.DateField(
        required=False, allow_null=True, help_text="The last day; by default none."
    )


class AssignmentViewSet(VisibleViewSet):
    """People on the engagements the caller works on."""

    queryset = Assignment.objects.select_related("engagement__firm", "engagement__client",
                                                 "organization", "person")  # fmt: skip
    serializer_class = AssignmentSerializer
    filterset_class = AssignmentFilters
    orderings = {"name": "person__name", "role": "role", "starts_on": "starts_on"}
    search_fields = ("person__name", "person__email")

    @takes(AssignmentBody)
    def create(self, request: Request) -> Response:
        """Put a person of one's own side on an engagement, or change their role there."""
        given = dict(self.body())
        made = assignments.assign(given.pop("engagement"), by=request.user, **given)
        return self.created(made)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Take a person of one's own side off, at once."""
        assignments.unassign(self.get_object_at_version(lock=False), by=request.user)
        return self.gone()


class OpeningSerializer(Shown):
    """One permission opened to one person on one engagement, with the reason."""

    organization = OrganizationName(read_only=True)
    person = PersonName(read_only=True)
    opened_by = PersonName(read_only=True)

    class Meta:
        model = Opening
        fields = (
            "id", "engagement", "organization", "person", "permission", "reason", "ends_on",
            "opened_by", "created_at",
        )  # fmt: skip


class OpeningFilters(Filters):
    """Which openings to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    person = UUIDFilter(field_name="person_id")


class OpeningBody(Body):
    """Which permission to open, to whom, why."""

    engagement = VisibleField(Engagement.objects.select_related("firm", "client"))
    person = VisibleField(directory.colleagues, help_text="A person's id, not a membership's.")
    permission = serializers.ChoiceField([(str(each), str(each)) for each in ENGAGEMENT_GRANTS])
    reason = serializers.CharField(max_length=300)
    ends_on = serializers.DateField(required=False, allow_null=True)


class OpeningViewSet(VisibleViewSet):
    """Permissions opened on the engagements the caller works on."""

    queryset = Opening.objects.select_related("engagement__firm", "engagement__client",
                                              "organization", "person", "opened_by")  # fmt: skip
    serializer_class = OpeningSerializer
    filterset_class = OpeningFilters
    orderings = {"created_at": "created_at", "name": "person__name"}
    versioned = False

    @takes(OpeningBody)
    def create(self, request: Request) -> Response:
        """Open one permission to a person of one's own side, or change its reason and end."""
        given = dict(self.body())
        permission = P(given.pop("permission"))
        made = assignments.open_to(
            given.pop("engagement"), permission=permission, by=request.user, **given
        )
        return self.created(made)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Take the permission back, at once."""
        assignments.close(self.get_object(), by=request.user)
        return self.gone()
