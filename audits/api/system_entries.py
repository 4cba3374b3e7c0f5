"""The client's own account of its system: nobody else's to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django_filters import BooleanFilter, ChoiceFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import system_entries
from audits.api.library import RetireBody
from audits.choices.system import EntryKind, ProcessingAspect, Relation
from audits.models.system import SystemEntry
from audits.queries.system_entries import people, with_links
from audits.rules.system_entries import LIMITS, Told
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField, VisibleListField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.permissions import P

WRITES = str(P.EDIT_LIBRARY)


class RelatedEntryShape(serializers.Serializer[Any]):
    """Another entry, and how this one stands to it."""

    id = serializers.UUIDField(source="target_id")
    kind = serializers.ChoiceField(EntryKind.choices, source="target.kind")
    ref = serializers.CharField(source="target.ref")
    title = serializers.CharField(source="target.title")
    relation = serializers.ChoiceField(Relation.choices)


class SystemEntrySerializer(Shown):
    """One thing of the client's system."""

    client = serializers.UUIDField(source="client_id", read_only=True)
    owner = serializers.UUIDField(source="owner_id", read_only=True, allow_null=True)
    facts = serializers.DictField(read_only=True, help_text="What its kind says.")
    related = RelatedEntryShape(source="links", many=True, read_only=True)

    class Meta:
        model = SystemEntry
        fields = (
            "id", "version", "client", "kind", "ref", "title", "text", "category", "aspects",
            "facts", "related", "owner", "retired_on", "created_at",
        )  # fmt: skip


class EntryToldBody(Body):
    """What an entry says. Fields left out stay; facts are given all together."""

    title = serializers.CharField(max_length=LIMITS["title"])
    text = serializers.CharField(max_length=LIMITS["text"])
    category = serializers.CharField(required=False, allow_blank=True, max_length=20)
    aspects = serializers.ListField(
        child=serializers.ChoiceField(ProcessingAspect.choices), required=False, max_length=5
    )
    facts = serializers.DictField(required=False, help_text="Fact of the kind → its value.")
    related = VisibleListField(SystemEntry.objects.all(), required=False, allow_empty=True)
    owner = VisibleField(people, required=False, allow_null=True)


class EntryBody(EntryToldBody):
    """A new entry, with its kind and id."""

    kind = serializers.ChoiceField(EntryKind.choices)
    ref = serializers.CharField(max_length=LIMITS["ref"])


class SystemEntryFilters(Filters):
    """Which entries to list."""

    kind = ChoiceFilter(choices=EntryKind.choices)
    retired = BooleanFilter(field_name="retired_on", lookup_expr="isnull", exclude=True)


class SystemEntryViewSet(VisibleViewSet):
    """Entries of one's own organization's system; a firm reads the client's statements instead."""

    queryset = with_links(SystemEntry.objects.all())
    serializer_class = SystemEntrySerializer
    filterset_class = SystemEntryFilters
    orderings = {"ref": "ref", "title": "title", "created_at": "created_at"}
    search_fields = ("ref", "title", "text")

    @takes(EntryBody, permission=WRITES)
    def create(self, request: Request) -> Response:
        """Add an entry to one's own organization's system."""
        told, related, owner = _told(self.body())
        return self.created(
            system_entries.add(
                request.organization, Told(**told), related=related or (), owner=owner,
                by=request.user,
            )
        )  # fmt: skip

    @takes(EntryToldBody, permission=WRITES)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Tell an entry otherwise."""
        entry, given = self.get_object(), self.body()
        owner = given.get("owner", entry.owner)
        told, related, _ = _told(given)
        changed = system_entries.change(
            entry, replace(system_entries.told_of(entry), **told), related=related, owner=owner,
            by=request.user, version=self.version(),
        )  # fmt: skip
        return self.reply(changed)

    @takes(RetireBody, moves=True, permission=WRITES)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any) -> Response:
        """The entry is no part of the system from a day on."""
        version = self.version(required=False)
        return self.reply(
            system_entries.retire(
                self.get_object(), **self.body(), by=request.user, version=version
            )
        )

    @takes(moves=True, permission=WRITES)
    @action(detail=True, methods=["post"])
    def bring_back(self, request: Request, pk: Any) -> Response:
        """A retired entry is part of the system again."""
        version = self.version(required=False)
        return self.reply(
            system_entries.bring_back(self.get_object(), by=request.user, version=version)
        )


def _told(given: dict[str, Any]) -> tuple[dict[str, Any], list[Any] | None, Any]:
    """The entry's own fields, the ids it is related to (None: left out), its owner."""
    told = dict(given)
    related, owner = told.pop("related", None), told.pop("owner", None)
    if "aspects" in told:
        told["aspects"] = tuple(told["aspects"])
    return told, None if related is None else [each.pk for each in related], owner
