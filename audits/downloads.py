"""What leaves as a file: a population as it was frozen, and the record of a draw."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from audits.actions import populations
from audits.models.populations import Population
from audits.models.samples import Sample
from audits.queries.draw_records import record_of
from audits.queries.population_rows import content_of
from tenants.canonical import canonical
from tenants.downloads import while_allowed
from tenants.models import User

CSV: Final = "text/csv; charset=utf-8"


def rows_of(request: HttpRequest, population: Population) -> HttpResponseBase:
    """The frozen text as an attachment, part by part, while the reader may still see it.

    Raises Refused where nothing is frozen.
    """
    assert isinstance(request.user, User)
    populations.note_export(population, by=request.user)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=CSV)
    else:
        may = partial(_still_seen, population)
        parts = while_allowed(request, content_of(population), may=may, subject=population.pk)
        response = StreamingHttpResponse(parts, content_type=CSV)
    return _attached(response, f"population-{population.sha256[:16]}.csv")


def draw_of(sample: Sample) -> HttpResponseBase:
    """The record of a draw: what anybody needs to repeat it, and the items that came of it."""
    content = canonical(record_of(sample))
    return _attached(
        HttpResponse(content, content_type="application/json"), f"draw-{sample.seed}.json"
    )


def _still_seen(population: Population, person: User) -> None:
    Population.objects.find(person, population.pk)


def _attached(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
