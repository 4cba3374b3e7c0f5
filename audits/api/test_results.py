"""What a test found: the grid of a test read at once and written at once, and single items."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import results
from audits.actions.results import LIMITS, MOST, Said
from audits.choices.testing import CellResult
from audits.models.results import TestCell
from audits.models.samples import SampleItem
from audits.queries.results import grid_of
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.requests import Request
from tenants.errors import NotVisible
from tenants.permissions import P

PERFORMS = str(P.PERFORM_TEST)


class TestCellShape(Shown):
    """What one attribute of one item came to."""

    class Meta:
        model = TestCell
        fields = ("attribute", "result", "mark", "note")


class GridItemShape(serializers.Serializer[Any]):
    """One item with its row of the population; cells that are pending are left out."""

    id = serializers.UUIDField(source="item.pk")
    position = serializers.IntegerField(source="item.position")
    item_key = serializers.CharField(source="item.item_key")
    origin = serializers.CharField(source="item.origin")
    facts = serializers.ListField(child=serializers.CharField())
    cells = serializers.SerializerMethodField()

    def get_cells(self, line: Any) -> list[dict[str, Any]]:
        """Those with a result, by attribute in order."""
        held = [cell for cell in line.cells if cell is not None]
        found: list[dict[str, Any]] = TestCellShape(held, many=True).data  # type: ignore[assignment]
        return found


class GridAttributeShape(serializers.Serializer[Any]):
    """One attribute, by its letter."""

    id = serializers.UUIDField()
    letter = serializers.CharField()
    text = serializers.CharField()


class GridShape(serializers.Serializer[Any]):
    """Items × attributes of a test; `version` is the test's, for If-Match."""

    version = serializers.IntegerField(source="test.version")
    status = serializers.CharField(source="test.status")
    headings = serializers.ListField(child=serializers.CharField())
    attributes = GridAttributeShape(many=True)
    items = GridItemShape(source="lines", many=True)
    counts = serializers.DictField(child=serializers.IntegerField())


class CellBody(Body):
    """One cell; an empty result takes it back to pending."""

    item = serializers.UUIDField()
    attribute = serializers.UUIDField()
    result = serializers.ChoiceField([("", "Pending"), *CellResult.choices])
    mark = serializers.CharField(required=False, allow_blank=True, max_length=LIMITS["mark"])
    note = serializers.CharField(required=False, allow_blank=True, max_length=LIMITS["note"])


class CellsBody(Body):
    """Cells of one test, written all or none; those not named stay."""

    cells = serializers.ListField(child=CellBody(), max_length=MOST, allow_empty=False)


class NewItemBody(Body):
    """A configuration seen on a day (TP-06), or one instance for a test of design (TP-02)."""

    name = serializers.CharField(max_length=300)
    on = serializers.DateField(required=False, allow_null=True)


class DropItemBody(Body):
    """An item of no population."""

    item = VisibleField(SampleItem.objects.select_related("test__engagement", "test__control"))


class TestResults(VisibleViewSet):
    """What is read and written below a test, for the viewset of tests."""

    @takes(answers=GridShape)
    @action(detail=True, methods=["get"])
    def grid(self, request: Request, pk: Any) -> Response:
        """The whole grid."""
        return self.answer(grid_of(self.get_object()))

    @takes(CellsBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"])
    def cells(self, request: Request, pk: Any) -> Response:
        """Write cells, up to 10,000 at once. If-Match is the test's version."""
        row, version = self.get_object(), self.version(required=False)
        said = [Said(**each) for each in self.body()["cells"]]
        results.write_cells(row, said, by=request.user, version=version)
        return self.reply(self.get_object())

    @takes(NewItemBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"], url_path="items", url_name="add-item")
    def add_item(self, request: Request, pk: Any) -> Response:
        """Look at something that is drawn from no population."""
        row, given = self.get_object(), self.body()
        version = self.version(required=False)
        results.add_item(
            row, given["name"], on=given.get("on"), by=request.user, version=version
        )  # fmt: skip
        return self.reply(self.get_object())

    @takes(DropItemBody, moves=True, permission=PERFORMS)
    @action(detail=True, methods=["post"], url_path="drop-item", url_name="drop-item")
    def drop_item(self, request: Request, pk: Any) -> Response:
        """Take out an item of no population, with what was found of it."""
        row, version = self.get_object(), self.version(required=False)
        item = self.body()["item"]
        if item.test_id != row.pk:
            raise NotVisible("There is no such record, or it is not shown to you.")
        results.drop_item(item, by=request.user, version=version)
        return self.reply(self.get_object())
