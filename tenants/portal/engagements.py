"""Engagements: the list, the overview, and the way through the phases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render

from tenants.actions import engagements as actions
from tenants.choices import (
    Basis,
    Category,
    EngagementStatus,
    OrganizationKind,
    ReportType,
    Role,
    TrailZone,
)
from tenants.errors import MoveRefused, NotVisible
from tenants.lifecycle import Move
from tenants.models import Assignment, Engagement
from tenants.permissions import P
from tenants.portal.base import (
    OPENING_WAYS,
    Request,
    applying,
    back,
    engagement_page,
    holds,
    may,
    sent,
    signed_in,
)
from tenants.portal.fields import READ_BY_BOTH, READ_BY_FIRM, NoteForm
from tenants.portal.history import entries_of
from tenants.portal.paging import numbered
from tenants.queries import engagements, trail
from tenants.queries.progress import progress_of
from tenants.rules.engagements import warnings

RECENT = 6
"""How many entries of the trail the overview shows."""
RANK = {role: number for number, role in enumerate(Role.values)}
"""Role → its place in a list of people."""


class ListForm(forms.Form):
    """What the list of engagements can be narrowed by."""

    q = forms.CharField(label="Search engagements", required=False, max_length=100)
    status = forms.ChoiceField(label="Phase", required=False)
    report_type = forms.ChoiceField(label="Report", required=False)
    client = forms.ChoiceField(label="Client", required=False)

    def __init__(self, request: Request) -> None:
        super().__init__(request.GET)
        self.fields["status"].choices = [
            ("", "Any phase"), ("open", "Open"), *EngagementStatus.choices,
        ]  # fmt: skip
        self.fields["report_type"].choices = [("", "Any report"), *ReportType.choices]
        if request.organization.kind == OrganizationKind.FIRM:
            clients = [(str(row.pk), row.name) for row in engagements.clients_of(request.user)]
            self.fields["client"].choices = [("", "Any client"), *clients]
        else:
            del self.fields["client"]

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for and makes sense."""
        self.is_valid()
        asked = {key: value for key, value in self.cleaned_data.items() if value}
        if "q" in asked:
            asked["words"] = asked.pop("q")
        return asked


@signed_in
def index(request: Request) -> HttpResponse:
    """The engagements the person works on, with how far each is."""
    form = ListForm(request)
    page = numbered(request, engagements.listed(request.user, **form.asked), "engagements")
    progress = progress_of(request.user, page.rows)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, progress[row.pk]) for row in page.rows],
        "filtered": bool(form.asked),
        "may_open": may(request, P.OPEN_ENGAGEMENT),
        "ways": OPENING_WAYS,
        "firm_side": request.organization.kind == OrganizationKind.FIRM,
    }
    return render(request, "tenants/engagements/index.html", context)


@signed_in
def overview(request: Request, engagement: UUID) -> HttpResponse:
    """One engagement: where it stands, who works on it, and what happened lately."""
    row = found(request, engagement)
    reads_trail = holds(request, P.VIEW_TRAIL, row)
    recent = list(trail.of_engagement(request.user, row)[:RECENT]) if reads_trail else []
    context = {
        "phases": engagements.phases(row),
        "moves": actions.LIFECYCLE.offered(row, request.user),
        "progress": progress_of(request.user, [row])[row.pk],
        "sides": sides(request, row),
        "entries": entries_of(recent),
        "reads_trail": reads_trail,
        "warnings": warnings(engagements.terms_of(row)) if holds(request, P.SET_SCOPE, row) else [],
        "may_set_terms": holds(request, P.SET_SCOPE, row),
        "reads_file": holds(request, P.VIEW_FIRM_FILE, row),
        "dates_report": row.status == EngagementStatus.REPORTING
        and holds(request, P.RELEASE_REPORT, row),
        "basis": Basis(row.basis).label,
        "categories": [str(Category(category).label) for category in row.categories],
    }
    return engagement_page(request, row, "tenants/engagements/overview.html", context)


class MoveForm(NoteForm):
    """The form of a move, with what this one asks for besides a note."""

    until = forms.DateField(
        label="Work goes on about",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the day on which work is expected to go on."},
    )
    told_client = forms.CharField(
        label="How the client was told", max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=READ_BY_BOTH,
        error_messages={"required": "Say how and when the client was told."},
    )  # fmt: skip

    def __init__(self, data: Any, step: Move, version: int) -> None:
        read_by = READ_BY_FIRM if step.zone == TrailZone.FIRM else READ_BY_BOTH
        super().__init__(data, note=step.note, version=version, read_by=read_by)
        for name in {"until", "told_client"} - set(step.asks):
            del self.fields[name]


@signed_in
def move(request: Request, engagement: UUID, name: str) -> HttpResponse:
    """The question before a move, and the move."""
    row = found(request, engagement)
    step = actions.LIFECYCLE.moves.get(name)
    if step is None or step.by_system:
        raise NotVisible("There is no such step.")
    if step.permission and not holds(request, step.permission, row):
        raise PermissionDenied(f"Your role does not let you “{step.title.lower()}” here.")
    if refusal := step.refusal(row):
        raise MoveRefused(refusal)
    form = MoveForm(sent(request), step, row.version)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.move(row, name, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "tenants:engagement", row.pk, says=_done(row))
    context = {"form": form, "move": step, "question": _question(step, row)}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "tenants/engagements/move.html", context, status=status)


def found(request: Request, key: UUID) -> Engagement:
    """The engagement with its organizations. Raises NotVisible for foreign and absent alike."""
    return engagements.one(request.user, key)


def sides(request: Request, engagement: Engagement) -> list[dict[str, Any]]:
    """Firm and client of the engagement, each with its assignments (1 query)."""
    team = list(engagements.team(request.user).filter(engagement=engagement))
    return [
        _side(request, organization, team) for organization in (engagement.firm, engagement.client)
    ]


def _side(request: Request, organization: Any, team: list[Assignment]) -> dict[str, Any]:
    rows = [row for row in team if row.organization_id == organization.pk]
    rows.sort(key=lambda row: RANK[row.role])
    own = organization.pk == request.organization.pk
    return {"organization": organization, "assignments": rows, "own": own}


def _done(engagement: Engagement) -> str:
    return f"{engagement.title} is now in: {engagement.get_status_display()}."


def _question(step: Move, engagement: Engagement) -> str:
    if step.name == "withdraw":
        return (
            "The firm gives the engagement up. Its records stay as they are; nobody adds to them."
        )
    if step.name == "hold":
        return "Work rests until the engagement is taken up again, where it stands now."
    if step.name == "resume":
        return f"Work goes on where it stood: {engagement.get_held_from_display()}."
    if step.name.startswith("step_back"):
        before = EngagementStatus(actions.BACK[EngagementStatus(engagement.status)]).label
        return (
            f"The engagement goes back from {engagement.get_status_display()} to {before}. "
            "What was signed for that phase must be signed again."
        )
    target = EngagementStatus(step.target).label if step.target else ""
    return f"The engagement goes on from {engagement.get_status_display()} to {target}."
