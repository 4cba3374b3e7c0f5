"""Controls, how they are told, where they run, and what they answer to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices import Assertion, ControlFrequency, ControlNature, ControlSide, ControlType
from audits.models.catalog import Criterion
from audits.models.library.base import LibraryRecord
from audits.models.library.objectives import ControlObjective
from tenants.models import User
from tenants.walls import RowWall, SameEngagement

CONTROLS = "audits_control"


class System(LibraryRecord):
    """A system of the client in which controls run; named in narratives (NR-05)."""

    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("name",)
        default_permissions = ()
        constraints = (
            RowWall.library(),
            models.UniqueConstraint(fields=["client", "name"], name="system_name_once"),
        )

    def __str__(self) -> str:
        return self.name


class Control(LibraryRecord):
    """A policy, procedure or setting that lowers a risk. Its text is its latest narrative."""

    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    owner_role = models.CharField(max_length=120)
    frequency = models.CharField(max_length=16, choices=ControlFrequency)
    nature = models.CharField(max_length=20, choices=ControlNature)
    type = models.CharField(max_length=12, choices=ControlType)
    evidence = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    """What usually shows that the control ran: one line each."""
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    deputy = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    performer_role = models.CharField(max_length=120, blank=True)
    reviewer_role = models.CharField(max_length=120, blank=True)
    side = models.CharField(max_length=12, choices=ControlSide, default=ControlSide.CLIENT)
    ipe = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    """Reports the control relies on, one line each."""
    population_source = models.TextField(blank=True)
    """System and query that list its occurrences."""
    assertions = ArrayField(
        models.CharField(max_length=16, choices=Assertion), default=list, blank=True
    )
    """What of the transactions it speaks for, in a SOC 1."""
    systems = models.ManyToManyField(System, through="ControlSystem", related_name="controls")
    criteria = models.ManyToManyField(Criterion, through="ControlCriterion", related_name="+")
    objectives = models.ManyToManyField(
        ControlObjective, through="ControlObjectiveLink", related_name="controls"
    )
    retired_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        constraints = (
            RowWall.library(),
            models.UniqueConstraint(fields=["client", "ref"], name="control_ref_once"),
            models.CheckConstraint(
                name="control_attributes_known",
                condition=Q(
                    frequency__in=ControlFrequency.values,
                    nature__in=ControlNature.values,
                    type__in=ControlType.values,
                    side__in=ControlSide.values,
                    assertions__contained_by=Assertion.values,
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class Narrative(LibraryRecord):
    """One version of how a control is told; versions are numbered from 1 and never changed."""

    control = models.ForeignKey(
        Control, models.PROTECT, related_name="narratives", db_constraint=False
    )
    number = models.PositiveIntegerField()
    text = models.TextField()
    effective_from = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("control", "-number")
        default_permissions = ()
        constraints = (
            RowWall.library(rights="SELECT, INSERT"),
            SameEngagement(link="control_id", to=CONTROLS, by="client_id"),
            models.UniqueConstraint(fields=["control", "number"], name="narrative_number_once"),
        )

    def __str__(self) -> str:
        return f"Version {self.number}"


class ControlSystem(LibraryRecord):
    """A control runs in a system."""

    control = models.ForeignKey(Control, models.CASCADE, db_constraint=False)
    system = models.ForeignKey(System, models.PROTECT, db_constraint=False)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.library(),
            SameEngagement(link="control_id", to=CONTROLS, by="client_id", on_delete="CASCADE"),
            SameEngagement(link="system_id", to="audits_system", by="client_id"),
            models.UniqueConstraint(fields=["control", "system"], name="control_system_once"),
        )

    def __str__(self) -> str:
        return f"{self.control_id} in {self.system_id}"


class ControlCriterion(LibraryRecord):
    """A control answers to a trust services criterion, with one line why (NR-14)."""

    control = models.ForeignKey(
        Control, models.CASCADE, related_name="criterion_links", db_constraint=False
    )
    criterion = models.ForeignKey(Criterion, models.PROTECT)
    rationale = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.library(),
            SameEngagement(link="control_id", to=CONTROLS, by="client_id", on_delete="CASCADE"),
            models.UniqueConstraint(fields=["control", "criterion"], name="control_criterion_once"),
        )

    def __str__(self) -> str:
        return f"{self.control_id} for {self.criterion_id}"


class ControlObjectiveLink(LibraryRecord):
    """A control serves a control objective, with one line why (NR-14)."""

    control = models.ForeignKey(
        Control, models.CASCADE, related_name="objective_links", db_constraint=False
    )
    objective = models.ForeignKey(ControlObjective, models.PROTECT, db_constraint=False)
    rationale = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.library(),
            SameEngagement(link="control_id", to=CONTROLS, by="client_id", on_delete="CASCADE"),
            SameEngagement(link="objective_id", to="audits_controlobjective", by="client_id"),
            models.UniqueConstraint(fields=["control", "objective"], name="control_objective_once"),
        )

    def __str__(self) -> str:
        return f"{self.control_id} for {self.objective_id}"
