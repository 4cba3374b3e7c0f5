"""All engagements of the firm, for its administrators: names and leaders, nothing in them."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from tenants.actions import assignments
from tenants.choices import LEADING_ROLES, MembershipStatus
from tenants.errors import NotVisible
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in
from tenants.queries import directory, ethics, oversight

LEADING = [(str(role), str(role.label)) for role in LEADING_ROLES]


class LeaderForm(forms.Form):
    """Who leads an engagement from now on."""

    person = forms.ChoiceField()
    role = forms.ChoiceField(choices=LEADING)

    def __init__(self, request: Request) -> None:
        super().__init__(sent(request))
        members = directory.members(request.user, request.organization).filter(
            status=MembershipStatus.ACTIVE, role__in=LEADING_ROLES
        )
        self.known = {str(row.person_id): row.person for row in members}
        names = [(key, str(person)) for key, person in self.known.items()]
        self.fields["person"].choices = [("", "Choose a partner or manager"), *names]


@signed_in
def index(request: Request) -> HttpResponse:
    """The firm's engagements and who leads each."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    rows = oversight.engagements(request.user, request.organization)
    return render(request, "tenants/ethics/engagements.html", {"rows": rows})


@signed_in
def lead(request: Request, engagement: UUID) -> HttpResponse:
    """Naming a leader for an engagement that has none left."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    rows = ethics.engagements(request.user, request.organization)
    row = rows.select_related("firm", "client").filter(pk=engagement).first()
    if row is None:
        raise NotVisible("There is no such engagement.")
    form = LeaderForm(request)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            assignments.assign(
                row, person=form.known[data["person"]], role=data["role"], by=request.user
            )
        if not form.errors:
            says = f"{form.known[data['person']]} leads {row} once they confirm independence."
            return back(request, "tenants:firm_engagements", says=says)
    return form_page(request, form, "tenants/ethics/leader.html", engagement=row)
