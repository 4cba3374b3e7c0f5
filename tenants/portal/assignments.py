"""The people of an engagement: both sides' teams; one's own side is one's own to change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from tenants.actions import assignments, invitations
from tenants.choices import ROLES_OF, OrganizationKind, Role
from tenants.models import Assignment, Engagement, Organization
from tenants.permissions import (
    ENGAGEMENT_GRANTS,
    NEVER_OPENED,
    P,
    permissions_of,
    require,
)
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    holds,
    may,
    sent,
    signed_in,
)
from tenants.portal.engagements import sides
from tenants.portal.fields import VersionForm
from tenants.queries import engagements, independence, people
from tenants.visibility import reach

CHOOSE = ("", "Choose a role")


def roles_on(organization: Organization) -> list[tuple[str, str]]:
    """The roles a person of this organization can have on an engagement, as choices."""
    roles = ROLES_OF[OrganizationKind(organization.kind)]
    return [(str(role), str(role.label)) for role in roles if permissions_of(role)]


class PlaceForm(forms.Form):
    """A role on the engagement, and from when to when."""

    role = forms.ChoiceField(label="Role on this engagement")
    starts_on = forms.DateField(
        label="From (optional)", required=False, help_text="Empty: from today."
    )
    ends_on = forms.DateField(
        label="Until (optional)",
        required=False,
        help_text="The last day counts. Empty: until the end.",
    )

    def __init__(self, request: Request, **kwargs: Any) -> None:
        super().__init__(sent(request), **kwargs)
        self.fields["role"].choices = [CHOOSE, *roles_on(request.organization)]


class AssignForm(PlaceForm):
    """Somebody of one's own side who is not yet on the engagement."""

    person = forms.ChoiceField()
    field_order = ("person", "role")

    def __init__(self, request: Request, engagement: Engagement) -> None:
        super().__init__(request)
        free = people.not_yet_on(engagement, request.organization)
        self.known = {str(row.person_id): row for row in free}
        names = [
            (key, f"{row.person} · {row.get_role_display()}") for key, row in self.known.items()
        ]
        self.fields["person"].choices = [("", "Choose a person"), *names]


class InviteForm(forms.Form):
    """Somebody new, invited to the organization and this engagement at once."""

    email = forms.EmailField(
        label="E-mail", help_text="They get a link that is good for 7 days, once."
    )
    name = forms.CharField(label="Name (optional)", max_length=120, required=False)
    role = forms.ChoiceField(label="Role")

    def __init__(self, request: Request) -> None:
        super().__init__(sent(request))
        self.fields["role"].choices = [CHOOSE, *roles_on(request.organization)]


class OpenForm(forms.Form):
    """One permission for one person, and why."""

    permission = forms.ChoiceField()
    reason = forms.CharField(max_length=300, help_text="Kept in the history with your name.")
    ends_on = forms.DateField(label="Until (optional)", required=False)

    def __init__(self, request: Request, engagement: Engagement, role: str) -> None:
        super().__init__(sent(request))
        mine = reach(request.user).get(engagement.pk, frozenset())
        left_out = (*permissions_of(role), *NEVER_OPENED)
        more = [p for p in ENGAGEMENT_GRANTS if p in mine and p not in left_out]
        words = [(str(p), p.replace("_", " ").capitalize()) for p in more]
        self.fields["permission"].choices = [("", "Choose a permission"), *words]


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Both sides' people on the engagement."""
    row = engagements.one(request.user, engagement)
    both = sides(request, row)
    _add_openings(request, row, [place for side in both for place in side["assignments"]])
    _add_standings(request, row, both)
    context = {
        "sides": both,
        "may_assign": _may_assign(request, row),
        "may_invite": _may_assign(request, row) and may(request, P.MANAGE_PEOPLE),
    }
    return engagement_page(request, row, "tenants/engagements/people.html", context)


@signed_in
def assign(request: Request, engagement: UUID) -> HttpResponse:
    """Put somebody of one's own organization on the engagement."""
    row = _manageable(request, engagement)
    form = AssignForm(request, row)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        person = form.known[data.pop("person")].person
        with applying(form):
            made = assignments.assign(row, person=person, by=request.user, **data)
        if not form.errors:
            return _to_people(
                request, row, f"{made.person} is on the engagement as {made.get_role_display()}."
            )
    return _form(request, row, form, "assign")


