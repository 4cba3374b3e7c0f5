"""The coverage picture of an engagement."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.queries.coverage import Coverage, CoveredItem, Series, coverage, narrowed
from tenants.choices import Basis
from tenants.permissions import P
from tenants.portal.base import Request, engagement_page, holds, signed_in
from tenants.portal.engagements import found


class CoverageFilters(forms.Form):
    """Which part of the picture to look at."""

    series = forms.ChoiceField(label="Series", required=False)
    holes = forms.BooleanField(label="Holes only", required=False)

    def __init__(self, data: Any, picture: Coverage) -> None:
        super().__init__(data)
        series = [(one.code, f"{one.code} {one.title}".strip()) for one in picture.series]
        self.fields["series"].choices = [("", "All series"), *series]  # type: ignore[attr-defined]


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Criteria or objectives by controls, holes visible."""
    row = found(request, engagement)
    picture = coverage(row)
    form = CoverageFilters(request.GET, picture)
    form.is_valid()
    series, holes_only = form.cleaned_data.get("series", ""), form.cleaned_data.get("holes", False)
    shown = narrowed(picture, series=series, holes_only=holes_only)
    refs = {control.id: control for control in picture.controls}
    context = {
        "form": form, "picture": picture, "shown": shown, "stats": _stats(picture),
        "groups": [_group(one, shown, refs) for one in shown.series],
        "corner": "Objective" if row.basis == Basis.OBJECTIVE else "Criterion",
        "noun": "objective" if row.basis == Basis.OBJECTIVE else "criterion",
        "may_map": holds(request, P.MAP_CONTROLS, row),
        "may_set_scope": holds(request, P.SET_SCOPE, row),
    }  # fmt: skip
    return engagement_page(request, row, "audits/coverage/index.html", context)


def _stats(picture: Coverage) -> list[dict[str, Any]]:
    holes, examined = len(picture.holes), picture.examined_count
    left_out = len(picture.items) - examined
    return [
        {"label": "Examined", "value": examined,
         "hint": f"{left_out} left out" if left_out else "nothing left out"},
        {"label": "Covered", "value": examined - holes, "hint": "by at least one control",
         "tone": "good" if examined and not holes else ""},
        {"label": "Holes", "value": holes, "hint": "no control yet", "url": "?holes=on",
         "tone": "late" if holes else ""},
        {"label": "Controls", "value": len(picture.controls),
         "hint": _controls_hint(picture)},
    ]  # fmt: skip


def _controls_hint(picture: Coverage) -> str:
    if not picture.controls:
        return "none taken yet"
    return f"{len(picture.idle)} answer to nothing here" if picture.idle else "all mapped"


def _group(series: Series, shown: Coverage, refs: dict[UUID, Any]) -> dict[str, Any]:
    return {
        "code": series.code,
        "title": series.title,
        "hole_count": series.hole_count,
        "rows": [_row(item, shown, refs) for item in series.items],
    }


def _row(item: CoveredItem, shown: Coverage, refs: dict[UUID, Any]) -> dict[str, Any]:
    answering = set(item.control_ids)
    return {
        "item": item,
        "controls": [refs[control] for control in item.control_ids],
        "cells": [control.id in answering for control in shown.controls],
    }
