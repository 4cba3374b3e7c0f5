"""What programs do with organizations, people, keys, engagements, the trail and notices."""

from __future__ import annotations

import pytest

from tenants.models import Notice, Opening
from tests import factories
from tests.conftest import as_
from tests.programs import program_of


@pytest.fixture
def admin(world):
    """A program of the firm's administrator."""
    return program_of(factories.member(world.firm, "firm_admin", name="Ada Admin"), world.firm)


def test_me_says_who_acts_for_whom(lead, world):
    me = lead.get("me/").json()
    assert me["person"] == {
        "id": str(world.lead.pk),
        "name": "Lena Lead",
        "email": world.lead.email,
    }
    assert (me["organization"]["name"], me["role"]) == ("Harbour & Finch LLP", "manager")
    assert [each["organization"]["id"] for each in me["memberships"]] == [str(world.firm.pk)]


def test_a_firm_adds_a_client_and_opens_an_engagement_for_it(lead, administrator, world):
    made = lead.post("clients/", {"name": "Larch", "time_zone": "America/Chicago"})
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/clients/{made.json()['id']}/")
    opened = lead.post(
        "engagements/",
        {"client": made.json()["id"], "title": "SOC 1", "report_type": "SOC1", "exam_type": "T1",
         "as_of": "2026-12-31", "independent": True},
    )  # fmt: skip
    assert opened.status_code == 201
    assert opened.json()["basis"] == "objective"
    assert lead.get(opened["Location"]).json() == opened.json()
    assert administrator.post("clients/", {"name": "No", "time_zone": "UTC"}).status_code == 403
    known = administrator.get("organizations/").json()["results"]
    assert [each["name"] for each in known] == ["Harbour & Finch LLP", "Tallowbrook Payroll"]


def test_terms_that_break_a_rule_name_rule_and_field(lead, world):
    path = f"engagements/{world.engagement.pk}/"
    refused = lead.patch(path, {"categories": []}, If_Match='"1"').json()
    assert (refused["code"], refused["field"]) == ("categories_missing", "categories")
    assert "RT-04" in refused["detail"]
    changed = lead.patch(path, {"period_end": "2026-12-31"}, If_Match='"1"').json()
    assert (changed["period_end"], changed["period_start"]) == ("2026-12-31", "2025-10-01")


def test_an_administrator_changes_roles_and_lets_people_go(admin, lead, world):
    path = f"people/{member(admin, world.auditor)['id']}/"
    assert lead.patch(path, {"role": "senior"}, If_Match='"1"').status_code == 403
    changed = admin.patch(path, {"role": "senior"}, If_Match='"1"')
    assert (changed.json()["role"], changed["ETag"]) == ("senior", '"2"')
    assert admin.delete(path, If_Match='"2"').status_code == 204
    assert admin.get(path).json()["status"] == "ended"
    assert lead.get(path).status_code == 404


def member(program, person):
    return program.get(f"people/?search={person.email}").json()["results"][0]


def test_an_administrator_invites_and_withdraws(
    admin, lead, mailoutbox, django_capture_on_commit_callbacks
):
    body = {"email": "New.Person@people.example", "role": "staff"}
    with django_capture_on_commit_callbacks(execute=True):
        made = admin.post("invitations/", body)
    assert made.status_code == 201
    assert "secret" not in made.content.decode()
    assert admin.get("invitations/?status=sent").json()["total"] == 1
    assert lead.get("invitations/").json()["total"] == 0
    assert lead.post("invitations/", body).status_code == 403
    assert admin.delete(f"invitations/{made.json()['id']}/").status_code == 204
    again = admin.delete(f"invitations/{made.json()['id']}/")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_over")


def test_a_person_makes_and_revokes_their_own_tokens(lead, world):
    made = lead.post("tokens/", {"name": "Reader", "scopes": ["view_engagement"], "days": 7}).json()
    reader = type(lead)(made["secret"])
    assert reader.get("engagements/").json()["total"] == 1
    wider = reader.post("tokens/", {"name": "Wider"})
    assert wider.status_code in (400, 403)
    others = program_of(world.partner, world.firm)
    assert others.delete(f"tokens/{made['id']}/").status_code == 404
    assert lead.delete(f"tokens/{made['id']}/").status_code == 204
    assert reader.get("me/").status_code == 401
    assert lead.post("tokens/", {"name": "Old", "days": 366}).json()["field"] == "days"


