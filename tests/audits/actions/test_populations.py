"""Populations: told in full, frozen once read, accepted with the checks made (SM-01 to SM-04)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from audits.actions import controls, population_reading, populations
from audits.choices.testing import TestKind
from audits.models.populations import Population, PopulationChunk
from audits.queries.population_rows import content_of, keys_of, numbers_of, rows_at
from audits.rules.population_rows import Chunk, Layout
from tenants.acting import SYSTEM, on_behalf_of_the_engagement
from tenants.choices import Role
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused
from tenants.models import TrailEntry
from tenants.outbox import LeaseLost
from tenants.rules.engagements import Terms
from tests import factories
from tests.audits.populations import CHECKED, a_test, accepted, listed, told, written
from tests.conftest import as_


@pytest.fixture
def test(world):
    factories.taken_controls(world)
    return a_test(world)


def accept(world, row, who="senior", **more):
    with as_(getattr(world, who), world.firm):
        return populations.accept(row, by=getattr(world, who), **CHECKED | more)


def sql(world, statement, *values):
    with (
        on_behalf_of_the_engagement(world.engagement.pk),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
        return cursor.rowcount


def test_a_short_list_is_written_in_and_frozen(world, test):
    row = written(world, test, 12)
    assert (row.status, row.row_count, row.number) == ("ready", 12, 1)
    assert row.quarters == {"2025-Q4": 3, "2026-Q1": 3, "2026-Q2": 3, "2026-Q3": 3}
    with as_(world.senior, world.firm):
        content = b"".join(content_of(row))
        assert sha256(content).hexdigest() == row.sha256
        assert content.startswith(b"item_key,Ticket,Day,Who\nT-0001,T-0001,")
        assert [key.decode() for key in keys_of(row)][:2] == ["T-0001", "T-0002"]
        assert rows_at(row, [1, 12])[12][:2] == ["T-0012", "T-0012"]
        assert numbers_of(row, ["T-0003", "T-9999"]) == {"T-0003": 3}
        verbs = TrailEntry.objects.filter(subject_type="population").values_list("verb", "zone")
        assert set(verbs) == {("begun", "firm"), ("finish", "firm")}


@pytest.mark.parametrize("field", ["source", "query", "run_by", "unit"])
def test_sm_01_and_sm_02_the_list_says_where_it_came_from_and_what_a_row_is(world, test, field):
    with pytest.raises(Invalid, match=r"SM-0[12]") as refused:
        written(world, test, **{field: "  "})
    assert refused.value.field == field
    assert written(world, test).pk


def test_sm_01_acceptance_says_how_it_is_complete_and_true(world, test):
    row = written(world, test)
    for field in CHECKED:
        with pytest.raises(Invalid) as refused:
            accept(world, row, **{field: " "})
        assert refused.value.field == field
    with pytest.raises(Invalid, match="you counted 61, the list has 60") as refused:
        accept(world, row, counted=61)
    assert refused.value.field == "counted"
    assert accept(world, row, counted=60).status == "accepted"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"covers": (date(2025, 10, 2), date(2026, 9, 30))}, "begins after the period"),
        ({"covers": (date(2025, 10, 1), date(2026, 9, 29))}, "ends before the period"),
        ({"run_at": datetime(2026, 9, 1, tzinfo=UTC)}, "run before 2026-09-30"),
        ({"part": "interim", "covers": (date(2025, 10, 2), date(2026, 6, 30))}, "begins after"),
        ({"part": "remaining", "covers": (date(2026, 7, 1), date(2026, 9, 1))}, "ends before"),
    ],
)
def test_sm_01_it_covers_the_part_it_says(world, test, changes, says):
    with pytest.raises(MoveRefused, match=rf"SM-01: .*{says}"):
        accept(world, written(world, test, **changes))
    interim = {"part": "interim", "covers": (date(2025, 10, 1), date(2026, 6, 30))}
    assert accept(world, written(world, test, **interim)).status == "accepted"


def test_only_seniors_and_above_accept(world, test):
    row = written(world, test)
    with as_(world.auditor, world.firm), pytest.raises(PermissionDenied):
        populations.accept(row, by=world.auditor, **CHECKED)
    assert accept(world, row).accepted_by == world.senior


def test_sm_04_no_row_is_accepted_once_somebody_made_sure(world, test):
    row = written(world, test, 0)
    with pytest.raises(Invalid, match="SM-04") as refused:
        accept(world, row)
    assert refused.value.field == "zero_checked"
    assert accept(world, row, zero_checked=True).zero_checked


def test_sm_03_every_process_is_a_population_of_its_own(world, test):
    first, second = accepted(world, test), accepted(world, test, 7, source="The branch office")
    assert (first.number, second.number) == (1, 2)
    with as_(world.senior, world.firm):
        assert Population.objects.filter(test=test, status="accepted").count() == 2


@pytest.mark.parametrize("column", ["source", "row_count", "sha256", "part", "quarters"])
def test_sm_07_nothing_of_a_frozen_population_changes(world, test, column):
    row = written(world, test)
    value = {"row_count": 5, "quarters": "{}", "part": "interim"}.get(column, "x")
    with pytest.raises(IntegrityError, match="SM-07"):
        sql(world, f"UPDATE audits_population SET {column} = %s", value)
    with pytest.raises(IntegrityError, match="SM-07"):
        sql(world, "UPDATE audits_population SET status = 'reading'")
    with pytest.raises(IntegrityError, match="SM-07"):
        sql(world, "DELETE FROM audits_populationchunk")
    assert accept(world, row).status == "accepted"
    with pytest.raises(IntegrityError, match="SM-07"):
        sql(world, "UPDATE audits_population SET accuracy = 'Otherwise'")


def test_sm_07_a_corrected_list_replaces_the_earlier_one_which_stays(world, test):
    old = accepted(world, test)
    new = written(world, test, 61, replaces=old)
    with as_(world.senior, world.firm):
        assert Population.objects.get(pk=old.pk).status == "accepted"
    accept(world, new)
    with as_(world.senior, world.firm):
        old.refresh_from_db()
        assert (old.status, b"".join(content_of(old)).count(b"\n")) == ("superseded", 61)
    with pytest.raises(Invalid, match="still stands"):
        written(world, test, replaces=old)


def test_rt_07_a_type_1_has_no_population(world, test):
    terms = Terms("SOC2", "T1", ("security",), as_of=date(2026, 9, 30))
    world.engagement = factories.engagement(
        world.firm, world.client_organization, world.lead, terms=terms
    )
    with as_(world.lead, world.firm):
        controls.take_controls(world.engagement, None, by=world.lead)
    for who, role in ((world.auditor, Role.STAFF), (world.senior, Role.SENIOR)):
        factories.assigned(world.engagement, world.firm, who, role)
    test = a_test(world, kind=TestKind.DESIGN, covers_from=None, covers_to=None)
    with pytest.raises(Refused, match="RT-07"):
        written(world, test)
    said = told()
    fields = {
        "engagement": world.engagement, "test": test, "number": 9, "part": said.part,
        "unit": said.unit, "covers_from": said.covers[0], "covers_to": said.covers[1],
        "source": said.source, "query": said.query, "run_by": said.run_by, "run_at": said.run_at,
        "begun_by": world.auditor,
    }  # fmt: skip
    with as_(world.auditor, world.firm), pytest.raises(IntegrityError, match="RT-07"):
        Population.objects.create(**fields)


def test_a_test_of_design_has_no_population(world):
    factories.taken_controls(world)
    design = a_test(world, kind=TestKind.DESIGN, covers_from=None, covers_to=None)
    with pytest.raises(Refused, match="walks one item"):
        written(world, design)


def test_a_list_that_cannot_be_read_leaves_nothing(world, test):
    with pytest.raises(Invalid, match="Row 2 has the key “T-0001” of an earlier row"):
        written(world, test, rows="Ticket,Day\nT-0001,2026-01-01\nT-0001,2026-01-02")
    with pytest.raises(Invalid, match="No column is headed “Ticket”"):
        written(world, test, rows="Number,Day\n1,2026-01-01")
    with pytest.raises(Invalid, match="headings in the first line"):
        written(world, test, rows=" \n ")
    with pytest.raises(Invalid, match="in the future"):
        written(world, test, run_at=timezone.now() + timedelta(days=1))
    with as_(world.senior, world.firm):
        assert not Population.objects.exists()


def test_a_reader_that_lost_its_lease_writes_no_more(world, test):
    with as_(world.auditor, world.firm):
        row = populations.begin(test, told(), by=world.auditor)
    chunk = Chunk(1, b"item_key,A\n1,x\n", b"1\n")
    with on_behalf_of_the_engagement(world.engagement.pk):
        assert population_reading.take_up(row, 1)
        population_reading.write_chunk(row, 1, chunk)
        assert population_reading.take_up(row, 2)  # a second reader begins anew
        assert not PopulationChunk.objects.exists()
        with pytest.raises(LeaseLost):
            population_reading.write_chunk(row, 1, chunk)
        population_reading.write_chunk(row, 2, chunk)
        population_reading.fail(row, 2, "Row 2 has no key.")
        row.refresh_from_db()
        assert (row.status, row.row_count, row.problem) == ("failed", 0, "Row 2 has no key.")
        assert not population_reading.take_up(row, 3)
    assert SYSTEM


def test_named_people_alone_know_of_a_restricted_one_ac_03(world, test):
    with as_(world.lead, world.firm):
        row = populations.begin(test, told(), by=world.lead, named=[world.lead.pk])
    with as_(world.senior, world.firm):
        assert not Population.objects.exists()
        with pytest.raises(NotVisible):
            Population.objects.find(world.senior, row.pk)
        assert not TrailEntry.objects.filter(subject_id=row.pk).exists()
    with as_(world.lead, world.firm):
        assert Population.objects.find(world.lead, row.pk)


def test_the_client_sees_nothing_of_it_ac_02(world, test):
    row = accepted(world, test)
    for who, home in ((world.client, world.client_organization), (world.rival, world.other_firm)):
        with as_(who, home):
            assert not Population.objects.exists()
            assert not PopulationChunk.objects.exists()
            with pytest.raises(NotVisible):
                Population.objects.find(who, row.pk)
            assert not TrailEntry.objects.filter(subject_type="population").exists()


def test_columns_may_be_none_and_dates_unasked(world, test):
    row = written(world, test, layout=Layout(), rows=listed(3))
    assert (row.quarters, row.key_columns) == ({}, [])
    with as_(world.senior, world.firm):
        assert list(keys_of(row)) == [b"1", b"2", b"3"]
