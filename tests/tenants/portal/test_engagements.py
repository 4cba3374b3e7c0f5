"""Engagements in the portal: listing, opening, changing, moving."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from tenants.models import Engagement, Invitation, Organization, TrailEntry
from tenants.rules.engagements import Terms
from tests import factories
from tests.conftest import as_

NEW = "/engagements/new/"
INDEX = "/engagements/"


def form_for(world: SimpleNamespace, **changed: Any) -> dict[str, Any]:
    """A form of a new engagement that is in order, but for what is `changed`."""
    return {
        "client": str(world.client_organization.pk),
        "title": "SOC 2 2027",
        "kind": "examination",
        "independent": "on",
        "report_type": "SOC2",
        "exam_type": "T2",
        "categories": ["security", "availability"],
        "period_start": "2026-10-01",
        "period_end": "2027-09-30",
        "as_of": "",
        "fieldwork_ends_on": "",
        "client_name": "",
        "client_time_zone": "",
        "client_admin_email": "",
        "client_admin_name": "",
        **changed,
    }


def page_of(world: SimpleNamespace, name: str = "engagement", *args: Any) -> str:
    return reverse(f"tenants:{name}", args=[world.engagement.pk, *args])


def found(world: SimpleNamespace, title: str) -> Engagement:
    with as_(world.lead, world.firm):
        return Engagement.objects.select_related("client").get(title=title)


def test_an_engagement_is_opened_for_a_known_client(world, lead):
    answer = lead.post(NEW, form_for(world))
    made = found(world, "SOC 2 2027")
    assert answer.headers["Location"] == reverse("tenants:engagement", args=[made.pk])
    assert made.period_end == date(2027, 9, 30)
    assert "with you on it" in lead.get(answer.headers["Location"]).content.decode()


def test_a_new_client_is_named_and_its_administrator_invited_on_the_way(world, lead, sent_links):
    form = form_for(
        world, client="new", client_name="Corvid Analytics", client_time_zone="America/Chicago",
        client_admin_email="sam@corvid.example",
    )  # fmt: skip
    links = sent_links(lambda: lead.post(NEW, form))
    made = found(world, "SOC 2 2027")
    assert (made.client.name, made.client.time_zone) == ("Corvid Analytics", "America/Chicago")
    assert len(links) == 1


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"categories": []}, "categories", "RT-04"),
        ({"report_type": "SOC1"}, "categories", "RT-02"),
        ({"report_type": "SOC3", "exam_type": "T1"}, "exam_type", "RT-05"),
        ({"period_end": ""}, "period_end", "RT-06"),
        ({"period_end": "2026-01-01"}, "period_end", "RT-06"),
        ({"exam_type": "T1", "as_of": "2026-10-01"}, "period_start", "RT-06"),
        ({"title": "SOC 2 2026"}, "title", "choose another"),
        ({"client": "new"}, "client_name", "Name the new client"),
        ({"client_admin_email": "no address"}, "client_admin_email", "valid email"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_told_at_its_field_and_nothing_is_kept(world, lead, changed, field, says):
    answer = lead.post(NEW, form_for(world, **changed))
    assert answer.status_code == 400
    assert says in answer.context["form"].errors[field][0]
    with as_(world.lead, world.firm):
        assert Engagement.objects.count() == 1
        assert Organization.objects.filter(kind="client").count() == 1
        assert not Invitation.objects.exists()


def test_who_does_not_state_their_independence_opens_nothing_ac_04(world, lead):
    form = form_for(world)
    del form["independent"]
    answer = lead.post(NEW, form)
    assert answer.status_code == 400
    assert "independent of the client" in str(answer.context["form"].errors["independent"])
    form["independent"] = "on"
    assert lead.post(NEW, form).status_code == 302


def test_a_client_of_another_firm_is_no_choice(world, lead):
    answer = lead.post(NEW, form_for(world, client=str(world.other_client.pk)))
    assert "client" in answer.context["form"].errors


def test_a_new_client_that_the_rules_refuse_later_is_not_kept(world, lead):
    form = form_for(
        world, client="new", client_name="Corvid", client_time_zone="UTC", categories=[]
    )
    assert lead.post(NEW, form).status_code == 400
    with as_(world.lead, world.firm):
        assert not Organization.objects.filter(name="Corvid").exists()


def test_terms_are_changed_with_the_version_that_was_seen(world, lead):
    form = form_for(world, title="SOC 2 2026 b", version=world.engagement.version)
    assert lead.post(page_of(world, "engagement_terms"), form).status_code == 302
    assert found(world, "SOC 2 2026 b").period_end == date(2027, 9, 30)
    answer = lead.post(page_of(world, "engagement_terms"), form)  # the version is old by now
    assert answer.status_code == 412
    assert "look again" in answer.content.decode()


def test_short_periods_are_warned_of_for_those_who_set_terms(world, lead, client_admin):
    factories.arrange(world.engagement, period_start=date(2026, 9, 1))
    assert "RT-13" in lead.get(page_of(world)).content.decode()
    assert "RT-13" not in client_admin.get(page_of(world)).content.decode()


def test_a_move_asks_first_and_then_happens_once(world, lead):
    address = page_of(world, "engagement_move", "begin")
    question = lead.get(address)
    assert "from Draft to Acceptance" in question.content.decode()
    version = question.context["form"].initial["version"]
    assert lead.post(address, {"version": version, "note": ""}).status_code == 302
    assert found(world, "SOC 2 2026").status == "acceptance"
    assert lead.post(address, {"version": version}).status_code == 409


def test_a_move_that_needs_a_reason_is_refused_without_one(world, lead):
    address = page_of(world, "engagement_move", "hold")
    answer = lead.post(
        address, {"version": world.engagement.version, "note": "  ", "until": "2031-01-31"}
    )
    assert answer.status_code == 400
    assert "reason" in answer.context["form"].errors["note"][0]
    answer = lead.post(
        address, {"version": world.engagement.version, "note": "Two weeks.", "until": "2031-01-31"}
    )
    assert answer.status_code == 302
    with as_(world.lead, world.firm):
        assert TrailEntry.objects.get(verb="hold").note == "Two weeks."


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("auditor", "begin", 403),
        ("client", "begin", 403),
        ("lead", "take_on", 403),
        ("partner", "take_on", 409),
        ("colleague", "begin", 404),
        ("rival", "begin", 404),
        ("lead", "nonsense", 404),
        ("anonymous", "begin", 302),
    ],
)  # fmt: skip
def test_a_move_is_for_those_of_its_role_and_time(world, browser_of, who, name, status):
    address = page_of(world, "engagement_move", name)
    form = {"version": world.engagement.version, "note": "x"}
    browser = browser_of(who)
    assert browser.get(address).status_code == status
    assert browser.post(address, form).status_code == status
    assert found(world, "SOC 2 2026").status == "draft"


def test_buttons_stand_only_for_those_who_may(world, browser_of):
    words = {
        who: browser_of(who).get(page_of(world)).content.decode()
        for who in ("lead", "auditor", "client", "partner")
    }
    assert {who for who, text in words.items() if "Begin acceptance" in text} == {"lead", "partner"}
    assert {who for who, text in words.items() if ">Withdraw<" in text} == {"partner"}
    assert {who for who, text in words.items() if "/terms/" in text} == {"lead", "partner"}
    assert {who for who, text in words.items() if "/history/" in text} == {
        "lead", "client", "partner",
    }  # fmt: skip


def test_the_list_is_narrowed_by_words_phase_report_and_client(world, lead):
    other = factories.known_client(world.firm, world.lead, "Corvid Analytics")
    terms = Terms("SOC1", "T2", (), period_start=date(2026, 1, 1), period_end=date(2026, 12, 31))
    soc1 = factories.engagement(world.firm, other, world.lead, title="SOC 1 2026", terms=terms)
    factories.arrange(soc1, status="withdrawn")
    for query, shown in (
        ("", {"SOC 1 2026", "SOC 2 2026"}),
        ("?q=corvid", {"SOC 1 2026"}),
        ("?status=open", {"SOC 2 2026"}),
        ("?status=withdrawn", {"SOC 1 2026"}),
        ("?report_type=SOC1", {"SOC 1 2026"}),
        (f"?client={other.pk}", {"SOC 1 2026"}),
        (f"?client={world.other_client.pk}", {"SOC 1 2026", "SOC 2 2026"}),
        ("?q=none", set()),
        ("?page=99", {"SOC 1 2026", "SOC 2 2026"}),
        ("?page=x&status=nonsense", {"SOC 1 2026", "SOC 2 2026"}),
    ):
        answer = lead.get(INDEX + query)
        assert answer.status_code == 200
        assert {row.title for row, _ in answer.context["rows"]} == shown, query


def test_pages_cost_the_same_number_of_queries_for_1_and_20_engagements(
    world, lead, django_assert_max_num_queries
):
    counts = []
    for more in (0, 19):
        for number in range(more):
            factories.engagement(
                world.firm, world.client_organization, world.lead, title=f"Engagement {number}"
            )
        for path, most in ((INDEX, 16), ("/", 29), ("/clients/", 14)):
            with django_assert_max_num_queries(most) as seen:
                assert lead.get(path).status_code == 200
            counts.append((path, len(seen)))
    assert counts[:3] == counts[3:]


def test_a_long_list_is_paged(world, lead):
    for number in range(27):
        factories.engagement(
            world.firm, world.client_organization, world.lead, title=f"Engagement {number}"
        )
    first = lead.get(INDEX + "?status=draft")
    assert len(first.context["rows"]) == 25
    assert first.context["page"].next_url == "?status=draft&page=2"
    second = lead.get(INDEX + "?status=draft&page=2")
    assert len(second.context["rows"]) == 3
    assert second.context["page"].previous_url == "?status=draft"
