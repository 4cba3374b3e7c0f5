"""What comes in about requests, and what narrows a list of them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import (
    BooleanFilter,
    CharFilter,
    ChoiceFilter,
    DateFilter,
    MultipleChoiceFilter,
    UUIDFilter,
)
from rest_framework import serializers

from evidence.actions.evidence_requests import VERBS
from evidence.choices import Priority, RequestKind, RequestStatus, ReturnReason, Sensitivity
from evidence.queries.request_rows import overdue
from tenants.api.bodies import Body, VisibleField
from tenants.api.filters import Filters
from tenants.choices import OrganizationKind
from tenants.errors import Invalid
from tenants.models import Engagement, Organization, User
from tenants.visibility import reach

LONG_TEXT = 10_000
MOST_AT_ONCE = 500


def people_around(user: User, organization: Organization) -> QuerySet[User]:
    """The people of the engagements the caller works on."""
    return User.objects.filter(assignments__engagement__in=list(reach(user))).distinct()


def _ids(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=200, **kwargs
    )


class RequestBody(Body):
    """What a request says. Dates are the client's."""

    ref = serializers.CharField(required=False, max_length=40)
    title = serializers.CharField(max_length=500)
    description = serializers.CharField(required=False, allow_blank=True, max_length=LONG_TEXT)
    acceptance_hint = serializers.CharField(
        required=False, allow_blank=True, max_length=LONG_TEXT,
        help_text="What good evidence looks like.",
    )  # fmt: skip
    area = serializers.CharField(required=False, allow_blank=True, max_length=120)
    kind = serializers.ChoiceField(RequestKind.choices, required=False)
    priority = serializers.ChoiceField(Priority.choices, required=False)
    sensitivity = serializers.ChoiceField(Sensitivity.choices, required=False)
    covers_all_scope = serializers.BooleanField(required=False)
    controls = _ids(help_text="Ids of controls of the engagement: exactly these.")
    scope_items = _ids(help_text="Ids of scope items of the engagement: exactly these.")
    period_from = serializers.DateField(required=False, allow_null=True)
    period_to = serializers.DateField(required=False, allow_null=True)
    as_of = serializers.DateField(required=False, allow_null=True)
    owner = VisibleField(
        people_around, required=False, allow_null=True, help_text="A person of the client."
    )
    owner_email = serializers.CharField(
        required=False, allow_blank=True, max_length=300,
        help_text="For somebody who is not on the engagement yet.",
    )  # fmt: skip
    contributors = _ids(help_text="Ids of people of the client: exactly these.")
    watchers = _ids(help_text="Ids of people of the client: exactly these.")
    requested_on = serializers.DateField(required=False, allow_null=True)
    due_on = serializers.DateField(
        required=False, allow_null=True, help_text="Of a draft; later use change_due_date."
    )


class DraftBody(RequestBody):
    """A new draft; without `ref` the next free one is taken."""

    engagement = VisibleField(Engagement.objects.all())


class AcceptBody(Body):
    """Whether evidence that does not cover what is asked is enough, and why."""

    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)
    override = serializers.BooleanField(
        required=False, default=False, help_text="Takes a senior, and the reason in `note`."
    )


class GiveBackBody(Body):
    """Why it goes back, in a word and in a text the client can act on."""

    reason = serializers.ChoiceField(ReturnReason.choices)
    note = serializers.CharField(max_length=4000)


class BulkBody(Body):
    """One move on many requests: all of them, or none."""

    move = serializers.ChoiceField([(name, name) for name in VERBS])
    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    reason = serializers.ChoiceField(ReturnReason.choices, required=False)
    override = serializers.BooleanField(required=False)


class BulkEditBody(Body):
    """The same change to many requests: all of them, or none."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE
    )
    owner = VisibleField(people_around, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True, help_text="Drafts only.")
    priority = serializers.ChoiceField(Priority.choices, required=False)


class MovedRequest(serializers.Serializer[Any]):
    """What became of one request of a batch."""

    id = serializers.UUIDField(read_only=True, source="pk")
    ref = serializers.CharField(read_only=True)
    status = serializers.ChoiceField(RequestStatus.choices, read_only=True)
    version = serializers.IntegerField(read_only=True)


class BatchAnswer(serializers.Serializer[Any]):
    """What became of a batch."""

    results = MovedRequest(many=True, read_only=True)


class DueDateBody(Body):
    """Another due date, a local date of the client."""

    due_on = serializers.DateField()
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=4000)


class ProposeDueDateBody(Body):
    """The due date the client asks for, and why."""

    due_on = serializers.DateField()
    note = serializers.CharField(max_length=4000)


class LookAfterBody(Body):
    """Who of the firm looks after the request; null: nobody."""

    assignee = VisibleField(people_around, allow_null=True)


class AnswerBody(Body):
    """The client's answer; fields left out stay. A population needs the last three (IPE)."""

    text = serializers.CharField(required=False, allow_blank=True, max_length=LONG_TEXT)
    source_query = serializers.CharField(required=False, allow_blank=True, max_length=LONG_TEXT)
    run_on = serializers.DateField(required=False, allow_null=True)
    row_count = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2**31 - 1
    )


class RequestFilters(Filters):
    """Which requests to list. `status` may come more than once."""

    engagement = UUIDFilter(field_name="engagement_id")
    status = MultipleChoiceFilter(choices=RequestStatus.choices)
    kind = ChoiceFilter(choices=RequestKind.choices)
    area = CharFilter(max_length=120)
    priority = ChoiceFilter(choices=Priority.choices)
    sensitivity = ChoiceFilter(choices=Sensitivity.choices)
    owner = UUIDFilter(field_name="owner_id")
    assignee = UUIDFilter(method="looked_after_by", help_text="Firm only.")
    overdue = BooleanFilter(method="past_due")
    due_before = DateFilter(field_name="due_on", lookup_expr="lt")
    due_after = DateFilter(field_name="due_on", lookup_expr="gt")
    control = UUIDFilter(field_name="requestcontrols__control")
    scope_item = UUIDFilter(field_name="requestscopeitems__scope_item")

    def looked_after_by(self, rows: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Those a person of the firm looks after. Raises Invalid for the client (AC-02)."""
        if self.request.organization.kind != OrganizationKind.FIRM:
            raise Invalid(
                "This address does not take the parameter “assignee”.",
                code="unknown_parameter", field="assignee",
            )  # fmt: skip
        return rows.filter(handlings__assignee=value)

    def past_due(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Those overdue, or all others."""
        late = overdue() & Q(due_on__isnull=False)
        return rows.filter(late) if value else rows.exclude(late)
