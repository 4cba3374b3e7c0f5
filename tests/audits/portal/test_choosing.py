"""Pages and programs of the choice of a report and of its terms."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.models.report_advice import ReportAdvice
from tenants.models import Engagement
from tests import factories
from tests.conftest import as_
from tests.programs import program_of

PERIOD = {"period_start": "2025-10-01", "period_end": "2026-09-30"}


def text(response):
    return response.content.decode()


def of(name, world):
    return reverse(f"audits:{name}", args=[world.engagement.pk])


def report(number, **terms):
    return {f"report{number}-{name}": value for name, value in {"wanted": "on", **terms}.items()}


def test_questions_lead_to_reports_that_are_opened_as_they_are(world, lead):
    path = reverse("audits:advise")
    assert path in text(lead.get(reverse("tenants:engagements")))
    answers = {"moves_money": "on", "auditors_rely": "on", "asked_about_trust": "on"}
    shown = text(lead.post(path, answers))
    assert all(name in shown for name in ("SOC 1 Type 2", "SOC 2 Type 2", 'name="moves_money"'))
    wanted = {
        **answers, "opening": "yes", "client": str(world.client_organization.pk),
        **report(0, title="Books", report_type="SOC1", exam_type="T2", **PERIOD),
        **report(1, title="System", report_type="SOC2", exam_type="T2", categories="security"),
    }  # fmt: skip
    refused = lead.post(path, wanted)
    assert refused.status_code == 400
    assert "Only somebody independent" in text(refused)
    refused = lead.post(path, wanted | {"independent": "on"})
    assert refused.status_code == 400
    assert "RT-06" in text(refused)
    wanted |= report(1, title="System", report_type="SOC2", exam_type="T2", categories="security",
                     **PERIOD)  # fmt: skip
    assert lead.post(path, wanted | {"independent": "on"}).status_code == 302
    with as_(world.lead, world.firm):
        made = Engagement.objects.filter(title__in=("Books", "System"))
        assert ReportAdvice.objects.filter(engagement__in=made, differs=False).count() == 2


def test_a_report_that_is_left_is_not_opened(world, lead):
    sent = {
        "asked_about_trust": "on", "for_the_public": "on", "opening": "yes", "independent": "on",
        "client": str(world.client_organization.pk),
        **report(0, title="System", report_type="SOC2", exam_type="T2", categories="security",
                 **PERIOD),
    }  # fmt: skip
    assert lead.post(reverse("audits:advise"), sent).status_code == 302
    with as_(world.lead, world.firm):
        assert Engagement.objects.filter(title="System").count() == 1
        assert not Engagement.objects.filter(report_type="SOC3").exists()


def test_nothing_fits_says_so_and_answers_are_changed(lead):
    path = reverse("audits:advise")
    assert "None of the SOC reports" in text(lead.post(path, {"moves_money": "on"}))
    again = text(lead.post(path, {"moves_money": "on", "again": "yes"}))
    assert "checked" in again


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("client", 404), ("lead", 200)])
def test_advice_is_asked_by_those_who_open_engagements(browser_of, who, status):
    browser = browser_of(who)
    browser.raise_request_exception = False
    assert browser.get(reverse("audits:advise")).status_code == status


def test_the_terms_show_each_side_what_is_theirs(world, browser_of, lead):
    partner, client = browser_of("partner"), browser_of("client")
    lead.post(of("advice", world), {"moves_money": "on", "auditors_rely": "on"})
    page = text(partner.get(of("advice", world)))
    assert "this is a SOC 2 Type 2" in page
    assert of("advice_override", world) in page
    assert of("advice_override", world) not in text(lead.get(of("advice", world)))
    sent = {"reason": "The SOC 1 comes later.", "version": 1}
    assert partner.post(of("advice_override", world), sent).status_code == 302
    lead.post(of("prior_report", world), {
        "before": "stated", "firm_name": "Another LLP", "report_type": "SOC2", "exam_type": "T2",
        "period_start": "2024-10-01", "period_end": "2025-08-31",
    })  # fmt: skip
    lead.post(of("audience", world), {"audience": "restricted", "readers": "prospects"})
    firm, theirs = text(lead.get(of("agreement", world))), text(client.get(of("agreement", world)))
    for words in ("The SOC 1 comes later.", "a gap of 30 days"):
        assert words in firm
        assert words not in theirs
    assert "Prospective customers" in theirs


def test_the_report_before_may_be_an_engagement_in_sight(world, lead):
    prior = factories.engagement(
        world.firm, world.client_organization, world.lead, title="Last year"
    )
    assert "Last year (SOC 2 Type 2)" in text(lead.get(of("prior_report", world)))
    assert lead.post(of("prior_report", world), {"before": str(prior.pk)}).status_code == 302
    assert "an overlap of 365 days" in text(lead.get(of("agreement", world)))
    wrong = lead.post(of("prior_report", world), {"before": "stated", "exam_type": "T2"})
    assert wrong.status_code == 400


def test_programs_ask_open_override_and_state(world):
    lead, partner = (program_of(getattr(world, who), world.firm) for who in ("lead", "partner"))
    client = program_of(world.client, world.client_organization)
    found = lead.post("report-advices/recommend/", {"asked_about_trust": True}).json()
    assert [each["report"] for each in found["recommended"]] == ["SOC2"]
    assert client.post("report-advices/recommend/", {}).status_code == 403
    body = {
        "asked_about_trust": True, "client": str(world.client_organization.pk),
        "independent": True, "chosen": [
            {"title": "A", "report_type": "SOC2", "exam_type": "T2", "categories": ["security"],
             **PERIOD},
        ],
    }  # fmt: skip
    made = lead.post("report-advices/open/", body)
    assert (made.status_code, made.json()["engagements"][0]["title"]) == (201, "A")
    body["chosen"][0] |= {"title": "B", "categories": []}
    refused = lead.post("report-advices/open/", body)
    assert refused.status_code == 400
    assert "chosen.0.categories" in text(refused)
    here = {"engagement": str(world.engagement.pk)}
    advice = lead.post("report-advices/", {**here, "moves_money": True, "auditors_rely": True})
    assert advice.json()["differs"] is True
    path = f"report-advices/{advice.json()['id']}/override/"
    assert lead.post(path, {"reason": "Later."}).status_code == 403
    assert partner.post(path, {"reason": "Later."}).json()["override_reason"] == "Later."
    stated = lead.post("prior-reports/", {**here, "none_before": True})
    assert (stated.status_code, stated.json()["none_before"]) == (201, True)
    audience = {**here, "audience": "public"}
    assert "RT-15" in text(lead.post("report-audiences/", audience))
    audience |= {"audience": "restricted", "readers": ["management"]}
    assert lead.post("report-audiences/", audience).status_code == 201
    assert client.get("report-audiences/").json()["total"] == 1
    assert client.get("report-advices/").json()["total"] == 0
    assert client.get("prior-reports/").json()["total"] == 0
