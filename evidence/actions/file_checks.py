"""What holds for every act on a file, and how each is written into its chain of custody."""

from __future__ import annotations

from typing import Any

from evidence.actions.answering import require_answering
from evidence.choices import WITH_CLIENT
from evidence.models import EvidenceLink, EvidenceRequest, FileVersion
from tenants import trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused
from tenants.models import User


def require_forward(dates: FileVersion) -> None:
    """Raise Invalid for a span that ends before it begins."""
    if dates.covers_from and dates.covers_to and dates.covers_from > dates.covers_to:
        raise Invalid("The dates run backwards.", code="coverage_backwards", field="covers_to")


def require_known_here(row: EvidenceRequest, version: FileVersion, *, field: str) -> None:
    """A file serves one client with one firm (RQ-07); any other is as good as none: Invalid."""
    engagement = row.engagement
    here = version.client_id == engagement.client_id and EvidenceLink.objects.filter(
        file_version__file_id=version.file_id, engagement__firm_id=engagement.firm_id
    ).exists()  # fmt: skip
    if not here:
        raise Invalid("There is no such file.", code="file_unknown", field=field)


def require_waiting(row: EvidenceRequest, by: User) -> None:
    """Raise PermissionDenied or Refused unless `by` may add files to the request now."""
    require_answering(by, row)
    if row.status not in WITH_CLIENT:
        raise Refused(
            f"This is {row.get_status_display().lower()} now; files are added while it is with "
            "the client.", code="not_with_client",
        )  # fmt: skip


def record_file(
    verb: str, row: EvidenceRequest, version: FileVersion, by: User, *,
    zone: str = TrailZone.SHARED, note: str = "", detail: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """One entry of a file's chain of custody, told by hash (EV-03)."""
    trail.record(
        verb, row, by=by, engagement_id=row.engagement_id, zone=zone, note=note,
        detail={
            "file_version": str(version.pk), "number": version.number, "sha256": version.sha256,
            "size_bytes": version.size_bytes, **(detail or {}),
        },
    )  # fmt: skip
