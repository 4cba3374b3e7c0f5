"""Writing a request: new, changed, discarded; and who looks after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.models import EngagementControl, ScopeItem
from evidence.actions import request_edits as actions
from evidence.choices import RequestKind, RequestStatus
from evidence.models import EvidenceRequest
from evidence.portal.base import Scene, list_url, question, scene
from evidence.portal.request_forms import LookAfterForm, RequestForm
from evidence.queries import people, request_page
from tenants.choices import Basis, ExamType
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, signed_in
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm

PLAIN = (
    "ref", "title", "description", "acceptance_hint", "area", "kind", "priority", "due_on",
    "period_from", "period_to", "as_of", "sensitivity", "covers_all_scope", "owner_email",
)  # fmt: skip
"""Fields that the form has as the request has them."""
PICKED = ("controls", "scope_items", "contributors", "watchers")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick: its id, its short name, its title, and whether it is picked."""

    key: str
    code: str
    title: str
    picked: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """A list to pick from, narrowed by `words`; what is picked stays and comes first."""

    name: str
    label: str
    noun: str
    words: str
    choices: list[Choice]
    hidden_count: int


@signed_in
def new(request: Request, engagement: UUID) -> HttpResponse:
    """A new draft; the client does not see it until it is sent."""
    anchor = found(request, engagement)
    require(request.user, P.DRAFT_REQUEST, anchor)
    form = _form(request, anchor, None)
    if _is_sent(request) and form.is_valid():
        with applying(form):
            row = actions.draft(anchor, _fields(request, form, anchor), by=request.user)
        if not form.errors:
            says = f"Draft {row.ref} is written. The client sees it once you send it."
            return back(request, "evidence:request", anchor.pk, row.pk, says=says)
    return _page(request, anchor, form, None)


