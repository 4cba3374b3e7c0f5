"""What did not run as it is told: the firm's own record of each deviation (DV-01)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.deviations import FIRM_ALONE, DeviationNature, DeviationStatus
from audits.models.control_tests import CONTROL, TEST, ControlTest, TestAttribute
from audits.models.controls import EngagementControl
from audits.models.samples import ITEMS, SampleItem
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import ALL, Refuses, RowWall, SameEngagement, row_is_seen

_OF_ITS_TEST = (
    "NEW.test_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM audits_controltest t WHERE "
    "t.id = NEW.test_id AND t.control_id = NEW.control_id) OR (NEW.item_id IS NOT NULL AND "
    "NOT EXISTS (SELECT 1 FROM audits_sampleitem i JOIN audits_testattribute a "
    "ON a.test_id = i.test_id WHERE i.id = NEW.item_id AND a.id = NEW.attribute_id "
    "AND i.test_id = NEW.test_id)))"
)


class Deviation(FirmRecord):
    """One thing that did not run as it is told: of one cell of a test, or seen otherwise.

    `nature` and `cause` say what it means for items nobody looked at; `effect` whether the risk
    came true; `fixed` what was done since. `compensating` names a control that would have caught
    the same failure, and `compensating_why` how (DV-04). `after_the_fact`: its evidence was made
    after the performance was due (DV-02). It hides where its item does.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="deviations", db_constraint=False
    )
    number = models.PositiveIntegerField()
    test = models.ForeignKey(
        ControlTest, models.PROTECT, null=True, blank=True, related_name="deviations",
        db_constraint=False,
    )  # fmt: skip
    item = models.ForeignKey(
        SampleItem, models.PROTECT, null=True, blank=True, related_name="deviations",
        db_constraint=False,
    )  # fmt: skip
    attribute = models.ForeignKey(
        TestAttribute, models.PROTECT, null=True, blank=True, related_name="deviations",
        db_constraint=False,
    )  # fmt: skip
    status = models.CharField(max_length=12, choices=DeviationStatus, default=DeviationStatus.FOUND)
    happened = models.TextField()
    happened_on = models.DateField(null=True, blank=True)
    cause = models.TextField(blank=True)
    nature = models.CharField(max_length=10, choices=DeviationNature, blank=True)
    intentional = models.BooleanField(default=False)
    effect = models.TextField(blank=True)
    found_by = models.CharField(max_length=160, blank=True)
    fixed = models.TextField(blank=True)
    compensating = models.ForeignKey(
        EngagementControl, models.PROTECT, null=True, blank=True, related_name="compensates",
        db_constraint=False,
    )  # fmt: skip
    compensating_why = models.TextField(blank=True)
    after_the_fact = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("number",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(
                only=f"item_id IS NULL OR {row_is_seen(ITEMS, 'item_id')}", rights=ALL
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="control_id", to=CONTROL),
            SameEngagement(link="test_id", to=TEST),
            SameEngagement(link="item_id", to=ITEMS),
            SameEngagement(link="attribute_id", to="audits_testattribute"),
            SameEngagement(link="compensating_id", to=CONTROL),
            models.UniqueConstraint(
                fields=["engagement", "number"], name="deviation_number_once"
            ),
            models.UniqueConstraint(
                fields=["engagement", "item", "attribute"], name="deviation_once_per_cell"
            ),
            models.CheckConstraint(
                name="deviation_says_what_happened",
                condition=~Q(happened="") & Q(number__gte=1),
            ),
            models.CheckConstraint(
                name="deviation_of_a_cell_or_of_none",
                condition=Q(item=None, attribute=None)
                | Q(test__isnull=False, item__isnull=False, attribute__isnull=False),
            ),
            models.CheckConstraint(
                name="deviation_is_explained_dv_01",
                condition=Q(status=DeviationStatus.FOUND)
                | ~Q(cause="") & ~Q(nature="") & ~Q(effect=""),
            ),
            models.CheckConstraint(
                name="deviation_compensated_by_another_dv_04",
                condition=Q(compensating=None, compensating_why="")
                | ~Q(compensating=models.F("control")) & ~Q(compensating_why=""),
            ),
            Refuses(
                name="deviation_of_its_test_dv_01",
                when=_OF_ITS_TEST,
                message="DV-01: a deviation names an item and an attribute of a test of its own "
                "control.",
            ),
            Refuses(
                name="deviation_stays_once_told",
                when=f"OLD.status NOT IN {tuple(str(each) for each in FIRM_ALONE)} OR EXISTS "
                "(SELECT 1 FROM audits_signoff s WHERE s.engagement_id = OLD.engagement_id "
                "AND s.paper_id = OLD.id)",
                message="SO-05: a deviation that was signed, or told to the client, stays in the "
                "file.",
                on="DELETE",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Deviation {self.number} of {self.control.ref}"
