"""The package page of an engagement: what it holds, one button, how far, how to check it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evidence import downloads
from evidence.actions import packages as actions
from evidence.choices import PackageStatus
from evidence.models import Package
from evidence.queries.package_listing import find, folder_name, packages_of, percent_done
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found as found_engagement
from tenants.portal.trail_words import ICONS, PHRASES

SHOWN = 50
PART = "partials/progress.html"

PHRASES.update(
    {
        "package.requested": "asked for {label}",
        "package.begin": "began to assemble {label}",
        "package.publish": "finished {label}",
        "package.fail": "could not assemble {label}",
        "package.retry": "had {label} assembled again",
        "package.downloaded": "downloaded {label}",
    }
)
ICONS.update({"package.requested": "package", "package.downloaded": "download"})


@require_safe
@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """What a package is, and those there are."""
    anchor = _of_the_firm(request, engagement)
    rows = list(packages_of(anchor, request.user)[:SHOWN])
    under_way = any(row.status in actions.UNDER_WAY for row in rows)
    may_build = holds(request, P.BUILD_PACKAGE, anchor)
    context = {
        "packages": [_shown(row) for row in rows],
        "may_assemble": may_build and not under_way,
        "may_build": may_build,
        "may_download": holds(request, P.DOWNLOAD_PACKAGE, anchor),
    }
    return engagement_page(request, anchor, "evidence/packages/index.html", context)


@require_POST
@signed_in
def assemble(request: Request, engagement: UUID) -> HttpResponse:
    """Ask for a package of the engagement as it stands."""
    anchor = _of_the_firm(request, engagement)
    package = actions.request(anchor, by=request.user)
    says = f"Package {package.number} is being assembled. You get a notice when it is ready."
    return back(request, "evidence:packages", anchor.pk, says=says)


@require_POST
@signed_in
def retry(request: Request, engagement: UUID, package: UUID) -> HttpResponse:
    """Assemble a failed package again."""
    anchor = _of_the_firm(request, engagement)
    actions.retry(find(anchor, request.user, package), by=request.user)
    return back(request, "evidence:packages", anchor.pk)


@require_safe
@signed_in
def progress(request: Request, engagement: UUID, package: UUID) -> HttpResponse:
    """How far a package is, asked every second; at the end the whole page is shown anew."""
    row = find(_of_the_firm(request, engagement), request.user, package)
    response = render(request, PART, {"job": _job(row), "refresh_url": _index_url(row)})
    if row.status not in actions.UNDER_WAY:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@signed_in
def download(request: Request, engagement: UUID, package: UUID) -> HttpResponseBase:
    """The package's bytes. The trail knows of it before the first one leaves (EV-03)."""
    row = find(_of_the_firm(request, engagement), request.user, package)
    return downloads.answer(request, downloads.of_package(row), by=request.user)


def _of_the_firm(request: Request, engagement: UUID) -> Engagement:
    """The engagement, for the firm's people on it; for all others there are no packages."""
    anchor = found_engagement(request, engagement)
    if not holds(request, P.VIEW_FIRM_FILE, anchor):
        raise NotVisible("There is no such page, or it is not shown to you.")
    return anchor


def _index_url(package: Package) -> str:
    return reverse("evidence:packages", args=[package.engagement_id])


def _shown(package: Package) -> dict[str, Any]:
    return {"row": package, "folder": folder_name(package), "job": _job(package)}


def _job(package: Package) -> dict[str, Any]:
    """What `partials/progress.html` shows of a package."""
    return {
        "id": package.pk,
        "label": package.get_status_display(),
        "running": package.status in actions.UNDER_WAY,
        "failed": package.status == PackageStatus.FAILED,
        "percent": percent_done(package),
        "message": _message(package),
        "url": reverse("evidence:package_progress", args=[package.engagement_id, package.pk]),
    }


def _message(package: Package) -> str:
    if package.status == PackageStatus.QUEUED:
        return "Waiting for a worker to begin."
    if package.status == PackageStatus.ASSEMBLING:
        return f"{package.progress:,} of {package.entry_count:,} files written."
    return package.problem
