"""The people of one's organization: members and their roles, and who was invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tenants.actions import invitations, memberships, sessions
from tenants.choices import ROLES_OF, OrganizationKind
from tenants.models import Membership, Organization
from tenants.permissions import P, require
from tenants.portal.accounts import fresh
from tenants.portal.base import Request, applying, back, form_page, may, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.queries import people
from tenants.rules.digests import TROUBLES
from tenants.rules.invitations import may_grant


def roles_to_grant(request: Request, organization: Organization) -> list[tuple[str, str]]:
    """The roles of the organization that the person may give, as choices (ACC-15)."""
    roles = ROLES_OF[OrganizationKind(organization.kind)]
    own = request.membership.role
    return [(str(role), str(role.label)) for role in roles if may_grant(own, role)]


class InviteForm(forms.Form):
    """Whom to invite, to which role."""

    email = forms.EmailField(label="E-mail")
    name = forms.CharField(label="Name (optional)", max_length=120, required=False)
    role = forms.ChoiceField()

    def __init__(self, request: Request) -> None:
        super().__init__(sent(request))
        roles = roles_to_grant(request, request.organization)
        self.fields["role"].choices = [("", "Choose a role"), *roles]
        self.fields["email"].help_text = "They get a link that is good for 7 days, once."


class RoleForm(VersionForm):
    """Another role for a member."""

    role = forms.ChoiceField()

    def __init__(self, request: Request, **kwargs: Any) -> None:
        super().__init__(sent(request), **kwargs)
        self.fields["role"].choices = roles_to_grant(request, request.organization)


@signed_in
def index(request: Request) -> HttpResponse:
    """Who belongs to the organization; administrators also see whom they invited."""
    manages = may(request, P.MANAGE_PEOPLE)
    context = {
        "members": _members(request, manages),
        "invitations": people.pending(request.organization) if manages else [],
        "manages": manages,
        "keeps_walls": may(request, P.MANAGE_WALLS),
        "now": timezone.now(),
    }
    return render(request, "tenants/people/index.html", context)


def _members(request: Request, manages: bool) -> list[Membership]:
    """The members; for who manages them with `mail_trouble`, the entry of a mail that got lost."""
    rows = list(people.members(request.organization))
    troubles = people.mail_troubles(request.organization) if manages else {}
    for row in rows:
        row.mail_trouble = troubles.get(row.person_id)
        row.mail_words = TROUBLES[row.mail_trouble.verb] if row.mail_trouble else ""
    return rows


@signed_in
@fresh
def invite(request: Request) -> HttpResponse:
    """The form of an invitation into the organization."""
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    form = InviteForm(request)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            sent = invitations.invite(request.organization, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(
                request, "tenants:people", says=f"An invitation is on its way to {sent.email}."
            )
    return form_page(request, form, "tenants/people/invite.html")


@signed_in
@fresh
def change_role(request: Request, membership: UUID) -> HttpResponse:
    """Another role in the organization for a member."""
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    row = people.member(request.organization, membership)
    form = RoleForm(request, initial={"role": row.role, "version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            row = memberships.change_role(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = f"{row.person} is now {row.get_role_display()}."
            return back(request, "tenants:people", says=says)
    return form_page(request, form, "tenants/people/role.html", member=row)


@signed_in
def end(request: Request, membership: UUID) -> HttpResponse:
    """The question before a person leaves the organization, and their leaving."""
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    row = people.member(request.organization, membership)
    form = VersionForm(sent(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            memberships.end(row, by=request.user, version=form.cleaned_data["version"])
        if not form.errors:
            says = f"{row.person} no longer belongs to {request.organization}."
            return back(request, "tenants:people", says=says)
    return form_page(request, form, "tenants/people/end.html", member=row)


@signed_in
def sign_out(request: Request, membership: UUID) -> HttpResponse:
    """The question before a member is signed out everywhere, and doing it."""
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    row = people.member(request.organization, membership)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        sessions.end_of_member(row, by=request.user)
        return back(request, "tenants:people", says=f"{row.person} is signed out everywhere.")
    return form_page(request, form, "tenants/people/sign_out.html", member=row)


@signed_in
def withdraw_invitation(request: Request, invitation: UUID) -> HttpResponse:
    """The question before an invitation is taken back, and taking it back."""
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    row = people.invitation(request.organization, invitation)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            invitations.withdraw(row, by=request.user)
        if not form.errors:
            says = f"The link sent to {row.email} no longer works."
            return back(request, "tenants:people", says=says)
    return form_page(request, form, "tenants/people/withdraw.html", invitation=row)
