"""Populations: the rows from which samples are drawn, frozen before anything is drawn (SM-01)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audits.choices.populations import DateOrder, PopulationPart, PopulationStatus
from audits.models.control_tests import ControlTest
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import KEEP, Refuses, RowWall, SameEngagement, names_the_person, row_is_seen

POPULATIONS = "audits_population"
NO_SAMPLE_IN_TYPE_1 = (
    "EXISTS (SELECT 1 FROM tenants_engagement e WHERE e.id = NEW.engagement_id "
    "AND e.exam_type = 'T1')"
)
_ALWAYS = "'{status,version,named}'::text[]"
_AT_ACCEPTANCE = (
    "'{status,version,named,completeness,accuracy,counted_independently,zero_checked,"
    "accepted_by_id,accepted_at}'::text[]"
)


def _changed(but: str) -> str:
    return f"(to_jsonb(NEW) - {but}) IS DISTINCT FROM (to_jsonb(OLD) - {but})"


class Population(FirmRecord):
    """Every performance of a control in part of the period, one a row (SM-02), as the client's
    list told them. From “ready” on no row of it changes; a corrected list is another population
    that replaces this one (SM-07).

    `named`: who alone of the firm may see it, as its evidence request says; None for all.
    `columns`: the list's headings; `key_columns`: those that together name a row, none: its
    number; `date_column`: the one that tells the day, if one does.
    `quarters`: calendar quarter → rows dated there; empty where no column tells the day.
    `sha256` is that of the frozen text with its heading line (`rules/population_rows`).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="populations")
    test = models.ForeignKey(
        ControlTest, models.PROTECT, related_name="populations", db_constraint=False
    )
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10, choices=PopulationStatus, default=PopulationStatus.READING
    )
    part = models.CharField(max_length=9, choices=PopulationPart)
    covers_from = models.DateField()
    covers_to = models.DateField()
    unit = models.CharField(max_length=200)
    """What one row is, such as “one request for access”."""
    source = models.CharField(max_length=300)
    query = models.TextField()
    run_by = models.CharField(max_length=120)
    run_at = models.DateTimeField()
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    columns = models.JSONField(default=list)
    key_columns = models.JSONField(default=list)
    date_column = models.CharField(max_length=300, blank=True)
    date_order = models.CharField(max_length=11, choices=DateOrder, default=DateOrder.YEAR_FIRST)
    quarters = models.JSONField(default=dict)
    dated_outside = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    problem = models.TextField(blank=True)
    completeness = models.TextField(blank=True)
    accuracy = models.TextField(blank=True)
    counted_independently = models.PositiveIntegerField(null=True, blank=True)
    zero_checked = models.BooleanField(default=False)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    named = ArrayField(models.UUIDField(), null=True, blank=True, editable=False)
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("test", "number")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(
                only=f"named IS NULL OR {names_the_person('named')}", rights=KEEP
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="test_id", to="audits_controltest"),
            SameEngagement(link="replaces_id", to=POPULATIONS),
            models.UniqueConstraint(
                fields=["engagement", "test", "number"], name="population_number_once"
            ),
            models.CheckConstraint(
                name="population_says_where_it_came_from",
                condition=~Q(unit="") & ~Q(source="") & ~Q(query="") & ~Q(run_by="")
                & Q(covers_to__gte=F("covers_from")),
            ),
            models.CheckConstraint(
                name="population_accepted_with_its_checks",
                condition=~Q(status=PopulationStatus.ACCEPTED)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False)
                & ~Q(completeness="") & ~Q(accuracy="") & ~Q(sha256="")
                & (Q(row_count__gt=0) | Q(zero_checked=True)),
            ),
            Refuses(
                name="population_none_in_type_1_rt_07",
                when=NO_SAMPLE_IN_TYPE_1,
                message="RT-07: a Type 1 tests design as of one date; it has no populations.",
                on="INSERT",
            ),
            Refuses(
                name="population_is_frozen_sm_07",
                when="OLD.status <> 'reading' AND (NEW.status IN ('reading', 'failed') OR "
                f"{_changed(_AT_ACCEPTANCE)}) "
                "OR OLD.status IN ('accepted', 'superseded', 'failed') AND "
                f"{_changed(_ALWAYS)} OR OLD.status IN ('superseded', 'failed') "
                "AND NEW.status <> OLD.status",
                message="SM-07: a population is frozen once it is read. A corrected list is a "
                "population of its own, which replaces this one.",
                on="UPDATE",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Population {self.number}"

    @property
    def named_people(self) -> list[Any] | None:
        """Who alone may read of it in the trail; None for all of the firm's people on it."""
        return self.named


class PopulationChunk(FirmRecord):
    """Some of a population's rows, in order: whole lines of its frozen text, and their keys."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    population = models.ForeignKey(
        Population, models.CASCADE, related_name="chunks", db_constraint=False
    )
    number = models.PositiveIntegerField()
    first_row = models.PositiveIntegerField()
    row_count = models.PositiveIntegerField()
    content = models.BinaryField()
    keys = models.BinaryField()

    class Meta:
        ordering = ("population", "number")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(
                only=row_is_seen(POPULATIONS, "population_id"), rights="SELECT, INSERT, DELETE"
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="population_id", to=POPULATIONS, on_delete="CASCADE"),
            models.UniqueConstraint(
                fields=["engagement", "population", "number"],
                name="population_chunk_number_once",
            ),
            Refuses(
                name="populationchunk_while_read_sm_07",
                when="TG_OP = 'UPDATE' OR NOT EXISTS (SELECT 1 FROM audits_population p WHERE "
                "p.id = coalesce(NEW.population_id, OLD.population_id) AND p.status = 'reading')",
                message="SM-07: the rows of a population that was read never change.",
                on="INSERT OR UPDATE OR DELETE",
            ),
        )

    def __str__(self) -> str:
        return f"Rows from {self.first_row}"
