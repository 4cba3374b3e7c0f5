"""How controls are told: the check while one writes, versions side by side, approval, proposals."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from audits.actions import library_controls, narratives
from audits.models.narratives import NarrativeProposal
from audits.portal.library import control_of, editing, page, place_of
from audits.portal.library_forms import ControlForm
from audits.portal.narrative_forms import ApproveForm, NarrativeForm, RefuseForm
from audits.queries import narratives as reading
from audits.rules.narrative_difference import compare
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, may, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.paging import numbered

SIZE = 50


@signed_in
def index(request: Request) -> HttpResponse:
    """Every control that runs: how well it is told, who approved it, what is proposed."""
    place = place_of(request)
    listed = numbered(request, reading.standing(place.client, request.user), "controls", SIZE)
    scores = reading.scores_of(place.client, listed.rows)
    context = {
        "page": listed,
        "rows": [{"control": row, "score": scores[row.pk]} for row in listed.rows],
        "proposals": reading.open_proposals(request.user),
        "edits": may(request, P.EDIT_LIBRARY), "exports": may(request, P.PROPOSE_NARRATIVE),
    }  # fmt: skip
    return page(request, place, "audits/narratives/index.html", context)


@signed_in
def check(request: Request, control: UUID | None = None) -> HttpResponse:
    """The score of what is being written, to be put beside the form; nothing is kept."""
    place = place_of(request)
    require(request.user, P.PROPOSE_NARRATIVE, place.client)
    row = control_of(request, place, control) if control is not None else None
    if row is not None and "text" in request.POST:
        score = reading.score_of(row, request.POST["text"][:20_000])
    else:
        score = reading.score_of_told(place.client, _as_written(request, place.client))
    return render(request, "audits/narratives/score.html", {"score": score})


def _as_written(request: Request, client: Any) -> Any:
    """What a half-filled form of a control tells so far."""
    form = ControlForm(request.POST, client)
    form.is_valid()
    names = ("ref", "owner_role", "frequency", "nature", "systems", "criteria", "objectives",
             "narrative")  # fmt: skip
    return SimpleNamespace(**{name: form.cleaned_data.get(name) or "" for name in names})


@signed_in
def tell(request: Request, control: UUID) -> HttpResponse:
    """The next version of a control's narrative."""
    row = control_of(request, editing(request), control)
    template = "audits/library/narrative.html"
    form = _form_of(request, row)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form, template, row)
        with applying(form):
            newest = library_controls.set_narrative(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{row.ref} is told by version {newest.number} now."
            return back(request, "audits:library_control", row.pk, says=says)
    return form_page(request, form, template, control=row)


@signed_in
def propose(request: Request, control: UUID) -> HttpResponse:
    """A narrative that somebody who may not write it would like the control to have."""
    place = place_of(request)
    require(request.user, P.PROPOSE_NARRATIVE, place.client)
    row = control_of(request, place, control)
    template = "audits/narratives/propose.html"
    form = _form_of(request, row)
    if request.method == "POST" and form.is_valid():
        if "check" in request.POST:
            return _checked(request, form, template, row)
        with applying(form):
            narratives.propose(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"Your proposal for {row.ref} waits for an administrator."
            return back(request, "audits:library_control", row.pk, says=says)
    return form_page(request, form, template, control=row)


def _form_of(request: Request, row: Any) -> NarrativeForm:
    told = library_controls.told_of(row)
    return NarrativeForm(request.POST or None, initial={"text": told.narrative})


def _checked(request: Request, form: NarrativeForm, template: str, row: Any) -> HttpResponse:
    """The form again with its score; nothing is kept."""
    score = reading.score_of(row, form.cleaned_data["text"])
    return form_page(request, form, template, control=row, score=score)


@signed_in
def side_by_side(request: Request, control: UUID, engagement: UUID | None = None) -> HttpResponse:
    """Two versions of a narrative beside each other: the newest and the one before, or as asked."""
    place = place_of(request, engagement)
    row = control_of(request, place, control)
    told = {version.number: version for version in reading.versions(row)}
    after = told.get(_asked(request, "after", max(told)))
    before = told.get(_asked(request, "before", max(max(told) - 1, 1)))
    if before is None or after is None:
        raise NotVisible("The control has no such version.")
    context = {
        "control": row, "versions": list(told.values()), "before": before, "after": after,
        "difference": compare(before.text, after.text),
    }  # fmt: skip
    return page(request, place, "audits/narratives/side_by_side.html", context)


def _asked(request: Request, name: str, usual: int) -> int:
    told = request.GET.get(name, "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else usual


@signed_in
def approve(request: Request, control: UUID) -> HttpResponse:
    """The question before a person stands by the newest version, and their word."""
    place = place_of(request)
    require(request.user, P.APPROVE_NARRATIVE, place.client)
    row = control_of(request, place, control)
    newest = reading.versions(row)[0]
    form = ApproveForm(request.POST or None, initial={"number": newest.number})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            narratives.approve(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"Version {newest.number} of {row.ref} is approved."
            return back(request, "audits:library_control", row.pk, says=says)
    return form_page(request, form, "audits/narratives/approve.html", control=row, newest=newest)


@signed_in
def proposal(request: Request, proposal: UUID) -> HttpResponse:
    """A proposed narrative beside the present one, and what became of it."""
    row = _proposal(request, proposal)
    newest = reading.versions(row.control)[0]
    context = {
        "proposal": row, "control": row.control, "newest": newest,
        "difference": compare(newest.text, row.text),
        "score": reading.score_of(row.control, row.text),
        "decides": may(request, P.EDIT_LIBRARY) and row.status == "proposed",
    }  # fmt: skip
    return page(request, place_of(request), "audits/narratives/proposal.html", context)


@signed_in
def take(request: Request, proposal: UUID) -> HttpResponse:
    """The question before a proposal becomes the next version, and its taking."""
    row = _deciding(request, proposal)
    form = VersionForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            newest = narratives.take(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{row.control.ref} is told by version {newest.number} now."
            return back(request, "audits:library_control", row.control_id, says=says)
    return form_page(request, form, "audits/narratives/take.html", proposal=row)


@signed_in
def refuse(request: Request, proposal: UUID) -> HttpResponse:
    """The reason why a proposal is not taken."""
    row = _deciding(request, proposal)
    form = RefuseForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            narratives.refuse(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:narratives", says="The proposal is not taken.")
    return form_page(request, form, "audits/narratives/refuse.html", proposal=row)


def _deciding(request: Request, key: UUID) -> Any:
    """A proposal to be decided. Raises NotVisible, PermissionDenied."""
    row = _proposal(request, key)
    require(request.user, P.EDIT_LIBRARY, place_of(request).client)
    return row


def _proposal(request: Request, key: UUID) -> Any:
    """A proposal of one's own library. Raises NotVisible."""
    place_of(request)
    rows = NarrativeProposal.objects.select_related("control__client", "proposed_by", "decided_by")
    return rows.find(request.user, key)
