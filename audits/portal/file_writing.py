"""Writing in the firm's file: workpapers, review notes, decisions on rules, many signatures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from audits.actions import decisions, review_notes, sign_offs, workpapers
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import Workpaper
from audits.papers import PAPERS
from audits.portal.file import shown
from audits.portal.file_forms import DecideForm, NoteTextForm, SignManyForm, WorkpaperForm
from audits.queries import papers
from audits.rules.workpapers import KINDS
from tenants.errors import NotVisible, Refused
from tenants.findings import BLOCK
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.findings import of_the_firm
from tenants.queries.findings import open_findings


@signed_in
def new(request: Request, engagement: UUID, paper_kind: str) -> HttpResponse:
    """The form of a new workpaper of one kind, and writing it."""
    row = of_the_firm(request).find(request.user, engagement)
    if paper_kind not in KINDS:
        raise NotVisible("There is no workpaper of this kind.")
    require(request.user, KINDS[paper_kind].write, row)
    form = WorkpaperForm(sent(request), paper_kind)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            data = form.cleaned_data
            written = workpapers.write(
                row, paper_kind, title=data["title"], text=data["text"], fields=form.of_kind,
                by=request.user,
            )  # fmt: skip
        if not form.errors:
            return back(
                request, "audits:paper", row.pk, paper_kind, written.pk, says="It is written."
            )
    return _form(request, row, form, paper_kind)


@signed_in
def edit(request: Request, engagement: UUID, workpaper: UUID) -> HttpResponse:
    """A workpaper, to be written anew."""
    row, held = _workpaper(request, engagement, workpaper)
    require(request.user, KINDS[held.kind].write, row)
    form = WorkpaperForm(sent(request), held.kind, held)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            data = form.cleaned_data
            workpapers.change(
                held, title=data["title"], text=data["text"], fields=form.of_kind,
                by=request.user, version=data["version"],
            )  # fmt: skip
        if not form.errors:
            return back(request, "audits:paper", row.pk, held.kind, held.pk, says="It is changed.")
    return _form(request, row, form, held.kind, held)


@signed_in
def remove(request: Request, engagement: UUID, workpaper: UUID) -> HttpResponse:
    """The question before a draft is removed, and its going."""
    row, held = _workpaper(request, engagement, workpaper)
    require(request.user, KINDS[held.kind].write, row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            workpapers.remove(held, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            return back(request, "audits:file", row.pk, says=f"{held.ref} is removed.")
    context = {"form": form, "workpaper": held}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/file/remove.html", context, status=status)


@require_POST
@signed_in
def note(request: Request, engagement: UUID, paper_kind: str, paper: UUID) -> HttpResponse:
    """Ask something about a paper."""
    row = of_the_firm(request).find(request.user, engagement)
    form = NoteTextForm(request.POST, auto_id="note_%s")
    if form.is_valid():
        with applying(form):
            text = form.cleaned_data["text"]
            review_notes.write(row, paper_kind, paper, text=text, by=request.user)
    if form.errors:
        return shown(request, row, papers.standing(row, paper_kind, paper), note_form=form)
    return back(request, "audits:paper", row.pk, paper_kind, paper, says="The note is written.")


@signed_in
def answer(request: Request, engagement: UUID, review_note: UUID) -> HttpResponse:
    """The form of an answer to a note, and answering it."""
    row, held = _note(request, engagement, review_note)
    require(request.user, P.ANSWER_REVIEW_NOTE, row)
    form = NoteTextForm(sent(request), initial={"text": held.answer})
    form.fields["text"].label = "Answer"
    if request.method == "POST" and form.is_valid():
        with applying(form):
            review_notes.answer(held, text=form.cleaned_data["text"], by=request.user)
        if not form.errors:
            return back(request, "audits:paper", row.pk, held.paper_kind, held.paper_id)
    context = {"form": form, "note": held}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/file/answer.html", context, status=status)


@require_POST
@signed_in
def clear(request: Request, engagement: UUID, review_note: UUID) -> HttpResponse:
    """Take a note as settled."""
    row, held = _note(request, engagement, review_note)
    review_notes.clear(held, by=request.user)
    return back(request, "audits:paper", row.pk, held.paper_kind, held.paper_id,
                says="The note is cleared.")  # fmt: skip


@require_POST
@signed_in
def sign_many(request: Request, engagement: UUID, paper_kind: str) -> HttpResponse:
    """Sign several papers of a kind, which the signer has opened."""
    row = of_the_firm(request).find(request.user, engagement)
    form = SignManyForm(request.POST)
    known = papers.standings(row, paper_kind) if paper_kind in PAPERS else {}
    form.fields["papers"].choices = [(str(key), key) for key in known]  # type: ignore[attr-defined]
    if not form.is_valid():
        said = [str(each) for errors in form.errors.values() for each in errors]
        raise Refused(said[0], code="nothing_chosen")
    keys = [UUID(each) for each in form.cleaned_data["papers"]]
    level = form.cleaned_data["level"]
    signed = sign_offs.sign_many(row, paper_kind, keys, level, by=request.user)
    return back(request, "audits:file", row.pk, says=f"{len(signed)} signed.")


@signed_in
def decide(request: Request, engagement: UUID, rule: str) -> HttpResponse:
    """The question before a rule is set aside, and the partner's word on it."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.DECIDE_ENGAGEMENT, row)
    subject = request.POST.get("subject", request.GET.get("subject", ""))
    form = DecideForm(sent(request), initial={"subject": subject})
    open_now = [stand.finding for stand in open_findings(row)]
    found = [each for each in open_now if (each.rule, each.subject) == (rule, subject)]
    if not found or found[0].level == BLOCK:
        raise NotVisible("Nothing of this kind is open now.")
    if request.method == "POST" and form.is_valid():
        with applying(form):
            decisions.decide(
                row, rule, subject, reason=form.cleaned_data["reason"], by=request.user
            )
        if not form.errors:
            return back(request, "tenants:engagement_open", row.pk, says="It is decided.")
    context = {"form": form, "finding": found[0]}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/file/decide.html", context, status=status)


def _form(
    request: Request, row: Engagement, form: WorkpaperForm, kind: str,
    held: Workpaper | None = None,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "form": form, "hint": KINDS[kind].hint, "label": PAPERS[kind].label, "workpaper": held
    }  # fmt: skip
    status = 400 if form.errors else 200
    return engagement_page(request, row, "audits/file/form.html", context, status=status)


def _workpaper(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Workpaper]:
    row = of_the_firm(request).find(request.user, engagement)
    held: Workpaper = Workpaper.objects.filter(engagement=row).find(request.user, key)
    held.engagement = row
    return row, held


def _note(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, ReviewNote]:
    row = of_the_firm(request).find(request.user, engagement)
    held: ReviewNote = ReviewNote.objects.filter(engagement=row).find(request.user, key)
    held.engagement = row
    return row, held