@signed_in
def edit(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Change what a request says."""
    about = scene(request, engagement, evidence_request)
    row, anchor = about.row, about.engagement
    draft = row.status == RequestStatus.DRAFT
    require(request.user, P.DRAFT_REQUEST if draft else P.SEND_REQUEST, anchor)
    form = _form(request, anchor, row)
    if _is_sent(request) and form.is_valid():
        version = form.cleaned_data["version"]
        fields = _changed(row, _fields(request, form, anchor))
        with applying(form):
            if fields:
                actions.edit(row, fields, by=request.user, version=version)
        if not form.errors:
            says = "Saved." if fields else "Nothing was changed."
            return back(request, "evidence:request", anchor.pk, row.pk, says=says)
    return _page(request, anchor, form, about)


@signed_in
def discard(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Throw a draft away that was never sent."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.DRAFT_REQUEST, about.engagement)
    form = VersionForm(request.POST or None, initial={"version": about.row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.discard(about.row, by=request.user)
        if not form.errors:
            says = f"Draft {about.row.ref} is gone."
            return back(request, "evidence:requests", about.engagement.pk, says=says)
    return question(
        request, about, form, title=f"Discard {about.row.ref}", button="Discard the draft",
        text="Nobody but the firm has seen it. It cannot be brought back.", danger=True,
    )  # fmt: skip


@signed_in
def look_after(request: Request, engagement: UUID, evidence_request: UUID) -> HttpResponse:
    """Say who of the firm looks after a request."""
    about = scene(request, engagement, evidence_request)
    require(request.user, P.DRAFT_REQUEST, about.engagement)
    team = {str(person.pk): person for person in people.firm_people(about.engagement.pk)}
    handling = request_page.people_of(about.row, firm=True).handling
    form = LookAfterForm(
        request.POST or None,
        people=[(key, str(person)) for key, person in team.items()],
        initial={"assignee": str(handling.assignee_id or "") if handling else ""},
    )
    if request.method == "POST" and form.is_valid():
        chosen = team.get(form.cleaned_data["assignee"])
        with applying(form):
            actions.look_after(about.row, assignee=chosen, by=request.user)
        if not form.errors:
            return back(request, "evidence:request", about.engagement.pk, about.row.pk)
    return question(
        request, about, form, title=f"Who looks after {about.row.ref}", button="Save",
        text="Only the firm knows.",
    )  # fmt: skip


def _is_sent(request: Request) -> bool:
    """Whether the form was sent to be saved, and not to narrow one of its lists."""
    return request.method == "POST" and "find" not in request.POST


def _form(request: Request, anchor: Engagement, row: EvidenceRequest | None) -> RequestForm:
    client = [(str(person.pk), str(person)) for person in people.client_people(anchor.pk)]
    initial: dict[str, Any] = {"kind": RequestKind.DOCUMENT, "priority": "medium"}
    if row is not None:
        initial = {name: getattr(row, name) for name in (*PLAIN, "version")}
        initial["owner"] = str(row.owner_id or "")
        initial["owner_email"] = "" if row.owner_id else row.owner_email
    form = RequestForm(
        request.POST or None,
        people=client,
        sent=row is not None and row.status != RequestStatus.DRAFT,
        new=row is None,
        initial=initial,
    )
    if anchor.exam_type == ExamType.TYPE_1:
        kinds = [choice for choice in RequestKind.choices if choice[0] != RequestKind.SAMPLE]
        form.fields["kind"].choices = kinds  # type: ignore[attr-defined]
    if request.method == "POST" and not _is_sent(request):
        form = _unchecked(form, request)
    return form


def _unchecked(form: RequestForm, request: Request) -> RequestForm:
    """The form with what was typed so far and no complaints: a list is being narrowed."""
    form.initial = {name: request.POST.get(name, "") for name, field in form.fields.items()} | {
        "covers_all_scope": "covers_all_scope" in request.POST
    }
    form.data, form.is_bound = {}, False
    return form


def _fields(request: Request, form: forms.Form, anchor: Engagement) -> dict[str, Any]:
    """What the form says, as the action takes it. Raises nothing: foreign ids are the action's."""
    given = {name: form.cleaned_data[name] for name in PLAIN if name in form.cleaned_data}
    fields: dict[str, Any] = {**given, **{name: _ids(request, name) for name in PICKED}}
    owner = form.cleaned_data["owner"]
    if owner:
        fields["owner"] = User.objects.get(pk=owner)
        del fields["owner_email"]
    return fields


def _changed(row: EvidenceRequest, fields: dict[str, Any]) -> dict[str, Any]:
    """What the form says otherwise than the request does: that alone is written and told."""
    held = _held(row)
    return {
        name: value
        for name, value in fields.items()
        if (set(value) != set(held[name]) if name in PICKED else value != getattr(row, name))
    }


def _ids(request: Request, name: str) -> list[UUID]:
    found = []
    for value in request.POST.getlist(name):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _page(
    request: Request, anchor: Engagement, form: RequestForm, about: Scene | None
) -> HttpResponse:
    row = about.row if about else None
    context = {
        "form": form,
        "row": row,
        "picks": _picks(request, anchor, row),
        "cancel_url": row.get_absolute_url() if row else list_url(anchor),
        "find_url": request.path,
    }
    status = 400 if form.errors else 200
    return engagement_page(request, anchor, "evidence/requests/form.html", context, status=status)


def _picks(request: Request, anchor: Engagement, row: EvidenceRequest | None) -> list[Pick]:
    """Controls, scope items and people to pick, each list narrowed by its own words."""
    controls = (
        EngagementControl.objects.visible_to(request.user).filter(engagement=anchor).order_by("ref")
    )
    items = (
        ScopeItem.objects.visible_to(request.user)
        .filter(engagement=anchor, relevant=True)
        .order_by("position")
    )
    criteria = "criteria" if anchor.basis == Basis.CRITERION else "objectives"
    client = people.client_people(anchor.pk)
    held = _held(row) if row is not None and request.method == "GET" else None
    lists: tuple[tuple[str, str, str, Iterable[tuple[Any, str, str]]], ...] = (
        ("controls", "Controls", "controls", controls.values_list("pk", "ref", "title")),
        ("scope_items", criteria.capitalize(), criteria,
         items.values_list("pk", "identifier", "title")),
        ("contributors", "Contributors", "people", ((p.pk, "", str(p)) for p in client)),
        ("watchers", "Watchers", "people", ((p.pk, "", str(p)) for p in client)),
    )  # fmt: skip
    return [
        _pick(request, name, label, noun, rows, held[name] if held else _ids(request, name))
        for name, label, noun, rows in lists
    ]


def _held(row: EvidenceRequest) -> dict[str, list[UUID]]:
    """What the request is for and who takes part, as it stands."""
    controls, items = request_page.served(row)
    taking = request_page.people_of(row, firm=False)
    return {
        "controls": [each.pk for each in controls],
        "scope_items": [each.pk for each in items],
        "contributors": [each.pk for each in taking.contributors],
        "watchers": [each.pk for each in taking.watchers],
    }


def _pick(
    request: Request, name: str, label: str, noun: str,
    rows: Iterable[tuple[Any, str, str]], picked: Iterable[UUID],
) -> Pick:  # fmt: skip
    words = request.POST.get(f"find_{name}", "").strip()
    chosen, wanted = set(picked), words.lower().split()
    choices = [Choice(str(key), code, title, key in chosen) for key, code, title in rows]
    fitting = [
        each
        for each in choices
        if each.picked or all(word in f"{each.code} {each.title}".lower() for word in wanted)
    ]
    fitting.sort(key=lambda each: not each.picked)
    return Pick(name, label, noun, words, fitting, len(choices) - len(fitting))
