"""Draws that can be repeated, and what may follow one (SM-05 to SM-11)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import firm_tables, populations, samples
from audits.actions.samples import Choice
from audits.models.control_tests import ControlPlan
from audits.models.samples import Sample, SampleDraw, SampleItem
from audits.queries.draw_records import record_of
from audits.queries.population_rows import content_of
from audits.queries.samples import asked_of, items_of, missed
from audits.rules.drawing import systematic
from audits.rules.population_rows import row_hash
from tenants.acting import on_behalf_of_the_engagement
from tenants.errors import Invalid, Refused
from tenants.models import TrailEntry
from tests import factories
from tests.audits.populations import CHECKED, a_test, accepted, listed, written
from tests.conftest import as_

SCRIPT = Path(__file__).parents[3] / "docs/domain/repeat-a-draw.py"
WHY = "The table is for another process."


@pytest.fixture
def population(world):
    factories.taken_controls(world)
    return accepted(world, a_test(world), 300)


def draw(world, population, **choice):
    with as_(world.senior, world.firm):
        return samples.draw(population, Choice(**choice), by=world.senior)


def keys(world, sample):
    with as_(world.senior, world.firm):
        return [item.item_key for item in items_of(sample)]


def sql(world, statement):
    with (
        on_behalf_of_the_engagement(world.engagement.pk),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_sm_05_anybody_repeats_the_draw_with_ten_lines(world, population, tmp_path):
    sample = draw(world, population, size=25, why=WHY)
    with as_(world.senior, world.firm):
        path = tmp_path / "population.csv"
        path.write_bytes(b"".join(content_of(population)))
        record = record_of(sample)
    assert len(sample.seed) == 32
    command = [sys.executable, str(SCRIPT), str(path), sample.seed, "25"]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode().split()
    assert told == keys(world, sample)
    assert [each["item_key"] for each in record["items"]] == told
    assert record["population"]["sha256"] == population.sha256


def test_sm_01_nothing_is_drawn_before_the_population_is_accepted(world, population):
    with as_(world.senior, world.firm):
        test = population.test
    row = written(world, test, 30)
    with pytest.raises(Refused, match="SM-01"):
        draw(world, row)
    with (
        as_(world.senior, world.firm),
        pytest.raises(IntegrityError, match="SM-01"),
        transaction.atomic(),
    ):
        Sample.objects.create(
            engagement=world.engagement, population=row, method="random", size=1, risk="low",
            table_number=0, table_row={}, seed="0" * 32, drawn_by=world.senior,
        )  # fmt: skip
    with as_(world.senior, world.firm):
        populations.accept(row, by=world.senior, **CHECKED)
    assert draw(world, row).size


def test_sm_04_there_is_nothing_to_draw_from_no_row(world, population):
    with as_(world.senior, world.firm):
        test = population.test
    with pytest.raises(Refused, match="SM-04"):
        draw(world, accepted(world, test, 0))
    assert draw(world, population).size


def test_the_row_of_the_firms_table_is_kept_with_the_draw(world, population):
    with as_(world.senior, world.firm):
        asked = asked_of(population)
        control = population.test.control
    assert (asked.table_number, asked.risk) == (0, "standard")
    assert asked.statistical == [22, 38, 52, 65]
    with as_(world.lead, world.firm):
        ControlPlan.objects.create(
            engagement=world.engagement, control=control, risk="high", factors=["money"]
        )
    administrator = factories.member(world.firm, "firm_admin")
    line = {control.frequency: [3, 4, 44], "automated": [3, 4, 44], "higher_most": 44, "most": 44}
    if control.frequency not in ("event_driven", "continuous"):
        line[control.frequency] = [3, 4, 44]
    else:
        line.pop(control.frequency)
    with as_(administrator, world.firm):
        firm_tables.set_table(
            world.firm, "sample_sizes", line, reason="Decided in May.", by=administrator
        )
    sample = draw(world, population)
    assert (sample.table_number, sample.risk, sample.size) == (1, "high", 44)
    assert sample.table_row["table_says"] == 44
    with as_(world.senior, world.firm):
        item = SampleItem.objects.filter(sample=sample).first()
        assert item.row_sha256 == row_hash([item.item_key, *item.row])


def test_another_size_than_the_tables_needs_a_reason(world, population):
    with pytest.raises(Invalid, match="Say why another size") as refused:
        draw(world, population, size=90)
    assert refused.value.field == "why"
    with pytest.raises(Invalid, match="no more than the population’s 300 rows"):
        draw(world, population, size=301, why=WHY)
    assert draw(world, population, size=90, why=WHY).size == 90


def test_sm_06_a_systematic_draw_steps_evenly(world, population):
    sample = draw(world, population, method="systematic", size=10, why=WHY)
    with as_(world.senior, world.firm):
        rows = [item.row_number for item in items_of(sample)]
    assert rows == systematic(300, sample.seed, 10)


def test_a_choice_by_hand_names_rows_and_says_why(world, population):
    for method in ("haphazard", "judgmental"):
        with pytest.raises(Invalid, match="Say why these items"):
            draw(world, population, method=method, keys=["T-0001"])
    with pytest.raises(Invalid, match="“T-9999” is no row"):
        draw(world, population, method="judgmental", keys=["T-9999"], why=WHY)
    with pytest.raises(Invalid, match="once"):
        draw(world, population, method="judgmental", keys=["T-0001", "T-0001 "], why=WHY)
    sample = draw(world, population, method="judgmental", keys=["T-0007", "T-0001"], why=WHY)
    assert keys(world, sample) == ["T-0007", "T-0001"]


def test_every_row_may_be_taken(world, population):
    sample = draw(world, population, method="all", why="So few.")
    assert sample.size == 300


def test_a_population_is_drawn_from_once(world, population):
    draw(world, population)
    with pytest.raises(Refused, match="is drawn"):
        draw(world, population)


def test_only_seniors_and_above_draw(world, population):
    with as_(world.auditor, world.firm), pytest.raises(PermissionDenied):
        samples.draw(population, Choice(), by=world.auditor)
    assert draw(world, population).drawn_by == world.senior


def test_sm_11_an_expansion_takes_the_next_of_the_same_list(world, population, tmp_path):
    sample = draw(world, population, size=25, why=WHY)
    first = keys(world, sample)
    with as_(world.senior, world.firm):
        with pytest.raises(Invalid, match="Say why"):
            samples.expand(sample, 15, reason=" ", by=world.senior)
        with pytest.raises(Invalid, match="275 rows left"):
            samples.expand(sample, 276, reason="One failed.", by=world.senior)
        samples.expand(sample, 15, reason="One failed, at random.", by=world.senior)
        path = tmp_path / "population.csv"
        path.write_bytes(b"".join(content_of(population)))
        draws = SampleDraw.objects.filter(sample=sample).values_list("kind", "count")
        assert list(draws) == [("drawn", 25), ("expansion", 15)]
    command = [sys.executable, str(SCRIPT), str(path), sample.seed, "40"]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode().split()
    assert keys(world, sample) == told
    assert told[:25] == first


def test_sm_08_a_quarter_without_an_item_is_told_and_items_may_be_added(world, population):
    autumn = [f"T-{number:04d}" for number in range(1, 300) if (number % 4) == 3][:5]
    sample = draw(world, population, method="judgmental", keys=autumn, why=WHY)
    with as_(world.senior, world.firm):
        assert missed(population, items_of(sample)) == ["2026-Q1", "2026-Q2", "2026-Q3"]
        with pytest.raises(Invalid, match="in the sample already"):
            samples.add(sample, [autumn[0]], reason="Spring is missing.", by=world.senior)
        samples.add(
            sample, ["T-0004", "T-0005", "T-0006"], reason="Three quarters.", by=world.senior
        )
        assert missed(population, items_of(sample)) == []
        origins = list(items_of(sample).values_list("origin", flat=True))
    assert origins == ["drawn"] * 5 + ["added"] * 3


def test_sm_10_a_void_row_is_replaced_and_missing_evidence_is_not(world, population):
    sample = draw(world, population, size=25, why=WHY)
    with as_(world.senior, world.firm):
        item = items_of(sample)[3]
        with pytest.raises(Invalid, match="is a deviation") as refused:
            samples.replace(item, because="no_evidence", reason="Lost.", by=world.senior)
        assert refused.value.field == "because"
        with pytest.raises(Invalid, match="Say why"):
            samples.replace(item, because="void", reason=" ", by=world.senior)
        other = samples.replace(item, because="void", reason="A test ticket.", by=world.senior)
        assert (other.origin, other.replaces_id) == ("replacement", item.pk)
        assert other.reason == "The row is void: A test ticket."
        with pytest.raises(Refused, match="replaced already"):
            samples.replace(item, because="void", reason="Again.", by=world.senior)
        assert SampleItem.objects.filter(pk=item.pk).exists()


def test_sm_07_nothing_of_a_draw_changes(world, population):
    sample = draw(world, population)
    for statement in (
        "UPDATE audits_sample SET seed = repeat('0', 32)", "DELETE FROM audits_sampledraw",
        "UPDATE audits_sampleitem SET item_key = 'x'", "DELETE FROM audits_sampleitem",
    ):  # fmt: skip
        with pytest.raises(Exception, match=r"SM-07|never changed|permission denied"):
            sql(world, statement)
    with as_(world.senior, world.firm):
        new = populations.write_in(
            population.test, written_as(population), listed(301), by=world.senior
        )
        populations.accept(new, by=world.senior, **CHECKED)
        with pytest.raises(Refused, match="SM-07"):
            samples.expand(sample, 1, reason="More.", by=world.senior)
    assert draw(world, new).size


def written_as(population):
    from tests.audits.populations import told

    return told(replaces=population)


def test_sm_09_the_client_sees_neither_seed_nor_size_nor_items(world, population):
    draw(world, population)
    for who, home in ((world.client, world.client_organization), (world.rival, world.other_firm)):
        with as_(who, home):
            for model in (Sample, SampleDraw, SampleItem):
                assert not model.objects.exists()
            assert not TrailEntry.objects.filter(verb="drawn").exists()


def test_what_follows_new_items_is_told_of_each_time(world, population, monkeypatch):
    told = []
    monkeypatch.setattr(samples, "AFTER_DRAW", [lambda sample, items, by: told.append(len(items))])
    monkeypatch.setattr(samples, "BEFORE_REPLACING", [lambda item: "It has a result."])
    sample = draw(world, population, size=3, why=WHY)
    with as_(world.senior, world.firm):
        samples.expand(sample, 2, reason="More.", by=world.senior)
        with pytest.raises(Refused, match="has a result"):
            samples.replace(items_of(sample)[0], because="void", reason="x", by=world.senior)
    assert told == [3, 2]
