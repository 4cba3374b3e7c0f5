"""The client's approvals: bound to what was approved, stale once it changes, not of one's own."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import client_approvals, library_objectives, scope, subservices
from audits.actions.subservices import Treatment
from audits.choices.system import SubserviceMethod
from audits.models import ControlObjective
from audits.models.client_approvals import ClientApproval
from audits.models.subservices import EngagementSubservice
from audits.queries.client_approvals import standing
from grc.sample.cures import system, terms_approvals
from tenants.choices import Role
from tenants.errors import NotVisible, Refused, StaleVersion
from tenants.models import Assignment
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.actions.test_choosing import SOC1, termed
from tests.audits.actions.test_documents import acts, raw, written


def found(world, phase):
    with acts(world, "lead"), transaction.atomic():
        return [each.finding for each in open_findings(world.engagement, phase)
                if each.finding.subject in ("objectives", "description")
                and each.finding.route[0] == "audits:approvals"]  # fmt: skip


def seen(world, kind):
    with acts(world, "client"), transaction.atomic():
        return next(each.content_hash for each in standing(world.engagement)
                    if each.approvable.kind == kind)  # fmt: skip


def approved(world, kind, who="client", hash_=""):
    hash_ = hash_ or seen(world, kind)
    with acts(world, who), transaction.atomic():
        return client_approvals.approve(world.engagement, kind, seen=hash_, by=getattr(world, who))


@pytest.fixture
def soc1(world):
    """A SOC 1 that examines one objective."""
    termed(world, SOC1)
    for ref in ("CO-01", "CO-02"):
        with acts(world, "client"), transaction.atomic():
            library_objectives.add_objective(
                world.client_organization, ref=ref, group="itgc", domain="Access", title=ref,
                text=f"Controls give reasonable assurance, {ref}.", by=world.client,
            )  # fmt: skip
    examined(world, "CO-01")
    return world


def examined(world, *refs):
    with acts(world, "lead"), transaction.atomic():
        ids = ControlObjective.objects.filter(ref__in=refs).values_list("pk", flat=True)
        scope.take_objectives(world.engagement, list(ids), by=world.lead)


def test_objectives_are_approved_as_they_are_and_again_when_they_change(soc1):
    (open_,) = found(soc1, "planning")
    assert "not approved" in open_.text
    with acts(soc1, "lead"), pytest.raises(PermissionDenied):
        client_approvals.approve(soc1.engagement, "objectives", seen="", by=soc1.lead)
    first = seen(soc1, "objectives")
    held = approved(soc1, "objectives")
    assert (held.role, held.content["objectives"][0]["ref"]) == ("client_admin", "CO-01")
    assert found(soc1, "planning") == []
    with pytest.raises(Refused):
        approved(soc1, "objectives")
    examined(soc1, "CO-01", "CO-02")
    (stale,) = found(soc1, "planning")
    assert (stale.rule, "changed since" in stale.text) == ("SO-05", True)
    with pytest.raises(StaleVersion):
        approved(soc1, "objectives", hash_=first)
    approved(soc1, "objectives", "executive")
    assert found(soc1, "planning") == []
    examined(soc1, "CO-01")
    assert found(soc1, "planning")  # the last approval counts, not an older one of the same words
    with acts(soc1, "client"), pytest.raises(Exception, match=r"permission denied|never changed"):
        raw("DELETE FROM audits_clientapproval")


def test_a_soc_2_has_no_objectives_to_approve(world):
    assert found(world, "planning") == []
    with acts(world, "client"), pytest.raises(NotVisible), transaction.atomic():
        client_approvals.approve(world.engagement, "objectives", seen="", by=world.client)


def test_so_08_a_description_is_approved_by_another_than_its_last_writer(world):
    factories.moved_to(world, "reporting")
    written(world, "description", "As it is.", final=True)
    assert [each.rule for each in found(world, "reporting")] == ["§9"]
    with pytest.raises(Refused, match="SO-08"):
        approved(world, "description")
    approved(world, "description", "executive")
    assert found(world, "reporting") == []
    with acts(world, "client"), pytest.raises(IntegrityError, match="SO-08"):
        raw(
            "INSERT INTO audits_clientapproval (id, version, engagement_id, subject_kind, "
            "subject_id, content, content_hash, role, approved_by_id) SELECT gen_random_uuid(), 1, "
            "engagement_id, subject_kind, subject_id, content, content_hash, 'client_admin', %s "
            "FROM audits_clientapproval", world.client.pk,
        )  # fmt: skip


def test_so_08_who_is_alone_approves_their_own(world):
    written(world, "description", "As it is.", final=True)
    _alone(world)
    assert approved(world, "description").role == "client_admin"
    with acts(world, "lead"):
        assert ClientApproval.objects.count() == 1


def _alone(world):
    """The executive is taken off."""
    from tenants import acting

    with acting.on_behalf_of_the_engagement(world.engagement.pk), transaction.atomic():
        Assignment.objects.filter(engagement=world.engagement, role=Role.EXECUTIVE).delete()


def test_the_firm_approves_nothing_in_the_client_s_name(world):
    written(world, "description", "As it is.", final=True)
    approved(world, "description", "executive")
    with acts(world, "lead"), pytest.raises(Exception, match="row-level security"):
        raw(
            "INSERT INTO audits_clientapproval (id, version, engagement_id, subject_kind, "
            "subject_id, content, content_hash, role, approved_by_id) SELECT gen_random_uuid(), 1, "
            "engagement_id, subject_kind, subject_id, content, content_hash, role, approved_by_id "
            "FROM audits_clientapproval"
        )


def test_planning_ends_with_boundary_methods_and_commitments_approved(world):
    factories.moved_to(world, "planning")

    def open_():
        with acts(world, "lead"), transaction.atomic():
            return {each.finding.subject: each.finding.rule
                    for each in open_findings(world.engagement, "planning")
                    if each.finding.route[0] == "audits:approvals"}  # fmt: skip

    assert open_() == {}  # the client has said nothing yet, which is found elsewhere
    cast = factories.Cast(world)
    system.cure(cast, world.engagement)
    assert set(open_()) == {"boundary", "commitments", "subservice_methods"}
    terms_approvals.cure(cast, world.engagement)
    assert open_() == {}
    with acts(world, "lead"), transaction.atomic():
        for each in standing(world.engagement):
            assert each.lines
        row = EngagementSubservice.objects.select_related("engagement").first()
        subservices.change(row, Treatment(SubserviceMethod.INCLUSIVE), by=world.lead)
    assert open_() == {"subservice_methods": "SO-05"}
