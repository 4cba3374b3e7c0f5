"""What the client approves, and what it approved."""

from __future__ import annotations

from typing import Any

from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import client_approvals
from audits.choices.approvals import ApprovalKind
from audits.models.client_approvals import ClientApproval
from audits.queries.client_approvals import standing
from tenants.api.base import BaseViewSet, VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P


class ApprovalStandingShape(serializers.Serializer[Any]):
    """One thing to approve, as it is now; `is_current`: the last approval is of this content."""

    kind = serializers.CharField(source="approvable.kind")
    name = serializers.CharField(source="approvable.label")
    content = serializers.DictField()
    content_hash = serializers.CharField()
    is_current = serializers.BooleanField()


class ApprovalStandingsShape(serializers.Serializer[Any]):
    """Everything there is to approve."""

    approvals = ApprovalStandingShape(many=True, read_only=True)


class ToApproveViewSet(BaseViewSet):
    """What the client approves of one engagement."""

    queryset = Engagement.objects.all()
    versioned = False

    @takes(answers=ApprovalStandingsShape)
    def show(self, request: Request, pk: Any) -> Response:
        """Everything there is to approve, and whether it is."""
        return self.answer({"approvals": standing(self.get_object())})


class ClientApprovalSerializer(Shown):
    """One approval, with the content it was given to."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = ClientApproval
        fields = (
            "id", "version", "engagement", "subject_kind", "subject_id", "content", "content_hash",
            "approved_by", "role", "approved_at",
        )  # fmt: skip


class ApproveSubjectBody(Body):
    """What is approved; `seen` is its `content_hash` as it was read."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.ChoiceField(ApprovalKind.choices)
    seen = serializers.CharField(max_length=64)


class ClientApprovalFilters(Filters):
    """Which approvals to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    subject_kind = ChoiceFilter(choices=ApprovalKind.choices)


class ClientApprovalViewSet(VisibleViewSet):
    """Approvals of the engagements the caller works on, stale ones too."""

    queryset = ClientApproval.objects.select_related("engagement")
    serializer_class = ClientApprovalSerializer
    filterset_class = ClientApprovalFilters
    orderings = {"approved_at": "approved_at"}

    @takes(ApproveSubjectBody, permission=str(P.APPROVE_FOR_CLIENT))
    def create(self, request: Request) -> Response:
        """Approve something as it is (SO-08 for one's own description)."""
        given = self.body()
        row = client_approvals.approve(
            given["engagement"], given["kind"], seen=given["seen"], by=request.user
        )
        return self.created(row)
