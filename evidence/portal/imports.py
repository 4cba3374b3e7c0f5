"""A firm's request list, from the file to the drafts: handed in, read, checked, imported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from evidence.actions import imports as actions
from evidence.actions.import_rows import import_rows
from evidence.choices import ImportStatus
from evidence.models import RequestImport
from evidence.portal.import_scene import ImportScene, firm_engagement, import_scene
from evidence.portal.import_words import SHOWN_LABELS, line, result, steps, views
from evidence.queries import imports as queries
from evidence.rules.file_names import content_disposition
from tenants.errors import GrcError, Invalid
from tenants.permissions import P
from tenants.portal.base import Request, back, engagement_page, holds, signed_in
from tenants.portal.paging import numbered
from tenants.refusals import as_refusal, problem_of

PAGE_ROWS = 200
TOLD_QUIETLY = ("date_order", "rows_passed_over")
CURABLE = ("header_not_found", "text_column_unknown", "mapping_refused")
"""Refusals that a person cures by saying which row holds the headings, and what they mean."""


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The lists that were handed in, the newest first."""
    anchor = firm_engagement(request, engagement)
    page = numbered(request, queries.handed_in(request.user, anchor), "lists")
    context = {
        "page": page,
        "rows": [
            {"row": row, "result": result(row), "curable": _is_curable(row)} for row in page.rows
        ],
        "may_draft": holds(request, P.DRAFT_REQUEST, anchor),
    }
    return engagement_page(request, anchor, "evidence/imports/index.html", context)


@transaction.non_atomic_requests
@signed_in
def new(request: Request, engagement: UUID) -> HttpResponse:
    """Hand in a list. No transaction is held while its bytes arrive."""
    with transaction.atomic():
        anchor = firm_engagement(request, engagement)
    refusal: GrcError | None = None
    if request.method == "POST":
        try:
            row = _hand_in(request, anchor)
            return redirect("evidence:import", anchor.pk, row.pk)
        except Exception as error:
            if (refusal := as_refusal(error)) is None or refusal.status == 404:
                raise
    if refusal and request.headers.get("Accept", "").startswith("application/json"):
        problem = problem_of(refusal, getattr(request, "id", ""))
        return JsonResponse(
            problem, status=problem["status"], content_type="application/problem+json"
        )
    limit = settings.LIST_LIMIT_BYTES // 2**20
    context = {"refusal": refusal, "steps": steps(0), "limit_mb": limit}
    status = refusal.status if refusal else 200
    with transaction.atomic():
        return engagement_page(request, anchor, "evidence/imports/new.html", context, status=status)


def _hand_in(request: Request, anchor: Any) -> RequestImport:
    sent = request.FILES.getlist("file")
    if len(sent) != 1:
        raise Invalid("Choose one file: a list is checked by itself.", code="no_file", field="file")
    return actions.hand_in(anchor, sent[0], name=sent[0].name or "list", by=request.user)


