"""Samples: which rows of a population are tested, how they were chosen, and the items."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.populations import WITHOUT_SAMPLE, DrawKind, ItemOrigin, SampleMethod
from audits.models.control_tests import ControlTest
from audits.models.populations import NO_SAMPLE_IN_TYPE_1, POPULATIONS, Population
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import APPEND, AppendOnly, Refuses, RowWall, SameEngagement, row_is_seen

SAMPLES = "audits_sample"
ITEMS = "audits_sampleitem"
OF_A_SEEN_SAMPLE = row_is_seen(SAMPLES, "sample_id")


class Sample(FirmRecord):
    """The draw from one accepted population: method, size, the table's row used, and the seed.

    `size` is what was drawn first; later items are in `SampleDraw`. `table_number`: the version of
    the firm's table of sizes (0: the platform's). `why`: of a choice by hand, or of another size
    than the table says.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="samples")
    population = models.ForeignKey(
        Population, models.PROTECT, related_name="samples", db_constraint=False
    )
    method = models.CharField(max_length=10, choices=SampleMethod)
    why = models.TextField(blank=True)
    size = models.PositiveIntegerField()
    risk = models.CharField(max_length=8)
    table_number = models.PositiveIntegerField()
    table_row = models.JSONField()
    seed = models.CharField(max_length=32)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("drawn_at",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=row_is_seen(POPULATIONS, "population_id"), rights=APPEND),
            AppendOnly(),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="population_id", to=POPULATIONS),
            models.UniqueConstraint(
                fields=["engagement", "population"], name="sample_once_per_population"
            ),
            models.CheckConstraint(
                name="sample_seed_and_size",
                condition=Q(seed__regex="^[0-9a-f]{32}$", size__gte=1),
            ),
            models.CheckConstraint(
                name="sample_by_hand_says_why",
                condition=~Q(method__in=(SampleMethod.HAPHAZARD, SampleMethod.JUDGMENTAL))
                | ~Q(why=""),
            ),
            Refuses(
                name="sample_none_in_type_1_rt_07",
                when=NO_SAMPLE_IN_TYPE_1,
                message="RT-07: a Type 1 tests design as of one date; it has no samples.",
            ),
            Refuses(
                name="sample_of_its_population_sm_01",
                when="NOT EXISTS (SELECT 1 FROM audits_population p WHERE p.id = "
                "NEW.population_id AND p.status = 'accepted' AND p.ready_at < NEW.drawn_at)",
                message="SM-01: nothing is drawn before the population is frozen and accepted.",
                on="INSERT",
            ),
        )

    def __str__(self) -> str:
        return f"Sample of {self.size}"

    @property
    def named_people(self) -> list[Any] | None:
        """Who alone may read of it in the trail, as of its population."""
        return self.population.named_people


class SampleDraw(FirmRecord):
    """One time that items came into a sample: drawn, expanded, added, replaced; with the reason."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    sample = models.ForeignKey(Sample, models.PROTECT, related_name="draws", db_constraint=False)
    kind = models.CharField(max_length=9, choices=DrawKind)
    count = models.PositiveIntegerField()
    reason = models.TextField(blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("made_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=OF_A_SEEN_SAMPLE, rights=APPEND),
            AppendOnly(),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="sample_id", to=SAMPLES),
            models.CheckConstraint(
                name="sample_draw_says_why",
                condition=Q(count__gte=1) & (Q(kind=DrawKind.DRAWN) | ~Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.count}"


class SampleItem(FirmRecord):
    """One item that a test looks at: a row of a population, or one configuration or instance.

    `position` counts within the test. `row` holds the cells of the row in the order of the
    population's columns; `row_sha256` names it (`rules/population_rows.row_hash`). An item that
    another `replaces` is no longer tested and stays in the file (SM-10).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    test = models.ForeignKey(ControlTest, models.PROTECT, related_name="items", db_constraint=False)
    sample = models.ForeignKey(
        Sample, models.PROTECT, null=True, blank=True, related_name="items", db_constraint=False
    )
    position = models.PositiveIntegerField()
    item_key = models.CharField(max_length=300)
    row_number = models.PositiveIntegerField(null=True, blank=True)
    row = models.JSONField(default=list)
    row_sha256 = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=13, choices=ItemOrigin)
    site = models.CharField(max_length=120, blank=True)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by",
        db_constraint=False,
    )  # fmt: skip
    reason = models.TextField(blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(
                only=f"sample_id IS NULL OR {OF_A_SEEN_SAMPLE}", rights="SELECT, INSERT, DELETE"
            ),
            Refuses(
                name="sample_item_is_kept_sm_07",
                when="TG_OP = 'UPDATE' OR OLD.sample_id IS NOT NULL",
                message="SM-07: an item that was drawn stays as it was drawn.",
                on="UPDATE OR DELETE",
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="test_id", to="audits_controltest"),
            SameEngagement(link="sample_id", to=SAMPLES),
            SameEngagement(link="replaces_id", to=ITEMS),
            models.UniqueConstraint(
                fields=["engagement", "test", "position"], name="sample_item_position_once"
            ),
            models.UniqueConstraint(
                fields=["engagement", "sample", "row_number"], name="sample_item_row_once"
            ),
            models.UniqueConstraint(
                fields=["engagement", "replaces"], name="sample_item_replaced_once"
            ),
            models.CheckConstraint(
                name="sample_item_of_a_sample_or_of_none",
                condition=Q(sample=None, row_number=None, origin__in=WITHOUT_SAMPLE)
                | Q(sample__isnull=False, row_number__gte=1) & ~Q(origin__in=WITHOUT_SAMPLE)
                & ~Q(row_sha256=""),
            ),
            models.CheckConstraint(
                name="sample_item_replaced_for_a_reason",
                condition=~Q(item_key="")
                & (Q(replaces=None) & ~Q(origin=ItemOrigin.REPLACEMENT)
                   | Q(replaces__isnull=False) & ~Q(reason="")),
            ),
            Refuses(
                name="sampleitem_of_its_test_sm_03",
                when="NEW.sample_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM audits_sample s "
                "JOIN audits_population p ON p.id = s.population_id WHERE s.id = NEW.sample_id "
                "AND p.test_id = NEW.test_id)",
                message="SM-03: an item is tested where its population belongs.",
                on="INSERT",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Item {self.position}: {self.item_key}"