@signed_in
def invite(request: Request, engagement: UUID) -> HttpResponse:
    """Invite somebody new straight to the engagement."""
    row = _manageable(request, engagement)
    require(request.user, P.MANAGE_PEOPLE, request.organization)
    form = InviteForm(request)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            sent = invitations.invite(
                request.organization, engagement=row, by=request.user, **form.cleaned_data
            )
        if not form.errors:
            return _to_people(request, row, f"An invitation is on its way to {sent.email}.")
    return _form(request, row, form, "invite")


@signed_in
def change_role(request: Request, engagement: UUID, assignment: UUID) -> HttpResponse:
    """Another role on the engagement for somebody of one's own side."""
    row = _manageable(request, engagement)
    held = engagements.place(request.user, row, assignment)
    initial = {"role": held.role, "starts_on": held.starts_on, "ends_on": held.ends_on}
    form = PlaceForm(request, initial=initial)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            assignments.assign(row, person=held.person, by=request.user, **form.cleaned_data)
        if not form.errors:
            role = Role(form.cleaned_data["role"]).label
            return _to_people(request, row, f"{held.person} is now {role} on this engagement.")
    return _form(request, row, form, "role", held=held)


@signed_in
def take_off(request: Request, engagement: UUID, assignment: UUID) -> HttpResponse:
    """The question before somebody of one's own side is taken off, and taking them off."""
    row = _manageable(request, engagement)
    held = engagements.place(request.user, row, assignment)
    form = VersionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            assignments.unassign(held, by=request.user)
        if not form.errors:
            if held.person_id == request.user.pk:
                return back(request, "tenants:engagements", says="You are off the engagement.")
            return _to_people(request, row, f"{held.person} is off the engagement.")
    return _form(request, row, form, "take_off", held=held)


@signed_in
def open_to(request: Request, engagement: UUID, assignment: UUID) -> HttpResponse:
    """One permission more for somebody of one's own side, with the reason."""
    row = _manageable(request, engagement)
    held = engagements.place(request.user, row, assignment)
    form = OpenForm(request, row, held.role)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            assignments.open_to(
                row, person=held.person, permission=P(data["permission"]), reason=data["reason"],
                ends_on=data["ends_on"], by=request.user,
            )  # fmt: skip
        if not form.errors:
            return _to_people(request, row, f"The permission is open to {held.person}.")
    return _form(request, row, form, "open", held=held)


def _add_openings(request: Request, engagement: Engagement, places: list[Assignment]) -> None:
    """Give each place its `opened`: the permissions opened to its person, in words."""
    opened: dict[UUID, list[dict[str, str]]] = {}
    for opening in people.openings(request.user, engagement):
        words = {
            "words": opening.permission.replace("_", " ").capitalize(),
            "reason": opening.reason,
        }
        opened.setdefault(opening.person_id, []).append(words)
    for place in places:
        place.opened = opened.get(place.person_id, [])


def _add_standings(request: Request, engagement: Engagement, both: list[dict[str, Any]]) -> None:
    """Give the firm's places their `standing`, for those of the firm's side (AC-02)."""
    places = [place for place in both[0]["assignments"] if both[0]["own"]]
    found = independence.standings(engagement, [place.person_id for place in places])
    for place in places:
        place.standing = found[place.person_id]


def _may_assign(request: Request, engagement: Engagement) -> bool:
    firm = request.organization.pk == engagement.firm_id
    return holds(request, P.ASSIGN_FIRM_PEOPLE if firm else P.ASSIGN_CLIENT_PEOPLE, engagement)


def _manageable(request: Request, key: UUID) -> Engagement:
    """The engagement, for those who assign people of their side to it."""
    engagement = engagements.one(request.user, key)
    if not _may_assign(request, engagement):
        raise PermissionDenied("Your role does not include assigning people here.")
    return engagement


def _form(
    request: Request, engagement: Engagement, form: forms.Form, name: str, **context: Any
) -> HttpResponse:
    status = 400 if form.errors else 200
    return engagement_page(
        request, engagement, f"tenants/engagements/people_{name}.html", {"form": form, **context},
        status=status,
    )  # fmt: skip


def _to_people(request: Request, engagement: Engagement, says: str) -> HttpResponse:
    return back(request, "tenants:engagement_people", engagement.pk, says=says)
