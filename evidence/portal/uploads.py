"""Files on their way in: several at once by form or drop zone, and what replaces a file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from evidence.actions import files as actions
from evidence.models import EvidenceLink, FileVersion
from evidence.portal.base import Scene, back_to, found_link, question, scene
from evidence.portal.request_forms import NewVersionForm, UploadForm
from evidence.rules.coverage_dates import Coverage
from tenants.errors import GrcError, Invalid
from tenants.portal.base import Request, back, signed_in
from tenants.refusals import as_refusal, problem_of

COVERAGE = ("covers_from", "covers_to", "captured_on")


@transaction.non_atomic_requests
@require_POST
@signed_in
def upload(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Keep the files that were sent, each by itself; answers JSON to those who prefer it.

    No transaction is held while bytes arrive or are stored.
    """
    try:
        with transaction.atomic():
            about = scene(request, engagement, evidence_request)
            actions.admit(about.row, by=request.user)
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None or _prefers_a_page(request):
            raise
        return _problem(request, refusal)
    form = UploadForm(request.POST, auto_id="upload_%s")
    try:
        sent = _files_of(request, form)
    except Invalid as refused:
        return _answer(request, about, [], [("", refused)])
    kept, refusals = [], []
    for each in sent:
        try:
            kept.append(_keep(request, about, each, form))
        except Exception as error:
            if (refusal := as_refusal(error)) is None:
                raise
            refusals.append((each.name or "", refusal))
    return _answer(request, about, kept, refusals)


@transaction.non_atomic_requests
@signed_in
def new_version(
    request: Request, engagement: UUID, evidence_request: UUID, link: UUID
) -> HttpResponse:
    """Upload what replaces a file; the old version stays as it is."""
    with transaction.atomic():
        about = scene(request, engagement, evidence_request)
        linked = found_link(request, about, link)
    version = linked.file_version
    form = NewVersionForm(request.POST or None, request.FILES or None, initial=_said_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            _keep(request, about, form.cleaned_data["file"], form, replaces=version)
        except GrcError as refused:
            form.add_error("file", refused.message)
        if not form.errors:
            says = f"Version {version.number + 1} of {version.name} is here."
            return back(request, "evidence:request", about.engagement.pk, about.row.pk, says=says)
    with transaction.atomic():
        return question(
            request, about, form, title=f"New version of {version.name}", button="Upload",
            text=f"It becomes version {version.number + 1}; version {version.number} stays.",
        )  # fmt: skip


def _keep(
    request: Request, about: Scene, sent: UploadedFile, form: UploadForm,
    replaces: FileVersion | None = None,
) -> EvidenceLink:  # fmt: skip
    """Keep one file, with what the form says of it."""
    dates = {name: form.cleaned_data.get(name) for name in COVERAGE}
    incoming = actions.Upload(
        sent, sent.name or "", sent.content_type or "", declared_bytes=sent.size,
        coverage=Coverage(**dates), source_system=form.cleaned_data.get("source_system", ""),
        replaces=replaces,
    )  # fmt: skip
    return actions.upload(about.row, incoming, by=request.user)


def _answer(
    request: Request, about: Scene, kept: list[EvidenceLink],
    refusals: list[tuple[str, GrcError]],
) -> HttpResponse:  # fmt: skip
    """What became of the files: JSON for the drop zone, messages on the page for a form."""
    if not _prefers_a_page(request):
        if refusals:
            return _problem(request, refusals[0][1], kept=len(kept))
        return JsonResponse({"files": [_stored(linked) for linked in kept]}, status=201)
    for name, refusal in refusals:
        messages.error(request, f"{name}: {refusal.message}" if name else refusal.message)
    if kept:
        number = f"{len(kept)} file{'s' if len(kept) != 1 else ''}"
        messages.success(request, f"{number} uploaded.")
    return back_to(about, "files")


def _files_of(request: Request, form: UploadForm) -> list[UploadedFile]:
    """The files that were sent. Raises Invalid for none, and for what is wrong with the dates."""
    sent: list[UploadedFile] = request.FILES.getlist("file")
    if not sent:
        raise Invalid("Choose at least one file.", code="no_file", field="file")
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Invalid(str(errors[0]), code="coverage_bad", field=name)
    return sent


def _problem(request: Request, refusal: GrcError, **more: Any) -> JsonResponse:
    """A refusal for a script."""
    problem = problem_of(refusal, getattr(request, "id", ""), **more)
    return JsonResponse(problem, status=refusal.status, content_type="application/problem+json")


def _prefers_a_page(request: Request) -> bool:
    """A browser's own form sends HTML first; a script names JSON first."""
    return not request.headers.get("Accept", "").lstrip().startswith("application/json")


def _stored(linked: EvidenceLink) -> dict[str, Any]:
    version = linked.file_version
    return {
        "id": str(linked.pk), "name": version.name, "size_bytes": version.size_bytes,
        "sha256": version.sha256, "kind": version.kind_label, "notices": version.notices,
    }  # fmt: skip


def _said_of(version: FileVersion) -> dict[str, Any]:
    """What was said of the file that is replaced."""
    return {name: getattr(version, name) for name in (*COVERAGE, "source_system")}
