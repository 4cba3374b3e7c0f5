"""What disagrees (CM-04), for programs of either side."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from audits.queries import consistency
from tenants.api.base import BaseViewSet, takes
from tenants.api.requests import Request
from tenants.choices import OrganizationKind
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P
from tenants.visibility import reach


class InconsistencyShape(serializers.Serializer[Any]):
    """Two places that disagree. key: the control whose page cures it; null for a system."""

    kind = serializers.CharField()
    about = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()
    cure = serializers.CharField()
    key = serializers.UUIDField(allow_null=True)


class ConsistencyShape(serializers.Serializer[Any]):
    """Every line of a list."""

    lines = InconsistencyShape(many=True)


class ConsistencyViewSet(BaseViewSet):
    """Lists of what disagrees: one's own library, or an engagement for its firm's people."""

    queryset = Engagement.objects.all()
    versioned = False

    @takes(answers=ConsistencyShape)
    def own(self, request: Request) -> Response:
        """What disagrees in one's own library; no firm sees it."""
        if request.organization.kind != OrganizationKind.CLIENT:
            raise NotVisible("There is no such record, or it is not shown to you.")
        lines = consistency.of_library(request.organization, request.user)
        return self.answer({"lines": lines})

    @takes(answers=ConsistencyShape)
    def of_engagement(self, request: Request, pk: Any) -> Response:
        """Where copies, library and walkthroughs do not agree; the firm's own."""
        row: Engagement = Engagement.objects.find(request.user, pk)
        if P.VIEW_FIRM_FILE not in reach(request.user).get(row.pk, ()):
            raise NotVisible("There is no such record, or it is not shown to you.")
        return self.answer({"lines": consistency.of_engagement(row, request.user)})
