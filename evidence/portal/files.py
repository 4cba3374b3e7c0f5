"""Files of a request: down, linked, dated, taken off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from evidence import downloads
from evidence.actions import files as actions
from evidence.models import FileVersion
from evidence.portal.base import Scene, found_link, question, scene
from evidence.portal.request_forms import DatesForm
from evidence.queries import request_page
from evidence.queries.request_guards import wanted_by
from evidence.rules.coverage_dates import Wanted
from tenants.errors import GrcError, Invalid
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, signed_in
from tenants.portal.fields import NoteForm
from tenants.templatetags.kit import american


@transaction.non_atomic_requests
@require_safe
@signed_in
def download(
    request: Request, engagement: UUID, evidence_request: UUID, link: UUID
) -> HttpResponseBase:
    """A file's bytes. The trail knows of it before the first one leaves (EV-03)."""
    with transaction.atomic():
        linked = found_link(request, scene(request, engagement, evidence_request), link)
    return downloads.answer(request, downloads.of_file(linked), by=request.user)


@signed_in
def link_files(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Let files that are here already answer this request too (RQ-07)."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.UPLOAD_EVIDENCE, about.engagement)
    words = request.GET.get("q", "")[:100]
    found = request_page.linkable(request.user, about.row, words)
    refusal = None
    if request.method == "POST":
        chosen = request.POST.getlist("file_version")[:100]
        try:
            with transaction.atomic():
                _link_all(request, about, chosen)
        except GrcError as refused:
            refusal = refused
        else:
            number = f"{len(chosen)} file{'s' if len(chosen) != 1 else ''}"
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk,
                says=f"{number} linked.",
            )  # fmt: skip
    context = {"row": about.row, "found": found, "words": words, "refusal": refusal}
    status = refusal.status if refusal else 200
    return engagement_page(
        request, about.engagement, "evidence/files/link.html", context, status=status
    )


@signed_in
def coverage(
    request: Request, engagement: UUID, evidence_request: UUID, link: UUID
) -> HttpResponse:
    """Say which dates a file speaks for."""
    about = scene(request, engagement, evidence_request)
    linked = found_link(request, about, link)
    version = linked.file_version
    form = DatesForm(request.POST or None, initial=_dates(version))
    if request.method == "POST" and form.is_valid():
        dates = dict(form.cleaned_data)
        seen = dates.pop("version")
        with applying(form):
            actions.set_coverage(linked, dates, by=request.user, version=seen)
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk, says="Dates saved."
            )
    return question(
        request, about, form, title=f"Dates of {version.name}", button="Save",
        text=_asked_for(wanted_by(about.row)),
    )  # fmt: skip


@signed_in
def unlink(request: Request, engagement: UUID, evidence_request: UUID, link: UUID) -> HttpResponse:
    """Take a file off the request before it is handed over."""
    about = scene(request, engagement, evidence_request)
    linked = found_link(request, about, link)
    name = linked.file_version.name
    form = NoteForm(request.POST or None, version=about.row.version)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.unlink(linked, by=request.user)
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk,
                says=f"{name} is off this request.",
            )  # fmt: skip
    return question(
        request, about, form, title=f"Remove {name}", button="Remove the file",
        text="The auditor has not seen it. A file that no other request needs is erased.",
        danger=True,
    )  # fmt: skip


@signed_in
def withdraw_file(
    request: Request, engagement: UUID, evidence_request: UUID, link: UUID
) -> HttpResponse:
    """Erase a file that was handed over by mistake; its hash and the reason stay (EV-05)."""
    about = scene(request, engagement, evidence_request)
    linked = found_link(request, about, link)
    name = linked.file_version.name
    form = NoteForm(request.POST or None, note="required", version=about.row.version)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.withdraw_file(linked, by=request.user, note=form.cleaned_data["note"])
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk,
                says=f"{name} is withdrawn; its hash and your reason stay.",
            )  # fmt: skip
    return question(
        request, about, form, title=f"Withdraw {name}", button="Erase the file",
        text="Its bytes are erased everywhere. Its hash, your name and the reason stay.",
        danger=True,
    )  # fmt: skip


def _link_all(request: Request, about: Scene, chosen: list[str]) -> None:
    """Link each chosen file. Raises Invalid for none, and what the action raises."""
    if not chosen:
        raise Invalid("Choose at least one file.", code="nobody_chosen", field="file_version")
    for key in chosen:
        version = FileVersion.objects.find(request.user, key)
        actions.link(about.row, version, by=request.user)


def _asked_for(wanted: Wanted) -> str:
    """Which dates the request asks for, in a sentence; empty when it asks for none."""
    if wanted.as_of:
        return f"Asked for: as of {american(wanted.as_of)}."
    if wanted.first and wanted.last:
        return f"Asked for: {american(wanted.first)} to {american(wanted.last)}."
    return ""


def _dates(version: FileVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in (*actions.COVERAGE, "version")}
