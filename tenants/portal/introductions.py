"""Asking a client that is here already, and the client's answer."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from tenants.actions import introductions as actions
from tenants.choices import OrganizationKind
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, may, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.queries import introductions


class AskForm(forms.Form):
    """Whose address a firm writes to."""

    email = forms.EmailField(
        label="E-mail of the client’s administrator",
        help_text="They get a link that is good for 7 days. You learn nothing until they agree.",
    )


class AnswerForm(forms.Form):
    """The client's answer."""

    answer = forms.ChoiceField(choices=[("agree", "Agree"), ("refuse", "Refuse")])


@signed_in
def ask(request: Request) -> HttpResponse:
    """The form of a letter to a client that is here already."""
    if request.organization.kind != OrganizationKind.FIRM:
        raise NotVisible("There is no such page, or it is not shown to you.")
    require(request.user, P.OPEN_ENGAGEMENT, request.organization)
    form = AskForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            letter = actions.ask(request.organization, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(
                request, "tenants:clients", says=f"A letter is on its way to {letter.email}."
            )
    return form_page(request, form, "tenants/clients/ask.html")


@signed_in
def withdraw(request: Request, introduction: UUID) -> HttpResponse:
    """The question before a letter is taken back, and taking it back."""
    require(request.user, P.OPEN_ENGAGEMENT, request.organization)
    row = introductions.letter(request.user, request.organization, introduction)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.withdraw(row, by=request.user)
        if not form.errors:
            return back(
                request, "tenants:clients", says=f"The link sent to {row.email} no longer works."
            )
    return form_page(request, form, "tenants/clients/withdraw.html", letter=row)


@signed_in
def answer(request: Request, secret: str) -> HttpResponse:
    """What a letter's link leads to: the firm that asks, and the administrator's answer."""
    letter = actions.shown(secret, person=request.user)
    client, able = request.organization, may(request, P.TAKE_ON_FIRM)
    form = AnswerForm(sent(request))
    if request.method == "POST" and form.is_valid():
        agrees = form.cleaned_data["answer"] == "agree"
        with applying(form):
            if agrees:
                actions.agree(secret, client, by=request.user)
            else:
                actions.refuse(secret, client, by=request.user)
        if not form.errors:
            says = f"{letter.organization} may now open engagements with {client}."
            return back(request, "tenants:home", says=says if agrees else "The letter is gone.")
    status = 400 if form.errors else 200
    context = {"letter": letter, "able": able, "form": form}
    return render(request, "tenants/clients/answer.html", context, status=status)
