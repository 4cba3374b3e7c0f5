"""Lists of requests through programs: narrowed, ordered, paged, and moved as a batch."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from evidence.models import EvidenceRequest, Handling, RequestScopeItem
from tenants.models import TrailEntry
from tests.conftest import as_
from tests.evidence import requests as at
from tests.evidence.requests import path, with_firm_words


@pytest.mark.parametrize(
    ("asked", "refs"),
    [
        ("status=open", ["R-002", "R-003"]),
        ("status=open&status=draft", ["R-001", "R-002", "R-003"]),
        ("kind=population", ["R-003"]),
        ("area=People", ["R-002"]),
        ("priority=high", ["R-001"]),
        ("overdue=true", ["R-003"]),
        ("overdue=false", ["R-001", "R-002"]),
        ("due_before=2026-12-01", ["R-003"]),
        ("due_after=2025-01-01", ["R-001", "R-002"]),
        ("search=leavers", ["R-002"]),
        ("search=r-003", ["R-003"]),
        ("ordering=-ref", ["R-003", "R-002", "R-001"]),
        ("ordering=due_on", ["R-003", "R-001", "R-002"]),
    ],
)
def test_a_list_is_narrowed_and_ordered(world, programs, asked, refs):
    at.draft(world, priority="high")
    at.sent(world, title="Leavers", area="People")
    at.sent(world, kind="population", due_on=date(2024, 1, 1))
    found = programs["lead"].get(f"evidence-requests/?{asked}")
    assert found.status_code == 200, found.json()
    ordered = [each["ref"] for each in found.json()["results"]]
    assert (ordered if "ordering" in asked else sorted(ordered)) == refs
    assert found.json()["total"] == len(refs)


def test_a_list_tells_what_a_request_serves_and_who_looks_after_it(world, programs):
    with as_(world.lead, world.firm):
        item = world.engagement.scope_items.first()
    row = with_firm_words(world, at.sent(world, scope_items=[item.pk], covers_all_scope=False))
    lead = programs["lead"]
    asked = (
        f"evidence-requests/?scope_item={item.pk}&owner={world.owner.pk}"
        f"&assignee={world.auditor.pk}"
    )
    listed = lead.get(asked).json()["results"]
    assert [each["id"] for each in listed] == [str(row.pk)]
    assert listed[0]["scope_items"] == [{"id": str(item.pk), "identifier": item.identifier}]
    whole = lead.get(path(row)).json()
    assert {name: whole[name] for name in listed[0]} == listed[0]
    few = lead.get(f"{asked}&fields=ref,moves").json()["results"][0]
    assert set(few) == {"ref", "moves"}


def test_pages_go_on_by_key_and_hold_every_request_once(world, programs):
    many(world, 7)
    lead, seen, place = programs["lead"], [], "evidence-requests/?limit=3"
    while place:
        page = lead.get(place).json()
        seen += [each["ref"] for each in page["results"]]
        place = page["next"]
    assert sorted(seen) == [f"M-{number:04}" for number in range(7)]
    foreign = programs["partner"].get(lead.get("evidence-requests/?limit=3").json()["next"])
    assert foreign.status_code == 400


def many(world, count):
    """So many open requests, half of them without a due date, each for a scope item."""
    with as_(world.lead, world.firm):
        item = world.engagement.scope_items.first()
        rows = EvidenceRequest.objects.bulk_create(
            EvidenceRequest(
                engagement=world.engagement, ref=f"M-{number:04}", title=f"Request {number}",
                status="open", opened_at="2026-01-01T00:00Z", created_by=world.lead,
                owner=world.owner, due_on=date(2026, 12, 1) if number % 2 else None,
                named=[world.owner.pk, world.lead.pk],
            )
            for number in range(count)
        )  # fmt: skip
        RequestScopeItem.objects.bulk_create(
            RequestScopeItem(engagement=world.engagement, evidence_request=row, scope_item=item)
            for row in rows
        )
        Handling.objects.bulk_create(
            Handling(engagement=world.engagement, evidence_request=row, assignee=world.auditor)
            for row in rows
        )
    return rows


@pytest.mark.parametrize("who", ["lead", "client", "owner"])
def test_a_list_costs_as_many_queries_for_20_as_for_2000(world, programs, who):
    many(world, 20)
    programs[who].get("evidence-requests/")  # the token's last use is noted once a minute
    counts = []
    for more in (0, 1980):
        with as_(world.lead, world.firm):
            EvidenceRequest.objects.update(ref=Concat(Value("old "), F("ref")))
        many(world, more)
        with CaptureQueriesContext(connection) as queries:
            page = programs[who].get("evidence-requests/?limit=200")
        assert page.status_code == 200
        counts.append(len([each for each in queries if "SAVEPOINT" not in each["sql"]]))
    assert counts[0] == counts[1] <= 8


def test_a_batch_is_moved_as_a_whole_or_not_at_all_acc_11(world, programs):
    rows = [at.sent(world) for _ in range(3)]
    done = at.accepted(world)
    senior, ids = programs["senior"], [str(row.pk) for row in rows]
    moved = senior.send("POST", "evidence-requests/bulk/",
                        {"move": "withdraw", "ids": ids, "note": "Asked twice."})  # fmt: skip
    assert moved.status_code == 200, moved.json()
    assert {each["status"] for each in moved.json()["results"]} == {"withdrawn"}
    rows = [at.draft(world), at.draft(world, owner=None)]
    ids = [str(row.pk) for row in rows]
    refused = senior.post("evidence-requests/bulk/", {"move": "send", "ids": ids})
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith(rows[1].ref)
    with_absent = senior.post(
        "evidence-requests/bulk/", {"move": "send", "ids": [ids[0], str(uuid4())]}
    )
    assert with_absent.status_code == 404
    twice = senior.post("evidence-requests/bulk/", {"move": "send", "ids": [ids[0], ids[0]]})
    assert twice.status_code == 400
    for wrong in ({"reason": "other"}, {"override": True}, {"note": "x"}):
        refused = senior.post("evidence-requests/bulk/", {"move": "send", "ids": ids, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")
    missing = senior.post("evidence-requests/bulk/", {"move": "withdraw", "ids": ids})
    assert (missing.status_code, missing.json()["field"]) == (400, "note")
    with as_(world.lead, world.firm):
        assert {row.status for row in EvidenceRequest.objects.filter(pk__in=ids)} == {"draft"}
        done.refresh_from_db()
        assert not TrailEntry.objects.filter(subject_id__in=ids, verb="send").exists()


def test_a_batch_of_drafts_gets_an_owner_and_a_date(world, programs):
    rows = [at.draft(world, owner=None, due_on=None) for _ in range(2)]
    ids = [str(row.pk) for row in rows]
    edited = programs["auditor"].post(
        "evidence-requests/bulk_edit/",
        {"ids": ids, "owner": str(world.owner.pk), "due_on": "2026-12-05", "priority": "low"},
    )
    assert edited.status_code == 200, edited.json()
    assert {each["version"] for each in edited.json()["results"]} == {2}
    nothing = programs["auditor"].post("evidence-requests/bulk_edit/", {"ids": ids})
    assert nothing.status_code == 400
    mixed = [*ids, str(at.sent(world).pk)]
    refused = programs["senior"].post(
        "evidence-requests/bulk_edit/", {"ids": mixed, "due_on": "2026-12-06"}
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "due_date_apart")
    with as_(world.lead, world.firm):
        dates = set(EvidenceRequest.objects.filter(pk__in=ids).values_list("due_on", flat=True))
    assert dates == {date(2026, 12, 5)}
