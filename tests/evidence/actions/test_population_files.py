"""Populations read from what the client handed over: CSV and XLSX, in a child, under a fence."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audits.actions import populations
from audits.models.populations import Population
from audits.queries.population_rows import keys_of
from audits.rules.population_rows import Layout
from evidence.actions import evidence_requests, population_files, request_edits
from evidence.models import EvidenceLink, EvidenceRequest
from evidence.models.populations import PopulationSource
from tenants.errors import Invalid, MoveRefused, NotVisible
from tests import factories
from tests.access.scenes import work_off
from tests.audits.populations import CHECKED, a_test, listed, told
from tests.conftest import as_
from tests.evidence import requests


def workbook(count):
    book = openpyxl.Workbook()
    book.active.append(["Ticket", "Day", "Hours"])
    for number in range(1, count + 1):
        book.active.append([f"T-{number}", date(2026, 1 + number % 9, 5), number / 2])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.fixture
def toe(world):
    factories.taken_controls(world)
    return a_test(world)


def handed_over(world, content, name="tickets.csv", **fields):
    """The link of a file that the owner handed over to a request for a population."""
    row = requests.sent(world, title="Tickets", kind="population", **fields)
    link = requests.upload(world, row, content=content, name=name)
    with transaction.atomic(), as_(world.owner, world.client_organization):
        from evidence.actions import request_talk

        facts = {"source_query": "type = access", "run_on": date(2026, 10, 5), "row_count": 60}
        request_talk.answer(row, facts, by=world.owner)
        evidence_requests.submit(row, by=world.owner)
    return link


def read_in(world, link, toe, who="auditor", **more):
    with transaction.atomic(), as_(getattr(world, who), world.firm):
        held = EvidenceLink.objects.select_related("evidence_request", "file_version")
        row = population_files.read_in(
            held.get(pk=link.pk), toe, told(**more), by=getattr(world, who)
        )
    work_off()
    with transaction.atomic(), as_(getattr(world, who), world.firm):
        return Population.objects.get(pk=row.pk)


@pytest.mark.django_db(transaction=True)
def test_a_csv_and_a_workbook_are_read_and_frozen(world, toe):
    row = read_in(world, handed_over(world, listed(60).encode()), toe)
    assert (row.status, row.row_count, row.columns) == ("ready", 60, ["Ticket", "Day", "Who"])
    assert row.quarters["2025-Q4"] == 15
    link = handed_over(world, workbook(40), "tickets.xlsx")
    other = read_in(world, link, toe, layout=Layout(("Ticket",), "Day"))
    assert (other.status, other.row_count, other.problem) == ("ready", 40, "")
    with transaction.atomic(), as_(world.senior, world.firm):
        assert next(keys_of(other)) == b"T-1"
        assert PopulationSource.objects.get(population=other).file_sha256


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"Ticket,Day\nT-1,2026-01-01\nT-1,2026-01-02\n", "Row 2 has the key “T-1”"),
        (b"Ticket,Day\nT-1,tomorrow\n", "Row 1 has “tomorrow” where a date was expected"),
        (b"Number,Day\n1,2026-01-01\n", "No column is headed “Ticket”"),
        (b"%PDF-1.4 no list", "a PDF document"),
        (b"\n\n", "no row of headings"),
    ],
)
def test_what_cannot_be_read_says_where_and_leaves_nothing(world, toe, content, says):
    row = read_in(world, handed_over(world, content, "tickets.csv"), toe)
    assert (row.status, row.row_count) == ("failed", 0)
    assert says in row.problem


@pytest.mark.django_db(transaction=True)
def test_rq_03_the_population_is_accepted_after_its_request(world, toe):
    row = read_in(world, handed_over(world, listed(60).encode()), toe)
    with transaction.atomic(), as_(world.senior, world.firm):
        with pytest.raises(MoveRefused, match="RQ-03"):
            populations.accept(row, by=world.senior, **CHECKED)
        asked = EvidenceRequest.objects.get(kind="population")
        factories.arrange(asked, status="accepted")
    with transaction.atomic(), as_(world.senior, world.firm):
        assert populations.accept(row, by=world.senior, **CHECKED).status == "accepted"


@pytest.mark.django_db(transaction=True)
def test_a_restricted_population_is_seen_by_whom_its_request_names(world, toe):
    link = handed_over(world, listed(60).encode())
    with transaction.atomic(), as_(world.lead, world.firm):
        asked = EvidenceRequest.objects.get(kind="population")
        request_edits.look_after(asked, assignee=world.lead, by=world.lead)
    row = read_in(world, link, toe, who="lead")
    with transaction.atomic(), as_(world.lead, world.firm):
        asked.refresh_from_db()
        request_edits.edit(asked, {"sensitivity": "restricted"}, by=world.lead)
        assert world.lead.pk in Population.objects.get(pk=row.pk).named
    with transaction.atomic(), as_(world.senior, world.firm):
        assert not Population.objects.exists()
        assert not PopulationSource.objects.exists()
        with pytest.raises(NotVisible):
            Population.objects.find(world.senior, row.pk)
    with transaction.atomic(), as_(world.lead, world.firm):
        asked.refresh_from_db()
        request_edits.edit(asked, {"sensitivity": "normal"}, by=world.lead)
    with transaction.atomic(), as_(world.senior, world.firm):
        assert Population.objects.get(pk=row.pk).named is None


def test_only_a_file_of_a_population_is_read(world, toe):
    row = requests.submitted(world, title="A policy")
    with as_(world.auditor, world.firm):
        link = EvidenceLink.objects.select_related("evidence_request", "file_version").get(
            evidence_request=row
        )
        with pytest.raises(Invalid, match="request for a population"):
            population_files.read_in(link, toe, told(), by=world.auditor)
    with as_(world.client, world.client_organization), pytest.raises(PermissionDenied):
        populations.begin(toe, told(), by=world.client)
