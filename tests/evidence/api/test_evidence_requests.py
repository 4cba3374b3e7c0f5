"""Requests through programs: what each side reads, changes and moves."""

from __future__ import annotations

from uuid import uuid4

import pytest

from evidence.api.request_shapes import FIRM_ONLY
from tenants.models import EngagementAccess
from tests.conftest import as_
from tests.evidence import requests as at
from tests.evidence.requests import CANARY, path, with_firm_words


def body(world, **fields):
    return {"engagement": str(world.engagement.pk), "title": "Vendor register", **fields}


def test_a_program_of_the_firm_drafts_edits_and_sends(world, programs):
    lead = programs["lead"]
    made = lead.post(
        "evidence-requests/",
        body(world, owner=str(world.owner.pk), due_on="2026-12-01", covers_all_scope=True,
             contributors=[str(world.contributor.pk)]),
    )  # fmt: skip
    assert made.status_code == 201, made.json()
    shown = made.json()
    assert (shown["status"], shown["ref"], shown["owner"]["name"]) == (
        "draft", "R-001", "Owner Person"
    )  # fmt: skip
    assert [each["name"] for each in shown["contributors"]] == ["Contributor Person"]
    assert lead.patch(made["Location"], {"priority": "high"}).status_code == 428
    edited = lead.patch(made["Location"], {"priority": "high"}, If_Match=made["ETag"])
    assert (edited.status_code, edited.json()["priority"]) == (200, "high")
    stale = lead.patch(made["Location"], {"priority": "low"}, If_Match=made["ETag"])
    assert stale.status_code == 412
    assert "send" in [move["name"] for move in edited.json()["moves"]]
    sent = lead.post(f"{made['Location']}send/", If_Match=edited["ETag"])
    assert (sent.status_code, sent.json()["status"]) == (200, "open")


def test_a_draft_is_discarded_with_its_notes(world, programs):
    row, lead = at.draft(world), programs["lead"]
    assert lead.post(path(row, "firm-notes"), {"text": "Ask again?"}).status_code == 201
    assert lead.delete(path(row), If_Match='"9"').status_code == 412
    assert lead.delete(path(row), If_Match=lead.get(path(row))["ETag"]).status_code == 204
    assert lead.get(path(row)).status_code == 404
    gone = lead.delete(path(at.sent(world)), If_Match='"2"')
    assert (gone.status_code, gone.json()["code"]) == (409, "request_sent")


def test_the_whole_life_by_programs(world, programs):
    row, owner, auditor = at.sent(world), programs["owner"], programs["auditor"]
    written = owner.send("POST", path(row, "answer"), {"text": "See below."})
    assert (written.status_code, written.json()["text"]) == (200, "See below.")
    assert owner.get(path(row, "answer")).json()["written_by"]["name"] == "Owner Person"
    assert auditor.get(path(row, "answer")).status_code == 404
    assert owner.post(path(row, "submit"), {"note": "Complete."}).json()["status"] == "submitted"
    assert auditor.get(path(row, "submissions")).json()["results"][0]["text"] == "See below."
    assert auditor.post(path(row, "begin_review")).json()["status"] == "under_review"
    refused = auditor.post(path(row, "give_back"), {"note": "No."})
    assert (refused.status_code, refused.json()["field"]) == (400, "reason")
    back = auditor.post(path(row, "give_back"), {"reason": "incomplete", "note": "Page 2?"})
    assert (back.json()["status"], back.json()["return_text"]) == ("returned", "Page 2?")
    assert owner.post(path(row, "submit")).status_code == 200
    auditor.post(path(row, "begin_review"))
    done = auditor.post(path(row, "accept"), {"note": "Thanks."})
    assert (done.status_code, done.json()["status"]) == (200, "accepted")
    again = auditor.post(path(row, "accept"))
    assert (again.status_code, again.json()["code"]) == (409, "move_refused")


def test_a_move_beyond_ones_role_is_403_and_on_another_version_412(world, programs):
    row = at.submitted(world)
    assert programs["owner"].post(path(row, "begin_review")).status_code == 403
    assert programs["auditor"].post(path(row, "begin_review"), If_Match='"1"').status_code == 412


