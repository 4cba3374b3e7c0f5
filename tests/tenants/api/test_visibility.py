"""Foreign and absent are one answer, at every place an id can stand (ACC-4, ACC-6, ACC-8)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tenants.actions import memberships
from tests import factories
from tests.conftest import as_
from tests.programs import Program, program_of


def plain(answer):
    """An answer without its request's id."""
    return answer.status_code, {**answer.json(), "request_id": ""}


@pytest.fixture
def foreign(world):
    """Records of another firm and client, by kind."""
    engagement = factories.engagement(world.other_firm, world.other_client, world.rival)
    with as_(world.rival, world.other_firm):
        return {
            "engagements": engagement.pk,
            "assignments": engagement.assignments.get(person=world.rival).pk,
            "organizations": world.other_firm.pk,
            "clients": world.other_client.pk,
            "people": world.other_firm.memberships.get().pk,
            "person": world.rival.pk,
        }


def test_a_foreign_record_reads_as_an_absent_one(lead, foreign):
    for kind in ("engagements", "assignments", "organizations", "clients", "people"):
        theirs, none = lead.get(f"{kind}/{foreign[kind]}/"), lead.get(f"{kind}/{uuid4()}/")
        assert plain(theirs) == plain(none)
        assert theirs.status_code == 404
        assert str(foreign[kind]) not in lead.get(f"{kind}/").content.decode()


def test_writes_to_a_foreign_record_are_refused_as_absent(lead, foreign):
    for method, path, body in (
        ("POST", "engagements/{}/hold/", {"note": "x", "until": "2031-01-31"}),
        ("PATCH", "engagements/{}/", {"title": "Mine"}),
        ("DELETE", "assignments/{}/", None),
    ):
        kind = path.partition("/")[0]
        answers = [
            lead.send(method, path.format(key), body, If_Match='"1"')
            for key in (foreign[kind], uuid4())
        ]
        assert plain(answers[0]) == plain(answers[1])
        assert answers[0].status_code == 404


def test_a_foreign_id_in_a_body_is_refused_as_absent(lead, world, foreign):
    good = {
        "engagement": str(world.engagement.pk),
        "person": str(world.colleague.pk),
        "role": "staff",
    }
    for field, key in (("engagement", foreign["engagements"]), ("person", foreign["person"])):
        theirs = lead.post("assignments/", {**good, field: str(key)})
        none = lead.post("assignments/", {**good, field: str(uuid4())})
        assert plain(theirs) == plain(none)
        assert (theirs.status_code, theirs.json()["field"]) == (400, field)
    assert lead.post("assignments/", good).status_code == 201


def test_a_foreign_id_in_a_filter_finds_what_an_absent_one_finds(lead, foreign):
    theirs = lead.get(f"assignments/?engagement={foreign['engagements']}")
    none = lead.get(f"assignments/?engagement={uuid4()}")
    assert theirs.json() == none.json() == {"next": None, "total": 0, "results": []}


def test_an_id_that_is_none_reads_as_an_absent_page(lead):
    assert lead.get("engagements/1/").json()["code"] == "not_found"
    assert lead.get("nothing/").json()["code"] == "not_found"


def test_nobody_reads_anything(world, client):
    for path in ("engagements/", "me/", "trail/", f"engagements/{world.engagement.pk}/"):
        refused = Program().get(path)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_a_session_cookie_means_nothing_to_the_api_api_3(client, world):
    client.force_login(world.lead, backend="tenants.backends.AccessBackend")
    assert client.get("/api/v1/engagements/").status_code == 401
    body = {"name": "By cookie", "time_zone": "UTC"}
    written = client.post(
        "/api/v1/clients/", body, content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert written.status_code == 401


def test_a_token_is_read_from_its_header_only_api_3(lead):
    nobody = Program()
    assert nobody.get(f"engagements/?token={lead.secret}").status_code == 401
    refused = lead.get(f"engagements/?access_token={lead.secret}")
    assert refused.status_code == 400
    assert lead.secret not in refused.content.decode()


def test_a_token_ends_with_its_person_s_place_acc_13(lead, world):
    assert lead.get("me/").status_code == 200
    with as_(world.lead, world.firm):
        membership = world.lead.memberships.get()
    end(world, membership)
    refused = lead.get("me/")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_refused")


def test_a_token_sees_no_more_than_its_scopes_api_2(world):
    narrow = program_of(world.lead, world.firm, scopes=["view_organization"])
    assert narrow.get("people/").json()["total"] == 6
    assert narrow.get("engagements/").json()["total"] == 0
    assert narrow.get(f"engagements/{world.engagement.pk}/").status_code == 404
    reader = program_of(world.lead, world.firm, scopes=["view_engagement"])
    assert reader.get("engagements/").json()["total"] == 1
    assert reader.get("people/").json()["total"] == 0
    assert reader.post(f"engagements/{world.engagement.pk}/begin/").status_code == 403


def end(world, membership):
    """The firm's administrator lets the person go."""
    administrator = factories.member(world.firm, "firm_admin")
    with as_(administrator, world.firm):
        memberships.end(membership, by=administrator)
