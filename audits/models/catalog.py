"""The published criteria, in our own words: the same for everybody, changed by migration only."""

from __future__ import annotations

from django.db import models

from audits.choices import ObjectiveGroup
from tenants.choices import Category, ReportType

EDITION = "TSC 2017, points of focus revised 2022"


class Criterion(models.Model):
    """One of the 61 trust services criteria. Common ones belong to every category."""

    identifier = models.CharField(max_length=6, primary_key=True)
    series = models.CharField(max_length=3)
    category = models.CharField(max_length=20, choices=Category)
    title = models.CharField(max_length=120)
    summary = models.TextField()
    points_of_focus_count = models.PositiveSmallIntegerField()
    common = models.BooleanField()
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return f"{self.identifier} {self.title}"


class DescriptionCriterion(models.Model):
    """What a system description must hold: DC1 to DC9, and ours for a SOC 1 (RT-18)."""

    identifier = models.CharField(max_length=8, primary_key=True)
    report_type = models.CharField(max_length=4, choices=ReportType)
    title = models.CharField(max_length=120)
    summary = models.TextField()
    applies_to = models.CharField(max_length=20)
    condition = models.CharField(max_length=200)
    data_source = models.CharField(max_length=300)
    completeness_check = models.TextField()
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        verbose_name_plural = "description criteria"

    def __str__(self) -> str:
        return f"{self.identifier} {self.title}"


class CatalogObjective(models.Model):
    """A control objective as many service organizations state it: a start for their own."""

    identifier = models.CharField(max_length=8, primary_key=True)
    group = models.CharField(max_length=16, choices=ObjectiveGroup)
    domain = models.CharField(max_length=80)
    title = models.CharField(max_length=160)
    text = models.TextField()
    position = models.PositiveSmallIntegerField(unique=True)

    class Meta:
        ordering = ("position",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.identifier} {self.title}"
