"""The page of a request, and its moves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse

from evidence.actions import evidence_requests as actions
from evidence.actions.answering import answers
from evidence.choices import OVER, WITH_CLIENT, RequestKind, RequestStatus
from evidence.models import FileVersion
from evidence.portal import request_timeline
from evidence.portal.base import Scene, list_url, question, scene
from evidence.portal.request_forms import AcceptForm, AnswerForm, GiveBackForm, TextForm, UploadForm
from evidence.portal.request_list import narrowed
from evidence.queries import browsing, request_guards, request_page
from tenants.errors import MoveRefused, NotVisible
from tenants.lifecycle import Move
from tenants.permissions import P
from tenants.portal.base import Request, applying, back, engagement_page, holds, signed_in
from tenants.portal.fields import NoteForm

DONE = {
    "send": "Sent to the client.",
    "submit": "Submitted to the auditor.",
    "recall": "Taken back. You can change it now.",
    "begin_review": "You review it now.",
    "accept": "Accepted.",
    "give_back": "Returned to the client.",
    "propose_na": "Proposed as not applicable. The auditor decides.",
    "agree_na": "Agreed: not applicable.",
    "refuse_na": "Still needed; it is with the client again.",
    "withdraw": "Withdrawn.",
    "reopen": "Opened again.",
}
"""Move → what the page says afterwards."""
TITLES = {
    "send": "Send {} to the client",
    "submit": "Submit {} to the auditor",
    "recall": "Take {} back",
    "begin_review": "Begin the review of {}",
    "give_back": "Return {}",
    "propose_na": "Propose {} as not applicable",
    "agree_na": "Agree that {} does not apply",
    "refuse_na": "{} is still needed",
    "reopen": "Open {} again",
}
"""Move → its question's title; `{}` is the reference. Others are named by their button."""
QUESTIONS = {
    "send": "The client sees it from now on, and its owner is told.",
    "submit": "The auditor sees the answer and the files from now on.",
    "recall": "The auditor no longer sees this submission. You can until its review begins.",
    "accept": "The stored files are hashed once more before it counts.",
    "give_back": "It goes back to the client, who has at least three business days.",
    "propose_na": "The auditor decides whether it is still needed.",
    "agree_na": "The request is settled without evidence.",
    "refuse_na": "It goes back to the client and the clock runs again.",
    "withdraw": "The client is told that it is no longer needed. Its history stays.",
    "reopen": "It goes back to the client with its history.",
}
"""Move → what happens, said before."""


@signed_in
def page(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """What is asked, what was answered, what was said, and what can be done now."""
    return show(request, scene(request, engagement, evidence_request))


@signed_in
def move(request: Request, engagement: UUID, evidence_request: UUID, name: str) -> HttpResponse:
    """The question before a move, and the move."""
    about = scene(request, engagement, evidence_request)
    step = actions.LIFECYCLE.moves.get(name)
    if step is None or step.by_system or name not in actions.VERBS:
        raise NotVisible("There is no such step.")
    if step not in actions.LIFECYCLE.offered(about.row, request.user):
        _refuse(request, about, step)
    form = _form(request, about, step)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if key != "version"}
        with applying(form):
            actions.VERBS[name](
                about.row, by=request.user, version=form.cleaned_data["version"], **given
            )
        if not form.errors:
            return back(
                request, "evidence:request", about.engagement.pk, about.row.pk, says=DONE[name]
            )
    title = TITLES.get(name, f"{step.title} {{}}").format(about.row.ref)
    return question(
        request, about, form, title=title, button=step.title,
        text=QUESTIONS.get(name, ""), danger=step.tone == "danger",
        lines=_lines(request, about, name),
    )  # fmt: skip


def show(request: Request, about: Scene, **forms: Any) -> HttpResponse:
    """The request's page; `forms` are those with errors, by the names the template has (400)."""
    row, user = about.row, request.user
    files = request_page.files_of(user, row)
    names = {str(line.version.pk): line.version.name for line in files}
    moves = actions.LIFECYCLE.offered(row, user)
    context: dict[str, Any] = {
        "row": row,
        "firm": about.firm,
        "moves": [(step, _direct(step)) for step in moves if step.name != "submit"],
        "submit": next((step for step in moves if step.name == "submit"), None),
        "hold_back": _hold_back(about, moves),
        "served": request_page.served(row),
        "people": request_page.people_of(row, firm=about.firm),
        "files": files,
        "submissions": request_page.submissions_of(row),
        "entries": request_timeline.entries_of(request_page.story_of(row, firm=about.firm), names),
        "over": row.status in OVER,
        "with_client": row.status in WITH_CLIENT,
        "nav": _neighbors(request, about),
        "message_form": TextForm(auto_id="message_%s"),
        "note_form": TextForm(auto_id="note_%s"),
        **_may(request, about),
    }
    if context["may_answer"]:
        context |= _answering(about)
    context |= forms
    status = 400 if any(form.errors for form in forms.values()) else 200
    return engagement_page(
        request, about.engagement, "evidence/requests/page.html", context, status=status
    )


