"""Around a narrative: proposed, taken, refused, approved by a second person."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction

from audits.actions import library_controls, narratives
from audits.models import Control, Narrative
from audits.models.narratives import NarrativeApproval, NarrativeProposal
from audits.queries import narratives_waiting
from audits.queries.narratives import score_of, scores_of, standing
from tenants.choices import Role
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests import factories
from tests.audits.helpers import fill_library
from tests.conftest import as_


@pytest.fixture
def control(world):
    fill_library(world, 2)
    with as_(world.client, world.client_organization):
        return Control.objects.get(ref="ELC-01")


def at_home(world, who):
    return as_(getattr(world, who), world.client_organization)


def proposed(world, control, who="contributor", text="Told better.", **more):
    with at_home(world, who):
        return narratives.propose(control, text, by=getattr(world, who), **more)


def test_a_contributor_proposes_and_an_administrator_takes_it_ac_03(world, control):
    proposal = proposed(world, control, effective_from=date(2026, 3, 1))
    with at_home(world, "client"):
        (group,) = narratives_waiting.proposals(world.client)
        assert control.ref in group.items[0].text
        newest = narratives.take(proposal, by=world.client, version=1)
        assert (newest.number, newest.text, newest.written_by) == (
            2, "Told better.", world.contributor)  # fmt: skip
        assert newest.effective_from == date(2026, 3, 1)
        assert newest.approvals.get().approved_by == world.client
        assert (proposal.status, proposal.decided_by) == ("taken", world.client)
        assert narratives_waiting.proposals(world.client) == []
        assert {"narrative_proposed", "proposal_taken"} <= set(
            TrailEntry.objects.filter(subject_id=control.pk).values_list("verb", flat=True)
        )
        with pytest.raises(Refused, match="decided"):
            narratives.take(proposal, by=world.client)


def test_proposing_again_replaces_ones_open_proposal(world, control):
    first = proposed(world, control)
    second = proposed(world, control, text="Told best.")
    assert (second.pk, second.version) == (first.pk, 2)
    with at_home(world, "client"):
        with pytest.raises(StaleVersion):
            narratives.take(second, by=world.client, version=1)
        assert NarrativeProposal.objects.get().text == "Told best."


def test_a_proposal_is_refused_with_a_reason_only(world, control):
    proposal = proposed(world, control)
    with at_home(world, "client"):
        with pytest.raises(Invalid, match="why"):
            narratives.refuse(proposal, reason=" ", by=world.client)
        narratives.refuse(proposal, reason="It runs as it says.", by=world.client)
        assert (proposal.status, proposal.decision) == ("refused", "It runs as it says.")
        assert Narrative.objects.filter(control=control).count() == 1
    again = proposed(world, control)
    assert again.pk != proposal.pk


def test_what_reads_as_before_or_is_retired_is_not_proposed(world, control):
    with at_home(world, "contributor"):
        told = library_controls.told_of(control).narrative
    with pytest.raises(Invalid, match="as before"):
        proposed(world, control, text=f" {told} ")
    with pytest.raises(Invalid, match="narrative"):
        proposed(world, control, text="")
    proposal = proposed(world, control)
    with at_home(world, "client"):
        library_controls.retire(control, on=date(2026, 6, 30), by=world.client)
        with pytest.raises(Refused, match="retired"):
            narratives.take(proposal, by=world.client)
    with pytest.raises(Refused, match="retired"):
        proposed(world, control, text="Something else.")


def test_who_may_not_propose_take_or_approve(world, control):
    proposal = proposed(world, control)
    with at_home(world, "executive"), pytest.raises(PermissionDenied):
        narratives.propose(control, "Mine.", by=world.executive)
    with at_home(world, "owner"), pytest.raises(PermissionDenied):
        narratives.take(proposal, by=world.owner)
    with at_home(world, "contributor"), pytest.raises(PermissionDenied):
        narratives.approve(control, 1, by=world.contributor)
    with as_(world.lead, world.firm):
        with pytest.raises(PermissionDenied):
            narratives.propose(control, "The firm's.", by=world.lead)
        assert not NarrativeProposal.objects.exists()
        with pytest.raises(NotVisible):
            NarrativeProposal.objects.find(world.lead, proposal.pk)


def test_so_08_a_second_person_approves_what_was_written(world, control):
    with at_home(world, "client"):
        with pytest.raises(Refused, match="SO-08"):
            narratives.approve(control, 1, by=world.client)
        assert narratives_waiting.approvals(world.client) == []
    with at_home(world, "owner"):
        (group,) = narratives_waiting.approvals(world.owner)
        assert group.total == 2
        approval = narratives.approve(control, 1, by=world.owner)
        assert approval.narrative.number == 1
        assert narratives_waiting.approvals(world.owner)[0].total == 1
        with pytest.raises(Refused, match="already"):
            narratives.approve(control, 1, by=world.owner)
    with at_home(world, "client"):
        library_controls.set_narrative(control, "Told anew.", by=world.client)
    with at_home(world, "owner"), pytest.raises(StaleVersion, match="Version 2"):
        narratives.approve(control, 1, by=world.owner)


def test_so_08_the_database_refuses_the_writers_own_approval(world, control):
    with at_home(world, "client"):
        newest = Narrative.objects.get(control=control)
        mine = {"client": world.client_organization, "narrative": newest}
        with pytest.raises(IntegrityError, match="SO-08"), transaction.atomic():
            NarrativeApproval.objects.create(**mine, approved_by=world.client)
        kept = NarrativeApproval.objects.create(**mine, approved_by=world.owner)
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            NarrativeApproval.objects.filter(pk=kept.pk).delete()


def test_so_08_somebody_alone_may_approve_their_own(world):
    alone = factories.organization("client", "One Person Payroll")
    person = factories.member(alone, Role.CLIENT_ADMIN, name="Only Person")
    with as_(person, alone):
        (told,) = list(fill(alone, person))
        control = Control.objects.get(ref=told.ref)
        assert narratives.approve(control, 1, by=person).approved_by == person


def fill(client, person):
    from audits.actions import library
    from tests.audits.helpers import SAMPLE

    told = library.read(client, SAMPLE.read_bytes(), by=person).controls[:1]
    library.import_controls(client, told, by=person)
    return told


def test_a_score_reads_what_the_library_knows(world, control, django_assert_num_queries):
    with at_home(world, "client"):
        assert [one.rule for one in score_of(control).blockers] == ["NR-14"]
        for link in control.criterion_links.all():
            library_controls.say_why(control, link.criterion_id, "Why.", by=world.client)
        assert score_of(control).blockers == ()
        assert "NR-01" in [one.rule for one in score_of(control, "Short.").blockers]
        rows = list(standing(world.client_organization, world.client))
        with django_assert_num_queries(2):
            scores = scores_of(world.client_organization, rows)
        assert {score.applicable for score in scores.values()} <= {11, 12, 13}


def test_the_firm_reads_who_approved(world, control):
    with at_home(world, "owner"):
        narratives.approve(control, 1, by=world.owner)
    with as_(world.lead, world.firm):
        assert NarrativeApproval.objects.visible_to(world.lead).get().approved_by == world.owner
    with as_(world.outsider, world.other_client):
        assert not NarrativeApproval.objects.visible_to(world.outsider).exists()
