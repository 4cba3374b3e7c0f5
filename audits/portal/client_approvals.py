"""Pages of the client's approvals: what there is to approve, and approving it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from audits.actions import client_approvals as actions
from audits.queries import client_approvals
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found


class ApproveSubjectForm(forms.Form):
    """What is approved, as it was shown."""

    kind = forms.CharField(max_length=24, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Everything there is to approve, as it is now."""
    return _shown(request, engagement)


@require_POST
@signed_in
def approve(request: Request, engagement: UUID) -> HttpResponse:
    """Approve one of them."""
    row = found(request, engagement)
    require(request.user, P.APPROVE_FOR_CLIENT, row)
    form = ApproveSubjectForm(request.POST)
    if form.is_valid():
        with applying(form):
            actions.approve(row, **form.cleaned_data, by=request.user)
    if form.errors:
        said = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return _shown(request, engagement, problem=said)
    return back(request, "audits:approvals", row.pk, says="Approved.")


def _shown(request: Request, engagement: UUID, *, problem: str = "") -> HttpResponse:
    row = found(request, engagement)
    approves = holds(request, P.APPROVE_FOR_CLIENT, row)
    context = {
        "rows": [
            (each, approves and actions.own_words(row, each, request.user))
            for each in client_approvals.standing(row)
        ],
        "approves": approves, "problem": problem,
    }  # fmt: skip
    status = 400 if problem else 200
    return engagement_page(request, row, "audits/approvals/index.html", context, status=status)
