"""A SOC 1 control objective, as the client states it (soc.md, section 6)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from audits.choices import ObjectiveGroup
from audits.models.library.base import LibraryRecord
from tenants.walls import RowWall


class ControlObjective(LibraryRecord):
    """The aim of a group of controls. It is itself the criterion of a SOC 1, so it is specific."""

    ref = models.CharField(max_length=20)
    group = models.CharField(max_length=16, choices=ObjectiveGroup)
    domain = models.CharField(max_length=80)
    title = models.CharField(max_length=160)
    text = models.TextField()

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        constraints = (
            RowWall.library(),
            models.UniqueConstraint(fields=["client", "ref"], name="objective_ref_once"),
            models.CheckConstraint(
                name="objective_group_known", condition=Q(group__in=ObjectiveGroup.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"
