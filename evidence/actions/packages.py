"""Packages: asked for, tried again, given out. `package_building` does the work in between."""

from __future__ import annotations

from django.db import transaction

from evidence.choices import PackageStatus as S
from evidence.models import Package
from tenants import outbox, trail
from tenants.choices import TrailZone
from tenants.errors import Refused
from tenants.lifecycle import Lifecycle, Move, locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

UNDER_WAY = (S.QUEUED, S.ASSEMBLING)
FIRM = TrailZone.FIRM

LIFECYCLE = Lifecycle(
    Move("begin", [S.QUEUED], S.ASSEMBLING, by_system=True, zone=FIRM),
    Move("publish", [S.ASSEMBLING], S.READY, by_system=True, zone=FIRM),
    Move("fail", UNDER_WAY, S.FAILED, by_system=True, zone=FIRM),
    Move("retry", [S.FAILED], S.QUEUED, P.BUILD_PACKAGE, label="Try again", tone="primary",
         zone=FIRM),
)  # fmt: skip


def request(engagement: Engagement, *, by: User) -> Package:
    """Ask for a package of the engagement as it stands when a worker begins.

    Packages of an engagement are numbered from 1. Raises PermissionDenied, Refused while
    another one is under way.
    """
    require(by, P.BUILD_PACKAGE, engagement)
    with transaction.atomic():
        row = locked(engagement)  # one at a time counts and asks
        _refuse_while_under_way(row)
        package = Package.objects.create(
            engagement=row,
            number=Package.objects.filter(engagement=row).count() + 1,
            requested_by=by,
        )
        trail.record("requested", package, by=by, engagement_id=row.pk, after=S.QUEUED, zone=FIRM)
        outbox.enqueue_followers(package, "requested", row.pk)
    package.refresh_from_db()
    return package


def retry(package: Package, *, by: User, version: int | None = None) -> Package:
    """Assemble a failed package again, from the engagement as it stands then.

    Raises PermissionDenied, MoveRefused, StaleVersion, Refused while another one is under way.
    """
    require(by, P.BUILD_PACKAGE, package.engagement)
    with transaction.atomic():
        _refuse_while_under_way(locked(package.engagement))
        with LIFECYCLE.moving("retry", package, by=by, version=version) as row:
            row.problem, row.frozen_at, row.finished_at = "", None, None
            row.requested_by = by  # in whose right it is assembled from here on
            row.entry_count = row.progress = row.total_bytes = 0
            row.entries.all().delete()
    return package


def note_download(package: Package, *, by: User, told: bool = True) -> None:
    """Write the download into the trail, before the first byte leaves (EV-03).

    `told` is False for a question that no byte answers, such as HEAD. Raises PermissionDenied,
    Refused for a package that is not ready.
    """
    require(by, P.DOWNLOAD_PACKAGE, package.engagement)
    if package.status != S.READY:
        raise Refused(
            f"This package is {package.get_status_display().lower()}; there is nothing to "
            "download yet.", code="package_not_ready",
        )  # fmt: skip
    if not told:
        return
    trail.record(
        "downloaded", package, by=by, engagement_id=package.engagement_id, zone=FIRM,
        detail={"sha256": package.sha256, "size_bytes": package.size_bytes},
    )  # fmt: skip


def _refuse_while_under_way(engagement: Engagement) -> None:
    if Package.objects.filter(engagement=engagement, status__in=UNDER_WAY).exists():
        raise Refused(
            "A package of this engagement is being assembled; wait until it is done.",
            code="package_under_way",
        )
