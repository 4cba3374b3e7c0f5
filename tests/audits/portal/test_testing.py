"""Pages of testing: the firm's own, from the list of controls to a concluded test."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits.models import EngagementControl
from audits.models.control_tests import ControlTest
from tenants.visibility import new_key
from tests import factories
from tests.audits import testing
from tests.conftest import as_
from tests.programs import program_of


@pytest.fixture
def control(world, filled):
    factories.moved_to(world, "fieldwork")
    with as_(world.lead, world.firm):
        return EngagementControl.objects.get(ref="ELC-01")


def of(name, world, *args):
    return reverse(f"audits:{name}", args=[world.engagement.pk, *args])


def text(response):
    return response.content.decode()


STEPS = {
    "step_lines": "Inquiry: ask who approves\n\nInspection – read the tickets",
    "attribute_lines": "Approved before it was granted\nC: By somebody else",
}


def test_a_test_is_planned_written_approved_and_concluded_on_its_pages(world, browser_of, control):
    senior, staff = browser_of("senior"), browser_of("auditor")
    answer = staff.post(of("test_new", world, control.pk), {"kind": "tod", "notes": "Ask Ada."})
    with as_(world.auditor, world.firm):
        test = ControlTest.objects.get()
    assert answer["Location"] == of("test_steps", world, test.pk)
    assert staff.post(of("test_steps", world, test.pk), STEPS).status_code == 302
    page = text(staff.get(of("test", world, test.pk)))
    assert "read the tickets" in page
    assert "Approve</a>" not in page
    assert "Approve</a>" in text(senior.get(of("test", world, test.pk)))
    assert senior.post(of("test_approve", world, test.pk), {"version": ""}).status_code == 302
    assert staff.post(of("test_begin", world, test.pk), {"version": ""}).status_code == 302
    said = {"conclusion": "suitably_designed", "conclusion_reason": "Seen."}
    refused = staff.post(of("test_conclude", world, test.pk), said)
    assert refused.status_code == 400
    assert "TP-02: walk one item" in text(refused)
    testing.walked(world)
    assert staff.post(of("test_conclude", world, test.pk), said).status_code == 302
    assert "Suitably designed" in text(senior.get(of("testing", world)))
    steps = text(staff.get(of("test_steps", world, test.pk)))
    assert "A: Approved before it was granted\nC: By somebody else" in steps


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"step_lines": "Read the tickets."}, "Line 1: open with one of inquiry"),
        ({"step_lines": "Inquiry: ask\nGuess: guess"}, "Line 2: open with"),
        ({"attribute_lines": "A: One\nA: Two"}, "There are two attributes A."),
    ],
)
def test_a_line_that_does_not_fit_is_named(world, browser_of, control, lines, said):
    test = testing.planned(world)
    answer = browser_of("senior").post(of("test_steps", world, test.pk), lines)
    assert answer.status_code == 400
    assert said in text(answer)


def test_what_is_thought_of_a_control_is_kept_and_shown(world, browser_of, control):
    senior = browser_of("senior")
    told = {
        "risk": "high", "factors": ["judgment"], "assigned_to": str(world.auditor.pk), "key": "on",
    }  # fmt: skip
    address = of("control_plan", world, control.pk)
    assert "Say why the risk is higher" in text(senior.post(address, told | {"factors": []}))
    assert senior.post(address, told).status_code == 302
    page = text(senior.get(of("tested_control", world, control.pk)))
    assert "Manual, with judgment" in page
    assert "Auditor Person" in page


def test_a_report_is_checked_on_its_page(world, browser_of, control):
    staff = browser_of("auditor")
    told = {
        "report": "Active workers", "source": "HRIS", "run_by": "Ada", "run_at": "2026-09-01T10:00",
        "row_count": "812", "completeness": "Agrees to payroll.", "accuracy": "Five rows traced.",
    }  # fmt: skip
    assert staff.post(of("ipe_new", world, control.pk), told).status_code == 302
    page = text(staff.get(of("tested_control", world, control.pk)))
    assert "812 rows from HRIS" in page


def test_the_client_finds_no_page_of_testing(world, browser_of, control):
    client = browser_of("client")
    assert client.get(of("testing", world)).status_code == 404
    assert "Testing" not in text(
        client.get(reverse("tenants:engagement", args=[world.engagement.pk]))
    )


def test_the_list_asks_as_often_for_three_controls_as_for_one(world, browser_of, control):
    senior = browser_of("senior")
    senior.get(of("testing", world))
    with CaptureQueriesContext(
        connection,
    ) as few:
        senior.get(of("testing", world))
    for kind in ("tod", "toe", "toe"):
        testing.planned(world, kind)
    with CaptureQueriesContext(connection) as many:
        senior.get(of("testing", world))
    assert len(many) <= len(few)


def test_a_program_plans_and_concludes_a_test(world, control):
    api = program_of(world.senior, world.firm)
    made = api.post("control-tests/", {"control": str(control.pk), "kind": "toe",
                                       "report_wording": testing.WORDING})  # fmt: skip
    assert made.status_code == 201, made.content
    row = made.json()
    written = api.post(f"control-tests/{row['id']}/steps/", {
        "steps": [{"nature": "inspection", "instruction": "Read the tickets."}],
        "attributes": [{"text": "Approved before"}],
    })  # fmt: skip
    assert [each["letter"] for each in written.json()["attributes"]] == ["A"]
    assert api.post(f"control-tests/{row['id']}/approve/", {}).json()["status"] == "approved"
    listed = api.get(f"control-tests/?engagement={world.engagement.pk}&kind=toe").json()
    assert [each["id"] for each in listed["results"]] == [row["id"]]


def test_a_program_gives_a_control_to_colleagues_alone_acc_8(world, control):
    """Somebody else's id there is answered as nobody's is."""
    program = program_of(world.senior, world.firm)
    made = program.post("control-plans/", {"control": str(control.pk), "risk": "low"})
    assert made.status_code == 201, made.content
    path, tag = f"control-plans/{made.json()['id']}/", made["ETag"]
    foreign, absent = (
        program.patch(path, {"assigned_to": str(key)}, If_Match=tag)
        for key in (world.rival.pk, new_key())
    )
    assert (foreign.status_code, absent.status_code) == (400, 400)
    assert foreign.json()["detail"] == absent.json()["detail"]
    given = program.patch(path, {"assigned_to": str(world.auditor.pk)}, If_Match=tag)
    assert given.status_code == 200, given.content
    assert given.json()["assigned_to"] == str(world.auditor.pk)
