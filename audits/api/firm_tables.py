"""A firm's own tables: which versions there were, and setting a new one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.response import Response

from audits.actions import firm_tables
from audits.choices.populations import FirmTableKind
from audits.models.firm_tables import FirmTable
from audits.queries.firm_tables import versions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.permissions import P


class FirmTableSerializer(Shown):
    """One version of a table; `content` holds its lines by name."""

    made_by = PersonName(read_only=True)

    class Meta:
        model = FirmTable
        fields = ("id", "kind", "number", "content", "reason", "made_by", "made_at")


class FirmTableBody(Body):
    """A table from now on. A line that is left out is the platform's own.

    number: the version it was changed from; 0 for the platform's.
    """

    kind = serializers.ChoiceField(FirmTableKind.choices)
    content = serializers.DictField()
    reason = serializers.CharField(max_length=firm_tables.LONGEST_REASON)
    number = serializers.IntegerField(required=False, min_value=0, max_value=1_000_000)


class FirmTableFilters(Filters):
    """Which versions to list."""

    kind = ChoiceFilter(choices=FirmTableKind.choices)


class FirmTableViewSet(VisibleViewSet):
    """All versions of the firm's tables, for its administrators; none: the platform's hold."""

    queryset = FirmTable.objects.select_related("made_by")
    serializer_class = FirmTableSerializer
    filterset_class = FirmTableFilters
    orderings = {"number": "number", "made_at": "made_at"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The firm's."""
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return versions(self.request.user, self.request.organization)

    @takes(FirmTableBody, permission=str(P.MANAGE_FIRM_TABLES))
    def create(self, request: Request) -> Response:
        """Set a table from now on; what was drawn by an older version keeps it."""
        made = firm_tables.set_table(request.organization, by=request.user, **self.body())
        return self.created(made)
