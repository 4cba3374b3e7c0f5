"""What the pages about requests share: the request they are about, and the question page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from evidence.models import EvidenceLink, EvidenceRequest
from evidence.queries import browsing, request_page
from tenants.models import Engagement
from tenants.portal.base import Request, engagement_page
from tenants.portal.engagements import found as found_engagement


@dataclass(frozen=True, slots=True)
class Scene:
    """The engagement and the request a page is about; `firm` for the firm's people."""

    engagement: Engagement
    row: EvidenceRequest
    firm: bool

    @property
    def url(self) -> str:
        """The request's page."""
        return self.row.get_absolute_url()


def scene(request: Request, engagement: UUID, evidence_request: UUID) -> Scene:
    """What an address names. Raises NotVisible for what is foreign, absent or elsewhere."""
    anchor = found_engagement(request, engagement)
    row = request_page.find(request.user, anchor, evidence_request)
    row.engagement = anchor
    return Scene(anchor, row, browsing.firm_side(request.user, anchor))


def found_link(request: Request, about: Scene, key: UUID) -> EvidenceLink:
    """A file of the request. Raises NotVisible for one of another request."""
    found: EvidenceLink = request_page.links_of(request.user, about.row).find(request.user, key)
    found.evidence_request = about.row
    return found


def list_url(engagement: Engagement) -> str:
    """The request list of an engagement."""
    return reverse("evidence:requests", args=[engagement.pk])


def question(
    request: Request, about: Scene, form: BaseForm, *, title: str, button: str, **more: Any
) -> HttpResponse:
    """A form of its own page that also opens as a dialog; again with its errors (400).

    `more`: text (a sentence above the form), danger, lines (a list to show), cancel_url.
    """
    context = {
        "row": about.row, "form": form, "title": title, "button": button,
        "cancel_url": about.url, **more,
    }  # fmt: skip
    status = 400 if form.errors else 200
    return engagement_page(
        request, about.engagement, "evidence/requests/question.html", context, status=status
    )


def back_to(about: Scene, anchor: str = "") -> HttpResponse:
    """To the request's page, at one of its parts."""
    return redirect(about.url + (f"#{anchor}" if anchor else ""))