def test_a_limited_token_makes_no_wider_one(world):
    narrow = program_of(world.lead, world.firm, scopes=["view_organization"])
    refused = narrow.post("tokens/", {"name": "Wider"}).json()
    assert (refused["status"], refused["code"]) == (400, "scope_above")
    wider = {"name": "Wider", "scopes": ["view_organization", "set_scope"]}
    assert narrow.post("tokens/", wider).json()["code"] == "scope_above"
    same = {"name": "Same", "scopes": ["view_organization"]}
    assert narrow.post("tokens/", same).status_code == 201


def test_a_lead_assigns_and_takes_off(lead, world):
    on, who = str(world.engagement.pk), str(world.colleague.pk)
    made = lead.post("assignments/", {"engagement": on, "person": who, "role": "staff"})
    assert (made.status_code, made.json()["person"]["name"]) == (201, "Colleague Person")
    colleague = program_of(world.colleague, world.firm)
    assert colleague.get("engagements/").json()["total"] == 0
    (due,) = colleague.get("independence/due/").json()["due"]
    assert (due["engagement"]["id"], due["until"]) == (on, None)
    assert len(colleague.get("independence/statement/").json()["sentences"]) > 3
    said = colleague.post("independence/", {"engagement": on, "word": "confirmed"})
    assert (said.status_code, said.json()["statement"]) == (201, "2026-1")
    assert colleague.get("engagements/").json()["total"] == 1
    asked = lead.post("independence/ask/", {"assignment": made.json()["id"]})
    assert (asked.status_code, asked.json()["word"]) == (201, "asked")
    assert lead.get(f"independence/?person={who}").json()["total"] == 2
    path = f"assignments/{made.json()['id']}/"
    assert lead.delete(path, If_Match=made["ETag"]).status_code == 204
    assert colleague.get("engagements/").json()["total"] == 0


def test_a_lead_opens_a_permission_and_takes_it_back(lead, world):
    body = {"engagement": str(world.engagement.pk), "person": str(world.auditor.pk),
            "permission": "send_request", "reason": "The senior is away."}  # fmt: skip
    made = lead.post("openings/", body)
    assert made.status_code == 201
    assert lead.get(f"openings/?person={world.auditor.pk}").json()["total"] == 1
    assert lead.delete(f"openings/{made.json()['id']}/").status_code == 204
    with as_(world.auditor, world.firm):
        assert not world.auditor.has_perm("send_request", world.engagement)
        assert not Opening.objects.exists()


def test_the_trail_tells_what_was_done_through_which_request(lead, world):
    path = f"engagements/{world.engagement.pk}/"
    held = lead.post(path + "hold/", {"note": "Client asked.", "until": "2031-01-31"})
    entries = lead.get(f"trail/?engagement={world.engagement.pk}&verb=hold").json()
    (entry,) = entries["results"]
    assert (entry["before"], entry["after"], entry["note"]) == ("draft", "on_hold", "Client asked.")
    assert entry["request_id"] == held["X-Request-Id"]
    assert entry["person_id"] == str(world.lead.pk)
    assert lead.delete(f"trail/{entry['id']}/").status_code == 405
    staff = program_of(world.auditor, world.firm)
    assert staff.get("trail/").json()["total"] == 0


def test_a_person_reads_their_own_notices(lead, administrator, world):
    with as_(world.lead, world.firm):
        notice = Notice.objects.create(
            engagement=world.engagement, organization=world.firm, person=world.lead,
            kind="evidence/ready", subject=world.engagement.pk, period="1",
        )  # fmt: skip
    assert lead.get("notices/?unread=true").json()["total"] == 1
    assert administrator.get(f"notices/{notice.pk}/").status_code == 404
    assert administrator.post(f"notices/{notice.pk}/read/").status_code == 404
    assert lead.send("POST", f"notices/{notice.pk}/read/").json()["read_at"]
    assert lead.get("notices/?unread=true").json()["total"] == 0
