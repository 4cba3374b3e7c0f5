"""The audit package: a frozen list, and the one file built from it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from evidence.choices import PackageStatus
from evidence.models.files import VERSIONS, FileVersion
from tenants.models import Engagement, Organization, User
from tenants.visibility import FirmRecord
from tenants.walls import RowWall, SameEngagement


class Package(FirmRecord):
    """One assembly of an engagement's file. Same frozen list, same bytes (UPL-18).

    `progress` counts entries written of `entry_count`. The result is published by
    compare-and-set on the lease's fencing number, so a slow worker publishes nothing.
    """

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="packages")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=PackageStatus, default=PackageStatus.QUEUED)
    frozen_at = models.DateTimeField(null=True, blank=True)
    entry_count = models.PositiveIntegerField(default=0)
    progress = models.PositiveIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    storage_key = models.CharField(max_length=120, blank=True)
    problem = models.TextField(blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(),
            models.UniqueConstraint(fields=["engagement", "number"], name="package_number_once"),
            models.CheckConstraint(
                name="package_ready_means_whole",
                condition=~Q(status=PackageStatus.READY)
                | Q(size_bytes__isnull=False, frozen_at__isnull=False)
                & ~Q(sha256="")
                & ~Q(storage_key=""),
            ),
        )

    def __str__(self) -> str:
        return f"Package {self.number}"


class PackageEntry(FirmRecord):
    """One line of the frozen list: a path, and the bytes it stands for, inline or by version."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    package = models.ForeignKey(
        Package, models.CASCADE, related_name="entries", db_constraint=False
    )
    position = models.PositiveIntegerField()
    path = models.CharField(max_length=400)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    file_version = models.ForeignKey(
        FileVersion, models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField(null=True)
    source_version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(),
            SameEngagement(link="package_id", to="evidence_package", on_delete="CASCADE"),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="packageentry_client_link",
            ),
            SameEngagement(link="file_version_id", to=VERSIONS, by="client_id"),
            models.UniqueConstraint(fields=["package", "path"], name="package_path_once"),
            models.CheckConstraint(
                name="package_entry_has_one_source",
                condition=Q(content__isnull=False, file_version__isnull=True)
                | Q(content__isnull=True, file_version__isnull=False),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.path)
