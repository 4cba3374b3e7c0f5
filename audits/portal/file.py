"""The firm's file: its papers by kind, one paper with its signatures, and signing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from audits.actions import sign_offs
from audits.choices.file import WorkpaperKind
from audits.models.sign_offs import ReviewNote, SignOff
from audits.models.workpapers import Workpaper
from audits.papers import PAPERS
from audits.portal.file_forms import NoteTextForm, ReasonForm, SignForm
from audits.queries import papers
from audits.queries.papers import PaperStanding
from audits.rules.sign_offs import ORDER, WORDS
from audits.rules.workpapers import KINDS, PARTS
from tenants.choices import EngagementStatus
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.findings import of_the_firm


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every paper of the file by its parts, with what each still misses; what waits comes first."""
    row = of_the_firm(request).find(request.user, engagement)
    found = sorted(papers.all_standings(row), key=lambda each: not each.missing)
    parts: dict[str, list[PaperStanding]] = {}
    for each in found:
        parts.setdefault(_part(each), []).append(each)
    signable = _signable(found)
    held = {each.paper.kind for each in found}
    writable = [
        (kind, PAPERS[kind].label)
        for kind, each in KINDS.items()
        if holds(request, each.write, row)
        and not (each.single and kind in held)
        and (row.status == EngagementStatus.LOCKED) == (kind == WorkpaperKind.ADDENDUM)
    ]
    counts = papers.counts(found)
    context = {
        "parts": parts.items(), "writable": writable, "signable": signable,
        "choosable": {kind for kind, _, _ in signable},
        "stats": [(WORDS[level], counts[level]) for level in ORDER if counts[level]],
        "done": counts["done"], "total": len(found),
    }  # fmt: skip
    return engagement_page(request, row, "audits/file/index.html", context)


def _part(paper: PaperStanding) -> str:
    """The part of the file a paper stands in: a workpaper by its letter, others by their kind."""
    kind = KINDS.get(paper.paper.kind)
    return PARTS[kind.letter] if kind else paper.paper.label


def _signable(found: list[PaperStanding]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Kinds of which several papers wait, with what each is called and the levels they wait for."""
    waiting: dict[str, list[str]] = {}
    for each in found:
        if each.missing:
            waiting.setdefault(each.paper.kind, []).append(each.missing[0])
    return [
        (kind, PAPERS[kind].label, [(level, WORDS[level]) for level in ORDER if level in levels])
        for kind, levels in waiting.items()
        if len(levels) > 1
    ]


@signed_in
def paper(request: Request, engagement: UUID, paper_kind: str, paper: UUID) -> HttpResponse:
    """One paper: what it says, who signed it, and the notes of reviewers."""
    row = of_the_firm(request).find(request.user, engagement)
    return shown(request, row, papers.standing(row, paper_kind, paper))


def shown(
    request: Request, row: Engagement, found: PaperStanding, *, problem: str = "",
    note_form: NoteTextForm | None = None,
) -> HttpResponse:  # fmt: skip
    """The page of a paper; `problem` says why a signature was refused."""
    level = found.missing[0] if found.missing else ""
    why_not = sign_offs.may_sign(row, found, level, request.user) if level else ""
    notes = ReviewNote.objects.visible_to(request.user).filter(
        engagement=row, paper_kind=found.paper.kind, paper_id=found.id
    )
    written = Workpaper.objects.visible_to(request.user).filter(pk=found.id).first()
    form = SignForm(initial={"level": level, "seen": found.content_hash})
    context = {
        "paper": found, "workpaper": written, "facts": _facts(written),
        "own_page": "" if written else reverse(found.paper.route, args=[row.pk, found.id]),
        "signatures": [(each, found.is_current(each)) for each in reversed(found.signatures)],
        "level": level, "level_words": WORDS.get(level, ""), "why_not": why_not,
        "sign_form": form, "problem": problem,
        "missing": [WORDS[each] for each in found.missing],
        "notes": notes.select_related("author", "answered_by", "cleared_by"),
        "note_form": note_form or NoteTextForm(auto_id="note_%s"),
        "may_note": holds(request, P.WRITE_REVIEW_NOTE, row),
        "may_answer": holds(request, P.ANSWER_REVIEW_NOTE, row),
        "manages": holds(request, P.MANAGE_ENGAGEMENT, row),
        "may_write": bool(written) and holds(request, KINDS[found.paper.kind].write, row),
        "person": request.user,
    }  # fmt: skip
    status = 400 if problem or (note_form and note_form.errors) else 200
    return engagement_page(request, row, "audits/file/paper.html", context, status=status)


@require_POST
@signed_in
def opened(request: Request, engagement: UUID, paper_kind: str, paper: UUID) -> HttpResponse:
    """The page has been looked at: noted by a script when it is shown."""
    row = of_the_firm(request).find(request.user, engagement)
    sign_offs.open_paper(row, paper_kind, paper, by=request.user)
    return HttpResponse(status=204)


@require_POST
@signed_in
def sign(request: Request, engagement: UUID, paper_kind: str, paper: UUID) -> HttpResponse:
    """Sign the paper as it was shown."""
    row = of_the_firm(request).find(request.user, engagement)
    form = SignForm(request.POST)
    if form.is_valid():
        with applying(form):
            sign_offs.sign(row, paper_kind, paper, **form.cleaned_data, by=request.user)
    if form.errors:
        problem = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return shown(request, row, papers.standing(row, paper_kind, paper), problem=problem)
    return back(request, "audits:paper", row.pk, paper_kind, paper, says="Signed.")


@signed_in
def take_back(request: Request, engagement: UUID, sign_off: UUID) -> HttpResponse:
    """The question before one's own signature is taken back, and that."""
    row, held = _sign_off(request, engagement, sign_off)
    form = ReasonForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            sign_offs.take_back(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = "Your signature is taken back; it stays in the history."
            return back(request, "audits:paper", row.pk, held.paper_kind, held.paper_id, says=says)
    status = 400 if form.errors else 200
    context = {"form": form, "sign_off": held}
    return engagement_page(request, row, "audits/file/take_back.html", context, status=status)


@signed_in
def difference(request: Request, engagement: UUID, sign_off: UUID) -> HttpResponse:
    """What of the paper has changed since a signature."""
    row, held = _sign_off(request, engagement, sign_off)
    changes = [
        (change.path.replace("_", " "), papers.described(change.before),
         papers.described(change.after))
        for change in papers.difference(held, request.user)
    ]  # fmt: skip
    context = {"sign_off": held, "changes": changes}
    return engagement_page(request, row, "audits/file/difference.html", context)


def _sign_off(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Any]:
    row = of_the_firm(request).find(request.user, engagement)
    rows = SignOff.objects.filter(engagement=row).select_related("signer", "engagement__client")
    return row, rows.find(request.user, key)


def _facts(written: Workpaper | None) -> list[tuple[str, str]]:
    """The fields of a workpaper in words, in their order."""
    if written is None:
        return []
    return [
        (field.label, str(dict(field.choices).get(value, value)))
        for field in KINDS[written.kind].fields
        if (value := written.fields.get(field.name)) is not None
    ]
