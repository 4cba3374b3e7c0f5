"""The opinion: proposed from the conclusions, decided by the partner (OP-01, OP-04, OP-05)."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.actions import conclusions, opinions
from audits.models import ScopeItem
from audits.models.opinions import Modification, Opinion, OpinionPart
from audits.queries.opinions import lines, rows, to_decide
from audits.queries.papers import standing as paper_standing
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.helpers import fill_library, take_all
from tests.conftest import as_

WHY = "Every criterion was concluded."


@pytest.fixture
def concluded(world):
    """Two criteria: a common one, and one of availability; all else is left out."""
    fill_library(world, 1)
    take_all(world)
    factories.moved_to(world, "review")
    with as_(world.lead, world.firm):
        common = ScopeItem.objects.filter(common=True, identifier__startswith="CC2").first()
        own = ScopeItem.objects.filter(common=False, category="availability").first()
        world.common, world.own = common, own
        ScopeItem.objects.exclude(pk__in=[common.pk, own.pk]).update(
            relevant=False, reason="Elsewhere.", decided_by=world.partner
        )
    for each in (common, own):
        say(world, each, "met")
    return world


def say(world, item, value):
    with as_(world.lead, world.firm):
        row = ScopeItem.objects.select_related("engagement").get(pk=item.pk)
        return conclusions.conclude_item(row, value, reason="As seen.", by=world.lead)


def proposed(world):
    with as_(world.lead, world.firm):
        return opinions.propose(world.engagement, WHY, by=world.lead)


def held(world):
    with as_(world.partner, world.firm):
        return rows(world.engagement).get()


def decide(world, reason="", **values):
    row = held(world)
    with as_(world.partner, world.firm):
        return opinions.decide(row, values, reason=reason, by=world.partner)


def values(world):
    row = held(world)
    return {line.part.part: line.part.value for line in lines(row)}


def said(world, phase):
    with as_(world.lead, world.firm):
        stands = open_findings(world.engagement, phase)
    return [each.finding.text for each in stands if each.finding.rule.startswith("OP-")]


def test_op_02_an_unmodified_opinion_goes_from_proposal_to_decision(concluded):
    assert said(concluded, "review") == ["No opinion is proposed yet."]
    with as_(concluded.senior, concluded.firm), pytest.raises(PermissionDenied):
        opinions.propose(concluded.engagement, WHY, by=concluded.senior)
    proposed(concluded)
    assert said(concluded, "review") == []
    assert values(concluded) == dict.fromkeys(("description", "design", "operation"), "unmodified")
    factories.moved_to(concluded, "reporting")
    assert said(concluded, "reporting") == ["The partner has not decided the opinion."]
    with as_(concluded.partner, concluded.firm):
        assert len(to_decide(concluded.partner)[0].items) == 1
    row = held(concluded)
    with as_(concluded.lead, concluded.firm), pytest.raises(PermissionDenied):
        opinions.decide(row, {}, by=concluded.lead)
    decide(concluded)
    assert said(concluded, "reporting") == []
    with as_(concluded.client, concluded.client_organization):
        assert not Opinion.objects.exists()
        assert not OpinionPart.objects.exists()
        assert not TrailEntry.objects.filter(subject_type="opinion").exists()


def test_op_01_items_open_or_changed_hold_the_proposal(concluded):
    proposed(concluded)
    say(concluded, concluded.own, "not_determinable")
    assert "have changed" in said(concluded, "review")[0]
    with pytest.raises(Refused, match="OP-01"):
        decide(concluded)
    proposed(concluded)
    assert values(concluded)["operation"] == "qualified"
    factories.moved_to(concluded, "fieldwork")
    with as_(concluded.lead, concluded.firm), pytest.raises(Refused, match="review and reporting"):
        opinions.propose(concluded.engagement, WHY, by=concluded.lead)


def test_op_01_another_decision_than_proposed_needs_a_reason(concluded):
    say(concluded, concluded.own, "not_met")
    proposed(concluded)
    row = held(concluded)
    part = next(line for line in lines(row) if line.part.part == "operation")
    with as_(concluded.lead, concluded.firm):
        modification = Modification.objects.select_related("part__opinion__engagement").get(
            pk=part.modifications[0].pk
        )
        opinions.drop_modification(modification, by=concluded.lead)
    with pytest.raises(Invalid, match="OP-01: say why"):
        decide(concluded, operation="unmodified")
    decide(concluded, "Not material: one report of twelve.", operation="unmodified")
    with as_(concluded.partner, concluded.firm):
        with pytest.raises(IntegrityError, match="OP-01"), transaction.atomic():
            Opinion.objects.update(decision_reason="")
        assert Opinion.objects.get().decision_reason.startswith("Not material")


def test_op_01_pervasive_is_asked_and_carries_another_word(concluded):
    for item in (concluded.own, concluded.common):
        say(concluded, item, "not_met")
    proposed(concluded)
    with pytest.raises(Invalid, match="whether it is pervasive"):
        decide(concluded)
    with as_(concluded.partner, concluded.firm):
        row = rows(concluded.engagement).get()
        for each in Modification.objects.select_related("scope_item", "part"):
            opinions.modify(
                row, each.part.part, each.scope_item, cause=each.cause, pervasive=True,
                basis=each.basis, by=concluded.partner,
            )  # fmt: skip
    with pytest.raises(Invalid, match="carry “adverse”"):
        decide(concluded, operation="qualified")
    decide(concluded, "It reaches everything.", operation="adverse")
    assert values(concluded)["operation"] == "adverse"


def test_op_04_every_modification_has_a_basis_that_names_its_item(concluded):
    proposed(concluded)
    with pytest.raises(Invalid, match="OP-04"):
        decide(concluded, "The description omits a system.", description="qualified")
    row = held(concluded)

    def modify(basis, item=concluded.own, part="description"):
        with as_(concluded.lead, concluded.firm):
            return opinions.modify(
                row, part, item, cause="failure", pervasive=False, basis=basis, by=concluded.lead
            )

    with pytest.raises(Invalid, match="OP-04: write"):
        modify(" ")
    with pytest.raises(Invalid, match="OP-04: name"):
        modify("It omits a system.")
    with pytest.raises(NotVisible):
        modify("It omits a system.", None, "nothing")
    made = modify("The description omits a system.", None)
    with as_(concluded.lead, concluded.firm):
        with pytest.raises(IntegrityError, match="op_04"), transaction.atomic():
            Modification.objects.update(basis="")
        with pytest.raises(StaleVersion):
            opinions.modify(row, "description", None, cause="failure", pervasive=False,
                            basis="Other.", by=concluded.lead, version=9)  # fmt: skip
    decide(concluded, "The description omits a system.", description="qualified")
    with as_(concluded.partner, concluded.firm):
        Modification.objects.filter(pk=made.pk).delete()
        with pytest.raises(IntegrityError, match="OP-04"), transaction.atomic():
            Opinion.objects.update(decision_reason="Still so.")


def test_op_04_what_is_changed_after_the_decision_opens_it_again_and_stales_signatures(concluded):
    say(concluded, concluded.own, "not_met")
    row = proposed(concluded)
    decide(concluded)
    with as_(concluded.partner, concluded.firm):
        before = paper_standing(concluded.engagement, "opinion", row.pk).content_hash
        row = rows(concluded.engagement).get()
        opinions.modify(
            row, "operation", concluded.own, cause="failure", pervasive=False,
            basis=f"{concluded.own.identifier} failed all year.", by=concluded.partner,
        )  # fmt: skip
        assert paper_standing(concluded.engagement, "opinion", row.pk).content_hash != before
        assert Opinion.objects.get().decided_at is None
    proposed(concluded)
    with as_(concluded.partner, concluded.firm):
        assert "all year" in Modification.objects.get().basis


def test_op_05_a_modification_is_worded_for_the_category_of_its_criterion(concluded):
    for item in (concluded.own, concluded.common):
        say(concluded, item, "not_met")
    proposed(concluded)
    with as_(concluded.lead, concluded.firm):
        found = dict(Modification.objects.values_list("scope_item", "category"))
        assert found == {concluded.own.pk: "availability", concluded.common.pk: ""}
        for item, wrong in ((concluded.common, "availability"), (concluded.own, "security")):
            rows_of = Modification.objects.filter(scope_item=item)
            with pytest.raises(IntegrityError, match="OP-05"), transaction.atomic():
                rows_of.update(category=wrong)
        assert rows_of.update(category="availability") == 1


def test_rt_07_a_type_1_says_nothing_of_operation(world):
    as_of = {
        "exam_type": "T1",
        "period_start": None,
        "period_end": None,
        "as_of": date(2026, 9, 30),
    }
    factories.arrange(world.engagement, **as_of)
    factories.moved_to(world, "review")
    with as_(world.lead, world.firm):
        ScopeItem.objects.update(relevant=False, reason="Elsewhere.", decided_by=world.partner)
    row = proposed(world)
    assert set(values(world)) == {"description", "design"}
    operation = OpinionPart(
        engagement=world.engagement, opinion=row, part="operation", value="unmodified",
        proposed="unmodified",
    )  # fmt: skip
    with as_(world.lead, world.firm), pytest.raises(IntegrityError, match="RT-07"):
        operation.save()