def test_due_dates_are_asked_for_granted_and_declined_rq_06(world, programs):
    row, owner, senior = at.sent(world), programs["owner"], programs["senior"]
    assert programs["contributor"].post(
        path(row, "propose_due_date"), {"due_on": "2027-01-15", "note": "x"}
    ).status_code in (403, 404)
    asked = owner.post(path(row, "propose_due_date"), {"due_on": "2027-01-15", "note": "Audit."})
    assert asked.json()["proposed_due_on"] == "2027-01-15"
    assert senior.post(path(row, "decline_due_date"), {"note": "No."}).status_code == 200
    moved = senior.post(path(row, "change_due_date"), {"due_on": "2026-12-20"})
    assert (moved.json()["due_on"], moved.json()["proposed_due_on"]) == ("2026-12-20", None)


def test_both_sides_talk_and_each_reads_its_own_history(world, programs):
    row, owner, senior = at.sent(world), programs["owner"], programs["senior"]
    assert owner.send("POST", path(row, "messages"), {"text": "x"}).status_code == 400  # no key
    assert owner.post(path(row, "messages"), {"text": "Which quarter?"}).status_code == 201
    assert senior.post(path(row, "messages"), {"text": "All four."}).status_code == 201
    said = owner.get(path(row, "messages")).json()
    assert [each["text"] for each in said["results"]] == ["Which quarter?", "All four."]
    assert owner.get(path(row)).json()["status"] == "in_progress"
    assert senior.post(path(row, "firm-notes"), {"text": f"{CANARY} note"}).status_code == 201
    assert senior.get(path(row, "firm-notes")).json()["total"] == 1
    verbs = {
        name: {each["verb"] for each in programs[name].get(path(row, "history")).json()["results"]}
        for name in ("owner", "auditor")
    }
    assert "noted" in verbs["auditor"]
    assert "drafted" in verbs["auditor"]
    assert verbs["owner"] == {"send", "commented", "start"}


def test_the_client_never_reads_what_is_the_firms_alone_ac_02(world, programs):
    row = with_firm_words(world, at.sent(world))
    firm, client = programs["lead"].get(path(row)), programs["client"].get(path(row))
    assert set(firm.json()) - set(client.json()) == set(FIRM_ONLY)
    assert not set(client.json()) - set(firm.json())
    assert firm.json()["assignee"]["name"] == "Auditor Person"
    lists = [programs[name].get("evidence-requests/").json() for name in ("lead", "client")]
    assert set(lists[0]["results"][0]) - set(lists[1]["results"][0]) == {"assignee", "reviewer"}
    assert lists[0]["results"][0]["assignee"]["name"] == "Auditor Person"
    programs["senior"].post(path(row, "firm-notes"), {"text": CANARY})
    answers = [
        client.content,
        *(programs[name].get(place).content
          for name in ("client", "owner")
          for place in ("evidence-requests/", path(row), path(row, "history"),
                        path(row, "messages"), path(row, "submissions"))),
    ]  # fmt: skip
    assert not [each for each in answers if CANARY.encode() in each]
    assert programs["client"].get(path(row, "firm-notes")).status_code == 404
    assert programs["client"].post(path(row, "firm-notes"), {"text": "x"}).status_code == 404
    assert programs["client"].get(f"{path(row)}?fields=assignee").status_code == 400
    asked = programs["client"].get(f"evidence-requests/?assignee={world.auditor.pk}")
    assert (asked.status_code, asked.json()["code"]) == (400, "unknown_parameter")


def test_whoever_lost_the_firms_file_reads_none_of_its_words(world, programs):
    row = with_firm_words(world, at.sent(world))
    with as_(world.lead, world.firm):
        EngagementAccess.objects.filter(
            user=world.auditor, permission__codename="view_firm_file"
        ).delete()
    shown = programs["auditor"].get(path(row))
    assert shown.status_code == 200
    assert CANARY not in shown.content.decode()
    assert shown.json()["assignee"] is None