@signed_in
def page(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Where a list stands: being read, refused, to be checked, imported or put aside."""
    about = import_scene(request, engagement, request_import)
    row = about.row
    if row.status == ImportStatus.READING:
        context = {"row": row, "job": _job(about), "steps": steps(1)}
        return engagement_page(request, about.engagement, "evidence/imports/reading.html", context)
    if _is_curable(row):
        return redirect(about.columns_url)
    if row.status == ImportStatus.REFUSED:
        context = {
            "row": row,
            "steps": steps(1),
            "new_url": about.new_url,
            "may_draft": about.may_draft,
        }
        return engagement_page(request, about.engagement, "evidence/imports/refused.html", context)
    return _preview(request, about)


def _is_curable(row: RequestImport) -> bool:
    return row.status == ImportStatus.REFUSED and row.problem.get("code") in CURABLE


@require_safe
@signed_in
def progress(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """How far the reading is; once it is over, the page goes where the person is needed."""
    about = import_scene(request, engagement, request_import)
    if about.row.status == ImportStatus.READING:
        return render(request, "partials/progress.html", {"job": _job(about)})
    needs_a_look = about.row.status == ImportStatus.READY and not queries.understood(about.row)
    response = HttpResponse()
    response["HX-Redirect"] = about.columns_url if needs_a_look else about.url
    return response


@require_POST
@signed_in
def choose(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Keep which of the shown rows are ticked; `all` takes every row that can be imported."""
    about = import_scene(request, engagement, request_import)
    if "all" in request.POST:
        actions.choose_all(about.row, by=request.user)
    else:
        _keep_ticks(request, about)
    if request.htmx:
        context = _commit_context(about, queries.tallies(about.row))
        return render(request, "evidence/imports/commit.html", context)
    return redirect(_shown_url(request, about))


@require_POST
@signed_in
def commit(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Import every ticked row of the list, or none."""
    about = import_scene(request, engagement, request_import)
    try:
        with transaction.atomic():
            if "shown" in request.POST:
                _keep_ticks(request, about)
            counts = import_rows(about.row, by=request.user)
    except GrcError as refused:
        about.row.refresh_from_db()
        if about.row.status != ImportStatus.READY:
            messages.error(request, refused.message)
            return redirect(about.url)
        return _preview(request, about, refused)
    total = counts["create"] + counts["update"]
    says = f"{total} request{'' if total == 1 else 's'} imported."
    return back(request, "evidence:import", about.engagement.pk, about.row.pk, says=says)


@require_POST
@signed_in
def again(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Read the list once more as it was understood, against the engagement as it is now."""
    about = import_scene(request, engagement, request_import)
    actions.read_again(about.row, actions.understanding_of(about.row), by=request.user)
    return redirect(about.url)


@require_POST
@signed_in
def discard(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """Put a list aside."""
    about = import_scene(request, engagement, request_import)
    actions.discard(about.row, by=request.user)
    return back(
        request, "evidence:imports", about.engagement.pk, says=f"“{about.row.name}” is put aside."
    )


@require_safe
@signed_in
def corrections(request: Request, engagement: UUID, request_import: UUID) -> HttpResponse:
    """The rows that cannot be imported, as a CSV to correct and hand in again."""
    about = import_scene(request, engagement, request_import)
    response = HttpResponse(
        queries.corrections_of(about.row), content_type="text/csv; charset=utf-8"
    )
    name = about.row.name.rpartition(".")[0] or about.row.name
    response["Content-Disposition"] = content_disposition(f"{name} to correct.csv")
    return response


def _preview(request: Request, about: ImportScene, refusal: GrcError | None = None) -> HttpResponse:
    """The rows, by what importing them does or did."""
    row, tallies = about.row, queries.tallies(about.row)
    done = row.status == ImportStatus.DONE
    shown = request.GET.get("show", "all")
    shown = shown if shown in SHOWN_LABELS else "all"
    part = numbered(request, queries.rows_of(row, shown), "rows", PAGE_ROWS)
    open_to_change = row.status == ImportStatus.READY and about.may_draft
    context = {
        **_commit_context(about, tallies),
        "refusal": refusal,
        "done": done,
        "open": open_to_change,
        "steps": steps(4 if done else 3, {} if done else {0: about.new_url, 2: about.columns_url}),
        "views": views(tallies, shown),
        "shown": shown,
        "page": part,
        "rows": [line(each) for each in part.rows],
        "unknown": queries.unknown_people(row),
        "warned": [each for each in row.notices if each["code"] not in TOLD_QUIETLY],
        "told": [each for each in row.notices if each["code"] in TOLD_QUIETLY],
        "to_correct": tallies["error"] + tallies["duplicate"],
        "columns_url": about.columns_url,
        "new_url": about.new_url,
        "requests_url": reverse("evidence:requests", args=[about.engagement.pk]),
    }
    status = refusal.status if refusal else 200
    return engagement_page(
        request, about.engagement, "evidence/imports/preview.html", context, status=status
    )


def _commit_context(about: ImportScene, tallies: dict[str, int]) -> dict[str, Any]:
    return {"row": about.row, "engagement": about.engagement, "tallies": tallies}


def _keep_ticks(request: Request, about: ImportScene) -> None:
    shown, ticked = (
        [int(each) for each in request.POST.getlist(name) if each.isdecimal() and len(each) < 8]
        for name in ("shown", "selected")
    )
    actions.choose(about.row, shown=shown, ticked=ticked, by=request.user)


def _shown_url(request: Request, about: ImportScene) -> str:
    """The page of rows the person was on."""
    shown, number = request.POST.get("show", ""), request.POST.get("page", "")
    parts = [f"show={shown}"] if shown in SHOWN_LABELS else []
    parts += [f"page={number}"] if number.isdecimal() else []
    return f"{about.url}?{'&'.join(parts)}" if parts else about.url


def _job(about: ImportScene) -> dict[str, Any]:
    return {
        "id": about.row.pk, "label": f"Reading “{about.row.name}”", "running": True,
        "failed": False, "percent": None,
        "message": "Finding the header, reading every row, comparing it with the engagement.",
        "url": reverse("evidence:import_progress", args=[about.engagement.pk, about.row.pk]),
    }  # fmt: skip
