"""What an engagement examines: its frozen criteria or objectives."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audits.models.catalog import Criterion
from audits.models.library import ControlObjective
from tenants.choices import Basis, Category
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.visibility import Record
from tenants.walls import DatabaseRule, Refuses, RowWall, SameEngagement

OF_ENGAGEMENT = "(SELECT held.basis FROM tenants_engagement held WHERE held.id = NEW.engagement_id)"
"""SQL: what the row's engagement is measured against."""


class FitsReportType(DatabaseRule):
    """A scope item's basis is its engagement's: no criterion in a SOC 1, no objective elsewhere."""

    def __init__(self, *, name: str = "scopeitem_basis_fits_rt_02_03") -> None:
        super().__init__(name=name)

    def statements(self, table: str) -> str:
        return (
            "CREATE UNIQUE INDEX IF NOT EXISTS tenants_engagement_basis_key "
            "ON tenants_engagement (id, basis); "
            f"ALTER TABLE {table} ADD CONSTRAINT {self.name} FOREIGN KEY (engagement_id, basis) "
            "REFERENCES tenants_engagement (id, basis)"
        )

    def removal(self, table: str) -> str:
        return f"ALTER TABLE {table} DROP CONSTRAINT {self.name}"


class ScopeItem(Record):
    """One criterion (SOC 2, SOC 3) or control objective (SOC 1) of an engagement, as frozen.

    Identifier and text are copied, so that later editions and edits do not alter history. An item
    left out keeps its place with `relevant=False`, a reason and who approved (RT-04).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="scope_items")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    basis = models.CharField(max_length=9, choices=Basis)
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, related_name="+")
    objective = models.ForeignKey(
        ControlObjective, models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    identifier = models.CharField(max_length=20)
    series = models.CharField(max_length=80)
    category = models.CharField(max_length=20, choices=Category, blank=True)
    common = models.BooleanField(default=False)
    title = models.CharField(max_length=160)
    text = models.TextField()
    position = models.PositiveSmallIntegerField()
    relevant = models.BooleanField(default=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(),
            FitsReportType(),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="scopeitem_client_link",
            ),
            SameEngagement(link="objective_id", to="audits_controlobjective", by="client_id"),
            Refuses(
                name="scopeitem_criterion_in_soc1_rt_02",
                when=f"{OF_ENGAGEMENT} = 'objective' AND "
                "(NEW.basis = 'criterion' OR NEW.criterion_id IS NOT NULL)",
                message="RT-02: trust services criteria are not a basis for a SOC 1. Name a "
                "control objective instead.",
            ),
            Refuses(
                name="scopeitem_objective_in_soc2_rt_03",
                when=f"{OF_ENGAGEMENT} = 'criterion' AND "
                "(NEW.basis = 'objective' OR NEW.objective_id IS NOT NULL)",
                message="RT-03: control objectives are not a basis for a SOC 2 or SOC 3. Name a "
                "trust services criterion instead.",
            ),
            models.UniqueConstraint(
                fields=["engagement", "identifier"], name="scope_item_once_per_engagement"
            ),
            models.CheckConstraint(
                name="scope_item_is_criterion_or_objective_rt_02_03",
                condition=Q(
                    basis=Basis.CRITERION, criterion__isnull=False, objective__isnull=True
                )
                | Q(basis=Basis.OBJECTIVE, criterion__isnull=True, objective__isnull=False),
            ),
            models.CheckConstraint(
                name="scope_item_left_out_with_reason_rt_04",
                condition=Q(relevant=True) | Q(decided_by__isnull=False) & ~Q(reason=""),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.identifier} {self.title}"