def _may(request: Request, about: Scene) -> dict[str, bool]:
    """What the page offers besides moves; the actions ask again."""
    row, anchor = about.row, about.engagement
    draft, over = row.status == RequestStatus.DRAFT, row.status in OVER
    writes = P.DRAFT_REQUEST if draft else P.SEND_REQUEST
    with_client = row.status in WITH_CLIENT
    answering = not about.firm and with_client and answers(request.user, row)
    return {
        "may_answer": answering,
        "may_edit": not over and holds(request, writes, anchor),
        "may_discard": draft and holds(request, P.DRAFT_REQUEST, anchor),
        "may_look_after": not over and holds(request, P.DRAFT_REQUEST, anchor),
        "may_change_due": not over and not draft and holds(request, P.CHANGE_DUE_DATE, anchor),
        "may_propose_due": answering and holds(request, P.PROPOSE_DUE_DATE, anchor),
        "may_cover": not over and about.firm and holds(request, P.REVIEW_EVIDENCE, anchor),
        "may_withdraw_file": not about.firm and holds(request, P.SUBMIT_REQUEST, anchor)
        and answers(request.user, row),
        "may_comment": row.opened_at is not None and holds(request, P.COMMENT, anchor),
        "may_note": about.firm and holds(request, P.WRITE_FIRM_NOTE, anchor),
    }  # fmt: skip


def answer_form(about: Scene, data: Any = None) -> AnswerForm:
    """The form of the client's answer, filled with what is written so far."""
    draft = request_page.draft_answer(about.row)
    names = ("text", "source_query", "run_on", "row_count")
    initial = {name: getattr(draft, name) for name in names} if draft else {}
    population = about.row.kind == RequestKind.POPULATION
    return AnswerForm(data, population=population, initial=initial)


def _answering(about: Scene) -> dict[str, Any]:
    """What only those who answer need: the answer so far, and the upload form."""
    return {
        "answer_form": answer_form(about),
        "upload_form": UploadForm(auto_id="upload_%s"),
        "upload_url": reverse("evidence:upload", args=[about.engagement.pk, about.row.pk]),
    }


def _direct(step: Move) -> bool:
    """Whether the button moves at once: nothing is asked and nothing is lost."""
    return not step.note and not step.asks


def _hold_back(about: Scene, moves: list[Move]) -> str:
    """Why the next step would be refused, said before anybody tries."""
    for step in moves:
        if step.name in ("send", "submit"):
            return step.refusal(about.row)
    return ""


def _refuse(request: Request, about: Scene, step: Move) -> None:
    """Raise what says why a move is not offered: its status, or the person's role."""
    if about.row.status not in step.sources and (
        step.permission is None or holds(request, step.permission, about.engagement)
    ):
        raise MoveRefused(step.refusal(about.row))
    raise PermissionDenied(f"Your role does not let you “{step.title.lower()}” here.")


def _form(request: Request, about: Scene, step: Move) -> Any:
    data, version = request.POST or None, about.row.version
    if step.name == "give_back":
        return GiveBackForm(data, version=version)
    if step.name == "accept":
        dated = not request_guards.coverage_is_stated(about.row)
        misfit = dated and bool(request_guards.coverage_misfit(about.row))
        return AcceptForm(data, misfit=misfit, version=version)
    return NoteForm(data, note=step.note, version=version)


def _lines(request: Request, about: Scene, name: str) -> list[str]:
    """What a person should know before this move: what goes along, or what does not fit."""
    if name == "submit":
        links = request_page.links_of(request.user, about.row).filter(
            handed_over_at=None, file_version__erased_at=None
        )
        files = [_going_along(link.file_version) for link in links.select_related("file_version")]
        draft = request_page.draft_answer(about.row)
        return [*files, *(["The answer in words"] if draft and draft.text.strip() else [])]
    if name == "accept" and (undated := request_guards.coverage_is_stated(about.row)):
        return [undated]
    if name == "accept" and (misfit := request_guards.coverage_misfit(about.row)):
        return [f"{misfit}."]
    return []


def _going_along(version: FileVersion) -> str:
    """A file's name, and what the auditor will miss of it."""
    dated = request_guards.coverage_of(version).is_stated
    return version.name if dated else f"{version.name} (say which dates it covers)"


def _neighbors(request: Request, about: Scene) -> dict[str, str]:
    """The requests before and after this one, in the list the person came from (5 queries)."""
    query = request.GET.urlencode()
    everything = browsing.of_engagement(request.user, about.engagement)
    rows = narrowed(request, about.engagement)
    order = browsing.order_of(request.GET.get("order", "due"))
    mark = f"?{query}" if query else ""
    found = {"list_url": list_url(about.engagement) + mark}
    for name in ("before", "after"):
        side = browsing.stretch(rows, everything, order, **{name: about.row.pk}, size=1).rows
        if side:
            found[name] = side[0].get_absolute_url() + mark
    return found
