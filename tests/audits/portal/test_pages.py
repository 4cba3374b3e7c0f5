"""The pages of library, scope, controls and coverage: shown to whom, offering what."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.actions.library_objectives import propose_objectives_from_catalog
from audits.models import Control, ControlMapping, EngagementControl, Narrative
from tests import factories
from tests.audits.actions.test_scope import SOC1
from tests.audits.helpers import SAMPLE, fill_library, take_all
from tests.conftest import as_

NEW = {
    "ref": "NEW-1", "title": "A new control", "narrative": "Told well.", "owner_role": "CISO",
    "frequency": "monthly", "nature": "manual", "type": "detective", "systems": "HRIS\nVault",
    "criteria": "CC6.1-CC6.3", "objectives": "", "evidence": "A list",
}  # fmt: skip


SENT = {"csrfmiddlewaretoken": "as every form sends one"}


def text(response):
    return response.content.decode()


def where(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def held(world, ref="ELC-01"):
    with as_(world.lead, world.firm):
        return EngagementControl.objects.get(ref=ref)


def item_of(world, identifier):
    with as_(world.lead, world.firm):
        return world.engagement.scope_items.get(identifier=identifier)


@pytest.mark.parametrize("name", ["coverage", "controls", "scope", "client_library"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 200), ("auditor", 200), ("client", 200), ("executive", 200), ("outsider", 404),
     ("rival", 404), ("colleague", 404)],
)  # fmt: skip
def test_an_engagements_pages_are_its_peoples(world, filled, browser_of, name, who, status):
    response = browser_of(who).get(where(name, world))
    assert response.status_code == status
    assert ("Tallowbrook" in text(response)) == (status == 200)


def test_records_of_an_engagement_are_not_found_by_others(world, filled, browser_of):
    control, item = held(world), item_of(world, "CC1.1")
    for path in (
        where("control", world, control.pk),
        where("client_control", world, control.control_id),
        where("scope_item", world, item.pk),
        reverse("audits:library_control", args=[control.control_id]),
    ):
        for who in ("outsider", "rival", "colleague"):
            assert browser_of(who).get(path).status_code == 404


@pytest.mark.parametrize(
    ("who", "offers"), [("client", True), ("owner", False), ("executive", False)]
)
def test_the_library_offers_changes_to_its_administrator_only(
    world, filled, browser_of, who, offers
):
    browser = browser_of(who)
    page = text(browser.get(reverse("audits:library")))
    assert "Code of conduct acknowledged" in page
    assert ("Add a control" in page) == offers
    added = browser.post(reverse("audits:library_add"), NEW)
    assert added.status_code == (302 if offers else 403)


def test_a_firm_has_no_library_of_its_own(lead):
    assert lead.get(reverse("audits:library")).status_code == 404
    assert lead.post(reverse("audits:library_add"), NEW).status_code == 404


def test_the_firm_reads_the_clients_library_and_is_offered_no_change(world, filled, lead):
    page = text(lead.get(where("client_control", world, held(world).control_id)))
    assert "Each employee and contractor" in page
    assert "Edit" not in page


def test_a_control_is_added_edited_told_anew_and_retired(world, administrator):
    page = administrator.post(reverse("audits:library_add"), NEW, follow=True)
    assert "NEW-1 is in your library." in text(page)
    with as_(world.client, world.client_organization):
        control = Control.objects.get(ref="NEW-1")
        assert control.criterion_links.count() == 3
        assert sorted(system.name for system in control.systems.all()) == ["HRIS", "Vault"]
    edit = reverse("audits:library_edit", args=[control.pk])
    assert "CC6.1, CC6.2, CC6.3" in text(administrator.get(edit))
    saved = administrator.post(edit, NEW | {"title": "Renamed", "version": 1}, follow=True)
    assert "Renamed" in text(saved)
    stale = administrator.post(edit, NEW | {"title": "Lost", "version": 1})
    assert stale.status_code == 412
    anew = reverse("audits:library_narrative", args=[control.pk])
    told = administrator.post(anew, {"text": "Told anew."}, follow=True)
    assert "version 2" in text(told)
    same = administrator.post(anew, {"text": "Told anew."})
    assert same.status_code == 400
    assert "reads as before" in text(same)
    retire = reverse("audits:library_retire", args=[control.pk])
    assert "retired" in text(administrator.post(retire, {"on": "2026-06-30"}, follow=True))
    back = reverse("audits:library_bring_back", args=[control.pk])
    assert "runs again" in text(administrator.post(back, SENT, follow=True))


def test_a_form_says_what_is_wrong_where_it_is(administrator):
    page = administrator.post(
        reverse("audits:library_add"), NEW | {"criteria": "CC6.9", "title": ""}
    )
    assert page.status_code == 400
    assert "“CC6.9” is not a trust services criterion" in text(page)
    assert 'id="id_title_error"' in text(page)


def upload(browser, content):
    file = SimpleUploadedFile("controls.csv", content, content_type="text/csv")
    return browser.post(reverse("audits:library_import"), {"file": file})


def test_a_list_is_looked_at_then_imported_then_changes_nothing(world, administrator):
    assert "Bring in the list you keep" in text(administrator.get(reverse("audits:library")))
    page = upload(administrator, SAMPLE.read_bytes())
    assert "Import 84 controls" in text(page)
    assert "test_procedure_design" in text(page)
    with as_(world.client, world.client_organization):
        assert not Control.objects.exists()
    as_a_form_sends_it = SAMPLE.read_text().replace("\n", "\r\n")
    done = administrator.post(
        reverse("audits:library_import"), {"text": as_a_form_sends_it}, follow=True
    )
    assert "84 new, 0 changed, 0 as they were" in text(done)
    again = upload(administrator, SAMPLE.read_bytes())
    assert "There is nothing to import" in text(again)
    assert "Import 84" not in text(again)
    with as_(world.client, world.client_organization):
        assert Narrative.objects.count() == 84


def test_a_list_with_a_bad_row_offers_no_import(world, administrator):
    bad = SAMPLE.read_bytes().replace(b"CC1.1;CC1.5", b"CC1.1;CC1.9", 1)
    page = text(upload(administrator, bad))
    assert "“CC1.9” is not a trust services criterion" in page
    assert "Nothing is imported by halves" in page
    assert "Import 83" not in page
    forced = administrator.post(reverse("audits:library_import"), {"text": bad.decode()})
    assert forced.status_code == 400
    with as_(world.client, world.client_organization):
        assert not Control.objects.exists()


def test_a_workbook_is_refused_with_its_cure(administrator):
    page = upload(administrator, b"PK\x03\x04")
    assert page.status_code == 400
    assert "CSV UTF-8" in text(page)


def test_objectives_start_from_the_catalog(world, administrator, browser_of):
    catalog = reverse("audits:objectives_catalog")
    assert administrator.post(catalog, SENT).status_code == 400
    page = administrator.post(catalog, {"identifiers": ["CO-01", "CO-02"]}, follow=True)
    assert "2 objectives taken" in text(page)
    own = {"ref": "PAY-1", "group": "business_process", "domain": "Payroll",
           "title": "Pay runs", "text": "Pay runs are complete."}  # fmt: skip
    assert "PAY-1" in text(administrator.post(reverse("audits:objective_add"), own, follow=True))
    assert browser_of("owner").get(catalog).status_code == 403


def test_controls_are_taken_and_taken_again(world, lead, browser_of):
    fill_library(world, 3)
    assert "Take controls" in text(lead.get(where("controls", world)))
    with as_(world.lead, world.firm):
        ids = [str(pk) for pk in Control.objects.values_list("pk", flat=True)]
    take = where("take_controls", world)
    assert lead.post(take, SENT).status_code == 400
    assert lead.post(take, {"controls": [str(world.firm.pk)]}).status_code == 400
    assert "2 taken" in text(lead.post(take, {"controls": ids[:2]}, follow=True))
    assert "1 control not taken" in text(lead.get(where("controls", world)))
    for who in ("auditor", "client"):
        assert browser_of(who).post(take, {"controls": ids}).status_code == 403
        assert "Take from the library" not in text(browser_of(who).get(where("controls", world)))


def test_a_control_is_mapped_unmapped_and_dropped(world, filled, lead, browser_of):
    control, item = held(world), item_of(world, "CC5.3")
    body = {"scope_item": str(item.pk), "rationale": "A policy.", "version": 1}
    page = lead.post(where("map_control", world, control.pk), body, follow=True)
    assert "A policy." in text(page)
    again = lead.get(where("map_control", world, control.pk) + "?scope_item=CC5.3")
    assert "A policy." in text(again)
    assert lead.post(where("map_control", world, control.pk), body).status_code == 412
    assert browser_of("auditor").post(
        where("map_control", world, control.pk), body
    ).status_code == (403)
    gone = lead.post(where("unmap", world, control.pk, item.pk), {"version": 2}, follow=True)
    assert "no longer answers to CC5.3" in text(gone)
    dropped = lead.post(where("drop_control", world, control.pk), {"version": 3}, follow=True)
    assert "no longer in this engagement" in text(dropped)


def test_a_criterion_is_left_out_with_a_reason_and_taken_back(world, filled, lead, browser_of):
    item = item_of(world, "CC6.4")
    out = where("leave_out", world, item.pk)
    assert lead.post(out, {"reason": ""}).status_code == 400
    assert "CC6.4 is left out" in text(lead.post(out, {"reason": "No premises."}, follow=True))
    assert "No premises." in text(browser_of("client").get(where("scope_item", world, item.pk)))
    for who in ("senior", "client"):
        assert browser_of(who).post(out, {"reason": "x"}).status_code == 403
    back = where("take_back", world, item.pk)
    assert "CC6.4 is in scope" in text(lead.post(back, SENT, follow=True))


def test_other_categories_show_what_they_orphan_before_they_are_taken(world, lead):
    fill_library(world)
    take_all(world)
    path = where("scope_categories", world)
    chosen = {"categories": ["security", "privacy"], "version": world.engagement.version}
    looked = text(lead.post(path, chosen))
    assert "P1.1" in looked
    assert "A1.1, A1.2, A1.3, C1.1, C1.2" in looked
    assert "Take these mappings away" in looked
    assert item_of(world, "A1.1")
    refused = lead.post(path, chosen | {"looked": "yes"})
    assert refused.status_code == 400
    done = lead.post(path, chosen | {"looked": "yes", "confirmed": "on"}, follow=True)
    assert "The scope is changed." in text(done)
    with as_(world.lead, world.firm):
        assert world.engagement.scope_items.count() == 33 + 18
        assert not ControlMapping.objects.filter(scope_item__identifier="A1.1").exists()


def test_a_soc_1_chooses_objectives_and_has_no_categories(world, lead, browser_of):
    soc1 = factories.engagement(world.firm, world.client_organization, world.lead, terms=SOC1)
    with as_(world.client, world.client_organization):
        one, _ = propose_objectives_from_catalog(
            world.client_organization, ["CO-01", "CO-02"], world.client
        )
    assert "Choose objectives" in text(lead.get(reverse("audits:coverage", args=[soc1.pk])))
    path = reverse("audits:scope_objectives", args=[soc1.pk])
    assert lead.post(path, SENT).status_code == 400
    page = lead.post(path, {"objectives": [str(one.pk)]}, follow=True)
    assert "1 added, 0 removed" in text(page)
    assert "CO-01" in text(page)
    assert lead.get(reverse("audits:scope_categories", args=[soc1.pk])).status_code == 400
    assert lead.get(where("scope_objectives", world)).status_code == 400


def test_the_picture_shows_holes_and_narrows_to_them(world, filled, lead):
    page = text(lead.get(where("coverage", world)))
    assert "is-hole" in page
    assert "Logical and physical access" in page
    only = text(lead.get(where("coverage", world) + "?holes=on&series=CC6"))
    assert "CC6.1" in only
    assert "CC1.1" not in only


@pytest.mark.parametrize("name", ["coverage", "controls", "scope", "client_library"])
def test_a_page_costs_the_same_for_three_controls_and_for_84(world, filled, lead, name):
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(where(name, world)).status_code == 200
        counts.append(len(captured))
        fill_library(world)
        take_all(world)
    assert counts[0] == counts[1]


def test_nothing_is_said_of_an_examination_that_it_never_is(world, filled, lead):
    for name in ("coverage", "controls", "scope", "client_library"):
        page = text(lead.get(where(name, world))).lower()
        assert not any(word in page for word in ("certified", "compliant", "passed"))
