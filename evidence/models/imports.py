"""A request list on its way in: the file, how it was understood, and each of its rows."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from evidence.choices import ImportStatus, RowPlan
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.visibility import FirmRecord, new_key
from tenants.walls import RowWall, SameEngagement

IMPORTS = "evidence_requestimport"


class RequestImport(FirmRecord):
    """One list handed in by the firm. Nothing of it is a request until its rows are imported."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="request_imports")
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    storage_key = models.CharField(max_length=120)
    status = models.CharField(max_length=9, choices=ImportStatus, default=ImportStatus.READING)
    sheets = models.JSONField(default=list)
    """Titles of the list's sheets, the header found in each, and their first rows as text."""
    sheet = models.CharField(max_length=120, blank=True)
    header_row = models.PositiveIntegerField(null=True)
    """The row of the headings, from 1: as it was found, or, with `header_chosen`, pointed at."""
    header_chosen = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    """The header's columns: index, words, the field they were taken for, and examples."""
    mapping = models.JSONField(default=dict)
    """Column index (as text) → field, as chosen by a person; empty: as recognized."""
    day_first = models.BooleanField(null=True)
    """How a person says that the list writes 10/11/2026; None: as known from the list."""
    header_signature = models.CharField(max_length=64, blank=True)
    notices = models.JSONField(default=list)
    problem = models.JSONField(default=dict)
    """Why it could not be read: code and message."""
    counts = models.JSONField(default=dict)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        default_permissions = ()
        constraints = (RowWall.firm_only(), ClosesWithTheFile())

    def __str__(self) -> str:
        return str(self.name)

    @property
    def label(self) -> str:
        """How the trail names it."""
        return f"list, sha256 {self.sha256[:12]}"


class ImportRow(FirmRecord):
    """One row of a list: what was read, what is wrong with it, what importing it would do."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    request_import = models.ForeignKey(
        RequestImport, models.CASCADE, related_name="rows", db_constraint=False
    )
    sheet_row = models.PositiveIntegerField()
    ref = models.CharField(max_length=80, blank=True)
    plan = models.CharField(max_length=9, choices=RowPlan)
    codes = ArrayField(models.CharField(max_length=40), default=list)
    messages = models.JSONField(default=list)
    fields = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    """Field → [before, after], for an update."""
    cells = models.JSONField(default=list)
    """What the row's cells say, as text, for a row that must be corrected in the list."""
    left_out = models.BooleanField(default=False)
    """A person does not want it imported, though it could be."""
    imported = models.BooleanField(default=False)

    class Meta:
        ordering = ("sheet_row",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(),
            ClosesWithTheFile(),
            SameEngagement(link="request_import_id", to=IMPORTS, on_delete="CASCADE"),
            models.UniqueConstraint(fields=["request_import", "sheet_row"], name="import_row_once"),
        )

    def __str__(self) -> str:
        return f"Row {self.sheet_row}"


class RememberedMapping(models.Model):
    """How a firm's people mapped a header once, for the next list with the same header."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    header_signature = models.CharField(max_length=64)
    mapping = models.JSONField()
    day_first = models.BooleanField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.organization(),
            models.UniqueConstraint(
                fields=["organization", "header_signature"], name="mapping_once_per_header"
            ),
        )

    def __str__(self) -> str:
        return str(self.header_signature)
