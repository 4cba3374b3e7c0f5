"""The walls inside the firm, for its administrators: which stand, why, raising and lifting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from tenants.actions import ethics as actions
from tenants.models import EthicsWall
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in
from tenants.queries import clients, ethics

Choices = list[tuple[str, list[tuple[str, str]]]]
REASON = "Kept with your name; administrators read it."


class Behind:
    """What may stand behind a wall, as choices: whole clients, and single engagements."""

    def __init__(self, request: Request) -> None:
        self.clients = {str(row.pk): row for row in clients.of(request.organization)}
        rows = ethics.engagements(request.user, request.organization)
        self.engagements = {str(row.pk): row for row in rows}

    @property
    def choices(self) -> Choices:
        """A client's name, then its engagements."""
        return [
            ("Whole clients", [(key, row.name) for key, row in self.clients.items()]),
            (
                "Single engagements",
                [(key, f"{row.client} · {row}") for key, row in self.engagements.items()],
            ),
        ]

    def side(self, keys: Sequence[str]) -> actions.Side:
        """What was chosen, as one side."""
        return actions.Side(
            tuple(self.clients[key] for key in keys if key in self.clients),
            tuple(self.engagements[key] for key in keys if key in self.engagements),
        )


class ChosenField(forms.MultipleChoiceField):
    """Clients and engagements, several at once."""

    widget = forms.SelectMultiple(attrs={"size": 8})


class RaiseForm(forms.Form):
    """A new wall: its name, its reason, and what stands on either side."""

    name = forms.CharField(max_length=120, help_text="Such as “Tallowbrook and its competitor”.")
    here = ChosenField(label="On one side")
    there = ChosenField(
        label="On the other side", help_text="Who works for one side is never put on the other."
    )
    reason = forms.CharField(max_length=300, help_text=REASON)

    def __init__(self, data: Any, behind: Behind) -> None:
        super().__init__(data)
        self.fields["here"].choices = self.fields["there"].choices = behind.choices


class ExtendForm(forms.Form):
    """More behind a standing wall."""

    side = forms.TypedChoiceField(label="Which side", coerce=int)
    there = ChosenField(label="What joins it")

    def __init__(self, data: Any, behind: Behind, wall: EthicsWall) -> None:
        super().__init__(data)
        sides = sides_of(wall)
        known = [(number, f"With {', '.join(names)}") for number, names in sides]
        self.fields["side"].choices = [*known, (len(sides) + 1, "A new side, apart from all")]
        self.fields["there"].choices = behind.choices


class LiftForm(forms.Form):
    """Why a wall comes down."""

    reason = forms.CharField(max_length=300, help_text=REASON)


@signed_in
def index(request: Request) -> HttpResponse:
    """The firm's walls: standing ones, then those that were lifted."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    rows = [(row, sides_of(row)) for row in ethics.walls(request.user, request.organization)]
    context = {
        "standing": [each for each in rows if each[0].lifted_at is None],
        "lifted": [each for each in rows if each[0].lifted_at is not None],
    }
    return render(request, "tenants/ethics/index.html", context)


@signed_in
def new(request: Request) -> HttpResponse:
    """The form of a new wall."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    behind = Behind(request)
    form = RaiseForm(sent(request), behind)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        sides = [behind.side(data["here"]), behind.side(data["there"])]
        with applying(form):
            wall = actions.raise_wall(
                request.organization, name=data["name"], reason=data["reason"], sides=sides,
                by=request.user,
            )  # fmt: skip
        if not form.errors:
            return back(request, "tenants:ethics_walls", says=f"{wall} stands.")
    return form_page(request, form, "tenants/ethics/new.html")


@signed_in
def extend(request: Request, ethics_wall: UUID) -> HttpResponse:
    """More clients or engagements behind a wall."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    wall = ethics.wall(request.user, request.organization, ethics_wall)
    behind = Behind(request)
    form = ExtendForm(sent(request), behind, wall)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            actions.extend(
                wall, number=data["side"], side=behind.side(data["there"]), by=request.user
            )
        if not form.errors:
            return back(request, "tenants:ethics_walls", says=f"{wall} reaches further.")
    return form_page(request, form, "tenants/ethics/extend.html", wall=wall)


@signed_in
def lift(request: Request, ethics_wall: UUID) -> HttpResponse:
    """The question before a wall comes down, and its end."""
    require(request.user, P.MANAGE_WALLS, request.organization)
    wall = ethics.wall(request.user, request.organization, ethics_wall)
    form = LiftForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.lift(wall, reason=form.cleaned_data["reason"], by=request.user)
        if not form.errors:
            return back(request, "tenants:ethics_walls", says=f"{wall} is lifted.")
    return form_page(request, form, "tenants/ethics/lift.html", wall=wall)


def sides_of(wall: EthicsWall) -> list[tuple[int, list[str]]]:
    """(number, names of what stands there) of each side, in order."""
    found: dict[int, list[str]] = {}
    for row in wall.sides.all():
        name = str(row.client) if row.client else f"{row.engagement.client} · {row.engagement}"
        found.setdefault(row.side, []).append(name)
    return sorted(found.items())
