"""Files of the client, their immutable versions, and the links that give them meaning."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Now

from evidence.choices import CollectionMethod, ScanOutcome
from evidence.models.evidence_requests import (
    OF_A_SEEN_REQUEST,
    OfARequest,
    OfARequestQuerySet,
    belongs_to_a_request,
)
from tenants import acting
from tenants.errors import NotVisible
from tenants.locking import ClosesWithTheFile
from tenants.models import Organization, User
from tenants.permissions import P
from tenants.visibility import engagements_granting, new_key
from tenants.walls import (
    KEEP,
    Refuses,
    RowWall,
    SameEngagement,
    any_of,
    is_the,
    row_is_seen,
)

VERSIONS = "evidence_fileversion"
LINKS = "evidence_evidencelink"
_NEXT_NUMBER = """UPDATE evidence_evidencefile SET version_count = version_count + 1
WHERE id = %s RETURNING version_count"""
OF_A_SEEN_VERSION = row_is_seen(VERSIONS, "evidence_evidencefile.id", "file_id")


class LinkQuerySet(OfARequestQuerySet):
    """Links: what the client has not handed over is the client's alone (AC-03)."""

    def visible_to(self, user: User) -> Self:
        """Those of the requests `user` sees, as far as handed over to them."""
        own = engagements_granting(user, P.VIEW_CLIENT_FILE)
        handed = Q(handed_over_at__isnull=False) | Q(engagement_id__in=own)
        return super().visible_to(user).filter(handed)


class VersionQuerySet(models.QuerySet[Any]):
    """File versions, reached through links, or by the one who uploaded them."""

    def visible_to(self, user: User) -> Self:
        """Those linked where `user` sees the link, and one's own uploads in this organization."""
        links = EvidenceLink.objects.visible_to(user).order_by().values("file_version_id")
        own = Q(uploaded_by=user, client_id=acting.current().organization_id)
        return self.filter(Q(pk__in=links) | own)

    def find(self, user: User, pk: UUID | str) -> Any:
        """One visible version. Raises NotVisible for foreign and absent alike."""
        try:
            return self.visible_to(user).get(pk=pk)
        except (self.model.DoesNotExist, ValueError, TypeError) as absent:
            raise NotVisible("There is no such file, or it is not shown to you.") from absent


class FileQuerySet(models.QuerySet[Any]):
    """Files; each counts its own versions."""

    def next_number(self, pk: UUID) -> int:
        """Count one more version of a file, holding it until the transaction ends: 1 query."""
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_NUMBER, [pk])
            return int(cursor.fetchone()[0])


class EvidenceFile(models.Model):
    """A document of the client; what it says at a time is a version."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    version_count = models.PositiveIntegerField(db_default=1)
    """How many versions were begun: who adds one may not see them all (a restricted request)."""

    objects = FileQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"({is_the('client_id', 'organization')} AND "
                f"{is_the('created_by_id', 'person')}) OR {OF_A_SEEN_VERSION}",
                rights="SELECT, INSERT, UPDATE (version_count)",
            ),
            models.CheckConstraint(
                name="file_begins_with_a_version", condition=Q(version_count__gte=1)
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class FileVersion(models.Model):
    """Bytes as they were uploaded: never changed (EV-02). Sizes in bytes, digests in hex.

    Coverage is what the evidence speaks for: `covers_from` to `covers_to`, or `captured_on`.
    An erased version keeps its row, hash and reason as a tombstone (EV-05).
    """

    view_permission: ClassVar[P] = P.VIEW_ENGAGEMENT

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    file = models.ForeignKey(
        EvidenceFile, models.PROTECT, related_name="versions", db_constraint=False
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=255)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    crc32 = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=120)
    kind_label = models.CharField(max_length=60)
    notices = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    storage_key = models.CharField(max_length=120, unique=True)
    scan_outcome = models.CharField(
        max_length=11, choices=ScanOutcome, default=ScanOutcome.NOT_SCANNED
    )
    scan_reason = models.CharField(max_length=200, blank=True)
    method = models.CharField(
        max_length=9, choices=CollectionMethod, default=CollectionMethod.UPLOAD
    )
    source_system = models.CharField(max_length=120, blank=True)
    captured_on = models.DateField(null=True, blank=True)
    covers_from = models.DateField(null=True, blank=True)
    covers_to = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(null=True, blank=True)
    erased_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    erased_reason = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ("file", "number")
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"({is_the('client_id', 'organization')} AND "
                f"{is_the('uploaded_by_id', 'person')}) "
                f"OR {row_is_seen(LINKS, 'evidence_fileversion.id', 'file_version_id')}",
                rights=KEEP,
            ),
            SameEngagement(link="file_id", to="evidence_evidencefile", by="client_id"),
            Refuses(
                name="fileversion_never_changes_ev_02",
                on="UPDATE",
                when="(NEW.client_id, NEW.file_id, NEW.number, NEW.name, NEW.size_bytes, "
                "NEW.sha256, NEW.crc32, NEW.storage_key, NEW.uploaded_by_id, NEW.uploaded_at) "
                "IS DISTINCT FROM (OLD.client_id, OLD.file_id, OLD.number, OLD.name, "
                "OLD.size_bytes, OLD.sha256, OLD.crc32, OLD.storage_key, OLD.uploaded_by_id, "
                "OLD.uploaded_at)",
                message="EV-02: a file version is never changed; upload a new version.",
            ),
            models.UniqueConstraint(fields=["file", "number"], name="version_number_once"),
            models.CheckConstraint(
                name="version_covers_forward",
                condition=Q(covers_from=None) | Q(covers_to=None)
                | Q(covers_to__gte=F("covers_from")),
            ),
            models.CheckConstraint(
                name="version_erased_with_reason_ev_05",
                condition=Q(erased_at=None) | Q(erased_by__isnull=False) & ~Q(erased_reason=""),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.name)

    @property
    def label(self) -> str:
        """How the trail names it: by hash, never by the file's own name (DAT-9)."""
        return f"version {self.number}, sha256 {self.sha256[:12]}"


class EvidenceLink(OfARequest):
    """One file version answers one request; the same version may answer many (RQ-07).

    Until `handed_over_at`, which submitting sets, the firm does not see it.
    """

    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    file_version = models.ForeignKey(
        FileVersion, models.PROTECT, related_name="links", db_constraint=False
    )
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)
    handed_over_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = LinkQuerySet.as_manager()

    class Meta:
        ordering = ("added_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(
                only=f"(handed_over_at IS NOT NULL OR {any_of('engagement_id', 'client_side')}) "
                f"AND {OF_A_SEEN_REQUEST}"
            ),
            ClosesWithTheFile(from_release=True),
            belongs_to_a_request(),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="evidencelink_client_link",
            ),
            SameEngagement(link="file_version_id", to=VERSIONS, by="client_id"),
            models.UniqueConstraint(
                fields=["evidence_request", "file_version"], name="link_once_per_request"
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["file_version"], name="link_by_version"),)

    def __str__(self) -> str:
        return f"{self.file_version_id} for {self.evidence_request_id}"
