"""One's own independence: what is asked, stating it, saying that one is not; asking a colleague."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from tenants.actions import independence as actions
from tenants.choices import IndependenceWord, OrganizationKind
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    form_page,
    sent,
    signed_in,
)
from tenants.portal.fields import VersionForm
from tenants.queries import engagements
from tenants.queries import independence as queries
from tenants.rules.independence import STATEMENTS, VERSION, last_day

W = IndependenceWord


class WordForm(forms.Form):
    """One's word: independent, or not, with the reason."""

    word = forms.ChoiceField(
        label="Your word",
        choices=[
            (W.CONFIRMED, "I am independent of this client"),
            (W.REFUSED, "I am not independent; take me off"),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Why not (only if you are not)",
        max_length=300,
        required=False,
        help_text="Your firm reads it; the client never does.",
    )


@signed_in
def index(request: Request) -> HttpResponse:
    """The engagements on which the person is asked for their word."""
    if request.organization.kind != OrganizationKind.FIRM:
        raise NotVisible("There is no such page, or it is not shown to you.")
    return render(request, "tenants/independence/index.html", {"due": queries.due(request.user)})


@signed_in
def state(request: Request, engagement: UUID) -> HttpResponse:
    """The statement for one engagement, and the person's word on it."""
    row = _asked(request, engagement)
    form = WordForm(sent(request))
    if request.method == "POST" and form.is_valid():
        word, note = form.cleaned_data["word"], form.cleaned_data["note"]
        with applying(form):
            if word == W.CONFIRMED:
                actions.confirm(row, by=request.user)
            else:
                actions.refuse(row, note=note, by=request.user)
        if not form.errors:
            return _said(request, row, word)
    context = {
        "engagement": row,
        "standing": queries.own(request.user, row),
        "statement": STATEMENTS[VERSION],
        "would_end": last_day(queries.today_of(row)),
    }
    return form_page(request, form, "tenants/independence/state.html", **context)


@signed_in
def ask(request: Request, engagement: UUID, assignment: UUID) -> HttpResponse:
    """The question before a colleague is asked for their word, and asking."""
    row = engagements.one(request.user, engagement)
    require(request.user, P.ASSIGN_FIRM_PEOPLE, row)
    held = engagements.place(request.user, row, assignment)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.ask(held, by=request.user)
        if not form.errors:
            says = f"{held.person} is asked to confirm their independence."
            return back(request, "tenants:engagement_people", row.pk, says=says)
    context = {
        "form": form,
        "held": held,
        "standing": queries.standings(row, [held.person_id])[held.person_id],
    }
    status = 400 if form.errors else 200
    return engagement_page(
        request, row, "tenants/engagements/people_ask.html", context, status=status
    )


def _asked(request: Request, key: UUID) -> Engagement:
    """The engagement the firm has put the person on. Raises NotVisible for every other."""
    rows = Engagement.objects.granting(request.user, P.CONFIRM_INDEPENDENCE)
    found: Engagement | None = rows.select_related("firm", "client").filter(pk=key).first()
    if found is None:
        raise NotVisible("There is no such engagement, or nobody has put you on it.")
    return found


def _said(request: Request, engagement: Engagement, word: str) -> HttpResponse:
    if word == W.CONFIRMED:
        says = f"Thank you. You are on {engagement.title}."
        return back(request, "tenants:engagement", engagement.pk, says=says)
    says = f"Thank you for saying so. You are off {engagement.title}."
    return back(request, "tenants:home", says=says)
