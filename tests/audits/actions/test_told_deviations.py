"""Deviations told to the client, its management's responses, and closing (soc.md, section 15)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import deviations, told_deviations
from audits.models.deviations import Deviation
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.queries.told_deviations import to_answer
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused
from tenants.models import TrailEntry
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.deviating import EXPLAINED, explained, found, sampled
from tests.audits.helpers import fill_library, take_all
from tests.audits.testing import control_of
from tests.conftest import as_
from tests.parts.told_deviations import REPLY, owned


@pytest.fixture
def tested(world):
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "fieldwork")
    with as_(world.lead, world.firm):
        world.control = control_of(world).pk
    owned(world, world.control)
    return world


@pytest.fixture
def deviation(tested):
    sampled(tested, deviating=1)
    (row,) = found(tested)
    return row


def tell(world, row, text="One of 25 approvals came late."):
    with as_(world.lead, world.firm):
        row = Deviation.objects.select_related("engagement", "control").get(pk=row.pk)
        return told_deviations.communicate(row, text, by=world.lead)


def told_to(world, who="client"):
    with as_(getattr(world, who), world.client_organization):
        rows = CommunicatedDeviation.objects.visible_to(getattr(world, who))
        return rows.select_related("engagement", "control").first()


def respond(world, who="client", reply=REPLY):
    by = getattr(world, who)
    with as_(by, world.client_organization):
        row = CommunicatedDeviation.objects.select_related("engagement", "control").get()
        return told_deviations.respond(row, reply, by=by)


def hand_over(world, row, who="client"):
    by = getattr(world, who)
    with as_(by, world.client_organization):
        rows = ManagementResponse.objects.select_related("engagement", "communicated__engagement")
        return told_deviations.hand_over(rows.get(pk=row.pk), by=by)


def open_texts(world):
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, "reporting")
    return [each.finding.text for each in stands if each.finding.rule == "§15"]


def test_the_client_reads_nothing_before_it_is_told(tested, deviation):
    assert told_to(tested) is None
    assert "was not told" in open_texts(tested)[0]
    with as_(tested.lead, tested.firm), pytest.raises(MoveRefused):
        told_deviations.communicate(deviation, "Late.", by=tested.lead)
    explained(tested, deviation)
    with as_(tested.senior, tested.firm), pytest.raises(PermissionDenied):
        told_deviations.communicate(deviation, "Late.", by=tested.senior)
    with as_(tested.lead, tested.firm), pytest.raises(Invalid) as refused:
        told_deviations.communicate(deviation, " ", by=tested.lead)
    assert refused.value.field == "text"
    tell(tested, deviation)
    for who in ("client", "executive", "owner"):
        row = told_to(tested, who)
        assert (row.number_tested, row.number_deviating) == (25, 1)
        assert EXPLAINED.cause not in row.text
    with as_(tested.client, tested.client_organization):
        assert not Deviation.objects.exists()
        verbs = set(TrailEntry.objects.values_list("verb", flat=True))
        assert "told" in verbs
        assert not {"found", "communicate", "explain"} & verbs
        assert len(to_answer(tested.client)[0].items) == 1


def test_only_the_control_s_owner_reads_it_beside_administrators_and_executives(tested, deviation):
    explained(tested, deviation)
    tell(tested, deviation)
    owned(tested, tested.control, by="client")
    assert told_to(tested, "owner") is None
    assert told_to(tested, "contributor") is None
    with pytest.raises(NotVisible):
        respond(tested, "owner")
    with pytest.raises(PermissionDenied):
        respond(tested, "contributor")


def test_what_was_told_stays_as_it_was_told(tested, deviation):
    explained(tested, deviation)
    tell(tested, deviation)
    with as_(tested.lead, tested.firm):
        with pytest.raises(IntegrityError, match="stays as it was told"), transaction.atomic():
            CommunicatedDeviation.objects.update(text="Nothing happened.")
        with pytest.raises(IntegrityError, match="SO-05"), transaction.atomic():
            Deviation.objects.filter(pk=deviation.pk).delete()
    with as_(tested.auditor, tested.firm):
        row = Deviation.objects.select_related("engagement", "control").get()
        with pytest.raises(Refused, match="was told"):
            deviations.drop(row, note="None.", by=tested.auditor)


def test_a_response_is_the_client_s_until_it_is_handed_over_and_then_stays(tested, deviation):
    explained(tested, deviation)
    tell(tested, deviation)
    assert "has not responded" in open_texts(tested)[0]
    draft = respond(tested, "owner")
    with as_(tested.partner, tested.firm):
        assert not ManagementResponse.objects.exists()
        assert not TrailEntry.objects.filter(subject_type="managementresponse").exists()
        row = Deviation.objects.select_related("engagement", "control").get()
        with pytest.raises(MoveRefused, match="not responded"):
            deviations.move(row, "close", by=tested.partner)
    respond(tested, "client", replace(REPLY, action="Two deputies are named."))
    hand_over(tested, draft)
    assert open_texts(tested) == []
    with as_(tested.partner, tested.firm):
        (seen,) = ManagementResponse.objects.visible_to(tested.partner)
        assert seen.action == "Two deputies are named."
        deviations.move(row, "close", by=tested.partner)
    with pytest.raises(Refused, match="handed over"):
        respond(tested)
    with as_(tested.client, tested.client_organization):
        assert to_answer(tested.client) == []
        with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
            ManagementResponse.objects.update(action="Nothing.")


def test_a_response_may_be_waived_with_a_reason(tested, deviation):
    explained(tested, deviation)
    tell(tested, deviation)
    with as_(tested.lead, tested.firm):
        row = CommunicatedDeviation.objects.select_related("engagement", "control").get()
        with pytest.raises(Invalid):
            told_deviations.waive(row, " ", by=tested.lead)
        told_deviations.waive(row, "The client said it will not respond.", by=tested.lead)
    assert open_texts(tested) == []
    with as_(tested.client, tested.client_organization):
        assert to_answer(tested.client) == []
        with pytest.raises(PermissionDenied):
            told_deviations.waive(row, "No.", by=tested.client)
    factories.moved_to(tested, "released")
    with pytest.raises(Refused):
        respond(tested)
