"""What is still open before an engagement may leave its phase."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from tenants.api.base import BaseViewSet, takes
from tenants.api.requests import Request
from tenants.findings import Level
from tenants.models import Engagement
from tenants.permissions import P
from tenants.queries.findings import open_findings


class FindingShape(serializers.Serializer[Any]):
    """One thing that is open. `holds`: the engagement does not leave its phase before it is cured
    or, where `level` is override, decided on these facts."""

    rule = serializers.CharField(source="finding.rule")
    level = serializers.ChoiceField([str(level) for level in Level], source="finding.level")
    text = serializers.CharField(source="finding.text")
    cure = serializers.CharField(source="finding.cure")
    subject = serializers.CharField(source="finding.subject")
    facts = serializers.DictField(source="finding.facts")
    facts_hash = serializers.CharField(source="finding.facts_hash")
    settled = serializers.BooleanField()
    holds = serializers.BooleanField()


class FindingListShape(serializers.Serializer[Any]):
    """Everything that is open, what holds first."""

    findings = FindingShape(many=True, read_only=True)


class FindingsViewSet(BaseViewSet):
    """What holds an engagement, for the firm's people on it: the gate reads the same list."""

    queryset = Engagement.objects.all()
    versioned = False

    def get_queryset(self) -> Any:
        """Engagements whose file the caller reads."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return self.queryset.granting(self.request.user, P.VIEW_FIRM_FILE)

    @takes(answers=FindingListShape)
    def show(self, request: Request, pk: Any) -> Response:
        """Everything open at the exit of the present phase, what holds first."""
        return self.answer({"findings": open_findings(self.get_object())})
