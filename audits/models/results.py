"""What a test found: one cell for each item and attribute (TP-05)."""

from __future__ import annotations

from django.db import models

from audits.choices.testing import CellResult
from audits.models.control_tests import TEST, ControlTest, TestAttribute
from audits.models.samples import ITEMS, SampleItem
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement
from tenants.visibility import FirmRecord
from tenants.walls import ALL, Refuses, RowWall, SameEngagement, row_is_seen


class TestCell(FirmRecord):
    """What one attribute of one item came to; without a row it is pending.

    `mark` is the auditor's tick mark, `note` what was seen. A cell hides where its item does.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    test = models.ForeignKey(ControlTest, models.CASCADE, related_name="cells", db_constraint=False)
    item = models.ForeignKey(SampleItem, models.CASCADE, related_name="cells", db_constraint=False)
    attribute = models.ForeignKey(
        TestAttribute, models.PROTECT, related_name="cells", db_constraint=False
    )
    result = models.CharField(max_length=9, choices=CellResult)
    mark = models.CharField(max_length=8, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=row_is_seen(ITEMS, "item_id"), rights=ALL),
            SameEngagement(link="test_id", to=TEST, on_delete="CASCADE"),
            SameEngagement(link="item_id", to=ITEMS, on_delete="CASCADE"),
            SameEngagement(link="attribute_id", to="audits_testattribute"),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "item", "attribute"], name="test_cell_once"
            ),
            models.CheckConstraint(
                name="test_cell_result_known", condition=models.Q(result__in=CellResult.values)
            ),
            Refuses(
                name="testcell_of_its_test_tp_05",
                when="(SELECT i.test_id FROM audits_sampleitem i WHERE i.id = NEW.item_id) IS "
                "DISTINCT FROM NEW.test_id OR (SELECT a.test_id FROM audits_testattribute a "
                "WHERE a.id = NEW.attribute_id) IS DISTINCT FROM NEW.test_id",
                message="TP-05: a cell joins an item and an attribute of one test.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_result_display()}"
