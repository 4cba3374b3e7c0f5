"""The page on which a file of a request becomes a population."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.choices.populations import PopulationStatus as S
from audits.models.control_tests import ControlTest
from audits.portal.population_forms import ToldForm
from audits.portal.populations import inside_the_firm
from audits.queries.samples import populations_of
from evidence.actions import population_files
from evidence.choices import RequestKind
from evidence.models import EvidenceLink
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, sent, signed_in


class ReadInForm(ToldForm):
    """Which file, and how it is to be read."""

    link = forms.ChoiceField(
        label="File", help_text="Of a request for a population; the client has handed it over."
    )
    sheet = forms.CharField(
        label="Sheet", required=False, max_length=120, help_text="Empty: the first that is shown."
    )
    header_row = forms.IntegerField(
        label="Row of the headings", required=False, min_value=1, max_value=1_000,
        help_text="Empty: the first row that holds something.",
    )  # fmt: skip
    field_order = ("link", "sheet", "header_row")

    def __init__(self, data: Any, standing: Any, links: dict[str, EvidenceLink], **more: Any):
        super().__init__(data, standing, **more)
        self.fields["link"].choices = [
            (key, f"{link.evidence_request.ref}: {link.file_version.name}")
            for key, link in links.items()
        ]


@signed_in
def read(request: Request, engagement: UUID, test: UUID) -> HttpResponse:
    """The files that may be read, what is told of the one chosen, and its reading."""
    row = inside_the_firm(request, engagement)
    require(request.user, P.PERFORM_TEST, row)
    rows = ControlTest.objects.select_related("control__engagement", "engagement__client")
    held = rows.filter(engagement=row).find(request.user, test)
    links = _links(request, row)
    standing = populations_of(request.user, row, held).filter(status__in=(S.READY, S.ACCEPTED))
    initial = {"covers_from": held.covers_from, "covers_to": held.covers_to}
    form = ReadInForm(sent(request), standing, links, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with applying(form):
            made = population_files.read_in(
                links[said["link"]], held, form.told, by=request.user, sheet=said["sheet"],
                header_row=said["header_row"],
            )  # fmt: skip
        if not form.errors:
            says = "The file is being read; this page tells how far it is."
            return back(request, "audits:population", row.pk, made.pk, says=says)
    context = {"form": form, "test": held, "links": links}
    status = 400 if form.errors else 200
    return engagement_page(request, row, "evidence/populations/read.html", context, status=status)


def _links(request: Request, row: Engagement) -> dict[str, EvidenceLink]:
    """Files of requests for populations that were handed over, newest first."""
    rows = EvidenceLink.objects.visible_to(request.user).filter(
        engagement=row, evidence_request__kind=RequestKind.POPULATION,
        handed_over_at__isnull=False, file_version__erased_at=None,
    )  # fmt: skip
    found = rows.select_related("evidence_request__engagement", "file_version")
    return {str(link.pk): link for link in found.order_by("-added_at")[:200]}