READS = ("", "answer", "messages", "submissions", "history", "firm-notes")
WRITES = {
    "send": {}, "submit": {}, "recall": {}, "begin_review": {}, "accept": {},
    "give_back": {"reason": "other", "note": "x"}, "propose_na": {"note": "x"},
    "agree_na": {"note": "x"}, "refuse_na": {"note": "x"}, "withdraw": {"note": "x"},
    "reopen": {"note": "x"}, "change_due_date": {"due_on": "2027-01-01"},
    "propose_due_date": {"due_on": "2027-01-01", "note": "x"}, "decline_due_date": {"note": "x"},
    "look_after": {"assignee": None}, "answer": {"text": "x"}, "messages": {"text": "x"},
    "firm-notes": {"text": "x"},
}  # fmt: skip


@pytest.mark.parametrize("who", ["rival", "outsider", "colleague", "contributor", "nobody_there"])
def test_foreign_is_absent_on_every_route_acc_04(world, programs, who):
    """A contributor who is not named on the request is no less a stranger to it."""
    row = at.submitted(world)
    program = programs["lead" if who == "nobody_there" else who]
    place = f"evidence-requests/{uuid4() if who == 'nobody_there' else row.pk}/"
    answers = [program.get(f"{place}{name}/" if name else place) for name in READS]
    answers += [program.post(f"{place}{name}/", sent or None) for name, sent in WRITES.items()]
    answers += [program.patch(place, {"priority": "low"}, If_Match='"1"'),
                program.delete(place, If_Match='"1"'),
                program.post(f"{place}files/?name=a.txt", b"x", Content_Type="text/plain"),
                program.post("evidence-requests/bulk/",
                             {"move": "withdraw", "ids": [place.split("/")[1]], "note": "x"}),
                program.post("evidence-requests/bulk_edit/",
                             {"priority": "low", "ids": [place.split("/")[1]]})]  # fmt: skip
    assert {each.status_code for each in answers} == {404}, [
        (each.request["PATH_INFO"], each.status_code) for each in answers
    ]
    assert len({each.json()["detail"] for each in answers}) == 1
    if who != "nobody_there":
        assert program.get("evidence-requests/").json()["total"] == 0
    with as_(world.lead, world.firm):
        row.refresh_from_db()
    assert row.status == "submitted"


def test_ids_in_a_body_that_are_foreign_are_absent_acc_08(world, programs):
    lead, foreign = programs["lead"], str(world.outsider.pk)
    said = []
    for wrong in (foreign, str(uuid4())):
        for name, value in (("owner", wrong), ("contributors", [wrong]), ("controls", [wrong])):
            refused = lead.post("evidence-requests/", body(world, **{name: value}))
            assert (refused.status_code, refused.json()["field"]) == (400, name)
            said.append(refused.json()["detail"])
    assert said[:3] == said[3:]
    assert programs["rival"].post("evidence-requests/", body(world)).status_code == 400


def test_unknown_and_read_only_fields_are_refused_acc_09(world, programs):
    lead = programs["lead"]
    for name in ("status", "named", "return_count", "submitted_at", "list_comment", "nonsense"):
        refused = lead.post("evidence-requests/", body(world, **{name: "open"}))
        assert (refused.status_code, refused.json()["field"]) == (400, name)
    for name in ("engagement__firm__name", "named", "nonsense"):
        assert lead.get(f"evidence-requests/?{name}=x").status_code == 400
        assert lead.get(f"evidence-requests/?ordering={name}").status_code == 400


def test_a_session_cookie_moves_nothing_api_3(world, client):
    row = at.sent(world)
    client.force_login(world.senior)
    refused = client.post(
        f"/api/v1/{path(row, 'withdraw')}", {"note": "x"}, content_type="application/json"
    )
    assert refused.status_code == 401


def test_who_is_on_no_engagement_reads_an_empty_list(programs):
    for name in ("colleague", "rival", "outsider"):
        answer = programs[name].get("evidence-requests/?limit=10")
        assert (answer.status_code, answer.json()["results"]) == (200, []), name
