"""Deviations: written down, explained, weighed against growing samples (DV-01 to DV-04)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import deviations, results, samples
from audits.actions.results import Said
from audits.models import ControlMapping
from audits.models.control_tests import TestAttribute
from audits.models.deviations import Deviation
from audits.models.results import TestCell
from audits.models.samples import Sample
from audits.rules.deviations import Account
from tenants import outbox
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused, StaleVersion
from tenants.models import Notice, TrailEntry
from tenants.queries.findings import open_findings
from tests import factories
from tests.access.scenes import work_off
from tests.audits.deviating import EXPLAINED, explained, found, sampled
from tests.audits.helpers import fill_library, take_all
from tests.audits.testing import control_of
from tests.conftest import as_


@pytest.fixture
def tested(world):
    fill_library(world, 4)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    return world


def open_rules(world, phase="fieldwork"):
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, phase)
    return [each.finding.rule for each in stands if each.finding.rule.startswith("DV-")]


def passes(world, test):
    with as_(world.auditor, world.firm):
        row = TestCell.objects.get(test=test, result="deviation")
        said = Said(row.item_id, row.attribute_id, "pass")
        results.write_cells(test, [said], by=world.auditor)


def by_hand(world, **changes):
    account = replace(EXPLAINED, **changes)
    with as_(world.auditor, world.firm):
        return deviations.record(control_of(world), account, by=world.auditor)


def test_dv_01_what_the_grids_show_is_written_down_once_and_explained(tested):
    sampled(tested, deviating=2)
    assert open_rules(tested) == ["DV-01"]
    rows = found(tested)
    assert [row.number for row in rows] == [1, 2]
    assert rows[0].happened.startswith("Item 1 does not meet A: Approved before it was granted")
    assert found(tested) == []
    assert open_rules(tested) == ["DV-01", "DV-01"]
    with as_(tested.auditor, tested.firm):
        with pytest.raises(MoveRefused, match="DV-01: say its cause, whether it is isolated or"):
            deviations.move(rows[0], "explain", by=tested.auditor)
        with pytest.raises(IntegrityError, match="dv_01"), transaction.atomic():
            Deviation.objects.filter(pk=rows[0].pk).update(status="explained")
    for row in rows:
        explained(tested, row)
    assert open_rules(tested) == []
    with as_(tested.lead, tested.firm):
        assert {e.zone for e in TrailEntry.objects.filter(subject_type="deviation")} == {"firm"}
    with as_(tested.client, tested.client_organization):
        assert not Deviation.objects.exists()
        with pytest.raises(NotVisible):
            Deviation.objects.find(tested.client, rows[0].pk)
        assert not TrailEntry.objects.filter(subject_type="deviation").exists()


def test_dv_01_a_deviation_names_a_cell_of_its_own_control(tested):
    test = sampled(tested, deviating=1)
    (row,) = found(tested)
    other = sampled(tested, control=control_of_another(tested))
    with as_(tested.lead, tested.firm):
        attribute = TestAttribute.objects.get(test=other, letter="A")
        with pytest.raises(IntegrityError, match="DV-01"), transaction.atomic():
            Deviation.objects.filter(pk=row.pk).update(attribute=attribute)
        with pytest.raises(IntegrityError, match="DV-01"), transaction.atomic():
            Deviation.objects.filter(pk=row.pk).update(control=other.control_id)
        assert Deviation.objects.filter(pk=row.pk).update(test=test) == 1


def control_of_another(world):
    with as_(world.lead, world.firm):
        first = control_of(world)
        return type(first).objects.select_related("engagement").exclude(pk=first.pk).first()


def test_what_is_none_after_all_is_taken_back_once_its_cell_says_so(tested):
    test = sampled(tested, deviating=1)
    (row,) = found(tested)
    with as_(tested.auditor, tested.firm), pytest.raises(Refused, match="still deviates"):
        deviations.drop(row, note="Misread.", by=tested.auditor)
    passes(tested, test)
    assert open_rules(tested) == ["DV-01"]
    with as_(tested.auditor, tested.firm):
        with pytest.raises(Invalid) as refused:
            deviations.drop(row, note=" ", by=tested.auditor)
        assert refused.value.field == "note"
        deviations.drop(row, note="Misread.", by=tested.auditor)
    assert open_rules(tested) == []


def test_dv_02_evidence_made_after_the_fact_stays_a_deviation_and_partners_know_at_once(tested):
    test = sampled(tested, deviating=1)
    (row,) = found(tested)
    explained(tested, row, after_the_fact=True)
    passes(tested, test)
    assert open_rules(tested) == ["DV-02"]
    with as_(tested.auditor, tested.firm), pytest.raises(Refused, match="DV-02"):
        deviations.drop(row, note="The evidence came.", by=tested.auditor)
    work_off()
    with as_(tested.partner, tested.firm):
        (notice,) = Notice.objects.filter(kind="audits.serious_deviation")
        assert (notice.subject, notice.person_id) == (row.pk, tested.partner.pk)
    late = by_hand(tested)
    with as_(tested.auditor, tested.firm):
        deviations.drop(late, note="Late, but of its time: a pass.", by=tested.auditor)


def test_intent_is_told_to_partners_once(tested):
    row = by_hand(tested, intentional=True)
    with as_(tested.auditor, tested.firm):
        deviations.change(row, replace(EXPLAINED, intentional=True), by=tested.auditor)
    work_off()
    with as_(tested.partner, tested.firm):
        assert Notice.objects.filter(kind="audits.serious_deviation").count() == 1
    assert ("audits.deviation", "turned_serious") in outbox.FOLLOWERS


@pytest.mark.parametrize(
    ("nature", "count", "deviating", "says"),
    [
        ("isolated", 25, 1, ""),
        ("systematic", 25, 1, "systematic"),
        ("unknown", 25, 1, "only an isolated"),
        ("", 25, 1, "explain the deviation"),
        ("isolated", 25, 2, "second deviation"),
        ("isolated", 10, 1, "fewer than 20"),
    ],
)
def test_dv_03_a_sample_grows_once_for_one_isolated_deviation(
    tested, nature, count, deviating, says
):
    sampled(tested, count=count, deviating=deviating)
    for row in found(tested):
        if nature:
            explained(tested, row, nature=nature)
    with as_(tested.senior, tested.firm):
        sample = Sample.objects.select_related("population").get()
        if says:
            with pytest.raises(Refused, match=f"DV-03.*{says}"):
                samples.expand(sample, 15, reason="One deviation.", by=tested.senior)
            return
        assert len(samples.expand(sample, 15, reason="One deviation.", by=tested.senior)) == 15
        with pytest.raises(Refused, match="grows once"):
            samples.expand(sample, 5, reason="Some more.", by=tested.senior)


def test_dv_04_a_control_compensates_only_for_the_same_scope_item_and_with_words(tested):
    row = by_hand(tested)
    other = control_of_another(tested)
    with as_(tested.lead, tested.firm):
        ControlMapping.objects.filter(control=other).delete()
    told = replace(EXPLAINED, compensating=other.pk, compensating_why="It reviews every grant.")
    with as_(tested.auditor, tested.firm):
        with pytest.raises(Invalid, match="DV-04: a control compensates only where"):
            deviations.change(row, told, by=tested.auditor)
        with pytest.raises(Invalid, match="DV-04: say how"):
            deviations.change(row, replace(told, compensating_why=""), by=tested.auditor)
        with pytest.raises(IntegrityError, match="dv_04"), transaction.atomic():
            Deviation.objects.filter(pk=row.pk).update(
                compensating=row.control_id, compensating_why="Itself."
            )
    with as_(tested.lead, tested.firm):
        item = ControlMapping.objects.filter(control=row.control_id).first().scope_item
        ControlMapping.objects.create(
            engagement=tested.engagement, control=other, scope_item=item, rationale="Both."
        )
    with as_(tested.auditor, tested.firm):
        assert deviations.change(row, told, by=tested.auditor).compensating_id == other.pk


def test_who_may_write_one_down_and_when(tested):
    with as_(tested.reviewer, tested.firm):
        control = control_of(tested)
        with pytest.raises(PermissionDenied):
            deviations.record(control, EXPLAINED, by=tested.reviewer)
    with as_(tested.auditor, tested.firm):
        for account, field in (
            (Account(" "), "happened"), (replace(EXPLAINED, nature="odd"), "nature"),
            (replace(EXPLAINED, compensating_why="Somehow."), "compensating"),
            (replace(EXPLAINED, found_by="x" * 161), "found_by"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refused:
                deviations.record(control, account, by=tested.auditor)
            assert refused.value.field == field
        row = deviations.record(control, EXPLAINED, by=tested.auditor)
        with pytest.raises(StaleVersion):
            deviations.change(row, EXPLAINED, by=tested.auditor, version=9)
        deviations.move(row, "explain", by=tested.auditor)
        with pytest.raises(Invalid, match="DV-01"):
            deviations.change(row, Account("Only this."), by=tested.auditor)
        deviations.move(row, "reconsider", note="Ask again.", by=tested.auditor)
        assert row.status == "found"
    factories.moved_to(tested, "acceptance")
    with as_(tested.auditor, tested.firm), pytest.raises(Refused, match="between planning"):
        deviations.record(control, EXPLAINED, by=tested.auditor)
