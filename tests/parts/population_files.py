"""Populations from files in the generated tests: one, read from what the client handed over."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from evidence.actions import evidence_requests, population_files, request_talk
from evidence.models import EvidenceLink
from evidence.models.populations import PopulationSource
from tests import factories
from tests.parts import populations

FIELDS_TXT = """
shown firm evidence.api.populations.PopulationSourceSerializer: id engagement population evidence_request link file_sha256 sheet header_row chosen_by chosen_at
sent firm evidence.api.populations.ReadInBody: test part covers_from covers_to unit source query run_by run_at replaces key_columns date_column date_order link worksheet header
form firm evidence.portal.populations.ReadInForm: link sheet header_row part covers_from covers_to unit source query run_by run_at key_columns date_column date_order replaces
"""  # noqa: E501  (a line is a class)


def play(world: SimpleNamespace) -> dict[str, Any]:
    """The owner hands a list over, staff have it read."""
    return _read(world, "Words")


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads of it."""
    _read(world, f"{word}-firm")


def _read(world: SimpleNamespace, word: str) -> dict[str, Any]:
    from tests.access.scenes import acts
    from tests.evidence import requests

    before = world.engagement.status
    row = requests.sent(world, title="A population", kind="population")
    link = requests.upload(world, row, content=populations.ROWS.encode(), name="tickets.csv")
    with acts(world.owner, world.client_organization):
        facts = {"source_query": "All", "run_on": date(2026, 10, 5), "row_count": 30}
        request_talk.answer(row, facts, by=world.owner)
        evidence_requests.submit(row, by=world.owner)
    test = populations._tested(world)
    with acts(world.senior, world.firm):
        held = EvidenceLink.objects.select_related("evidence_request", "file_version")
        told = populations.told_by(world, word)
        made = population_files.read_in(held.get(pk=link.pk), test, told, by=world.senior)
        source = PopulationSource.objects.get(population=made)
    with transaction.atomic():
        factories.moved_to(world, before)
    return {"evidence.PopulationSource": source.pk, "file of a population": link.pk}


ARRANGED = {"population_source": populations._while_it_is_tested}
FIELDS = {
    "population_source": lambda play, who: {
        **populations.FIELDS["population"](play, who),
        "test": str(play.ids["audits.ControlTest"]), "link": str(play.ids["file of a population"]),
        "worksheet": "", "header": 1, "sheet": "", "header_row": 1,
    },
}  # fmt: skip
