"""Nothing is ignored, nothing is read two ways, nothing answers with a fault (ACC-9, API-9)."""

from __future__ import annotations

import pytest

BODY = {"name": "Larch Logistics", "time_zone": "America/Chicago"}


@pytest.fixture
def held(world):
    return f"engagements/{world.engagement.pk}/"


def test_unknown_and_read_only_fields_are_refused(lead):
    for field in ("id", "kind", "created_at", "organization", "nonsense", "__class__"):
        refused = lead.post("clients/", {**BODY, field: "x"})
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")
        assert refused.json()["field"] == field
    assert lead.get("clients/").json()["total"] == 1


UNREADABLE = (
    (b'{"name": "A", "name": "B", "time_zone": "UTC"}', "duplicate_key"),
    (b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
    (b"[" * 100_000, "too_deep"),
    (b'{"name": NaN}', "malformed"),
    (b'{"name": Infinity}', "malformed"),
    (b'{"name": 1e999}', "number_out_of_range"),
    (b'{"name": 9007199254740993}', "number_out_of_range"),
    (b'{"name": ' + b"9" * 5000 + b"}", "number_out_of_range"),
    (b'{"name": "a\\u0000b", "time_zone": "UTC"}', "malformed"),
    (b'{"name": "\\ud800", "time_zone": "UTC"}', "malformed"),
    (b'{"name\\u0000": "x"}', "malformed"),
    (b'{"name": "\xff"}', "malformed"),
    (b'{"name": "A",}', "malformed"),
    (b"{", "malformed"),
    (b"", "required"),
    (b"[]", "invalid"),
    (b"null", "null"),
    (b'"text"', "invalid"),
)


def test_a_body_no_two_programs_would_read_alike_is_refused(lead):
    for raw, code in UNREADABLE:
        refused = lead.post("clients/", raw)
        assert (refused.status_code, refused.json()["code"], raw[:60]) == (400, code, raw[:60])
    assert lead.get("clients/").json()["total"] == 1


def test_a_body_with_pairs_of_surrogates_is_read(lead):
    raw = b'{"name": "Caf\\u00e9 \\ud83d\\ude80", "time_zone": "UTC"}'
    assert lead.post("clients/", raw).json()["name"] == "Café 🚀"


def test_a_body_where_none_belongs_is_refused(lead, held, world):
    refused = lead.send("DELETE", f"people/{world.firm.pk}/", {"sure": True}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")


def test_a_change_of_nothing_is_refused(lead, held):
    refused = lead.patch(held, {}, If_Match='"1"')
    assert (refused.status_code, refused.json()["code"]) == (400, "nothing_to_change")


def test_other_kinds_of_body_are_refused(lead):
    form = "application/x-www-form-urlencoded"
    for kind in ("text/plain", "application/xml", form, "multipart/form-data; boundary=x", "none"):
        refused = lead.post("clients/", b"name=A", **{"Content-Type": kind})
        assert refused.status_code == 415
        assert refused["Content-Type"] == "application/problem+json"


def test_only_json_is_answered(lead):
    assert lead.get("clients/", Accept="text/html").status_code == 406
    assert lead.get("clients/?format=json").json()["code"] == "unknown_parameter"


def test_undeclared_methods_are_refused(lead):
    for method in ("OPTIONS", "PUT", "TRACE", "PATCH", "DELETE", "BREW"):
        refused = lead.send(method, "clients/")
        assert (refused.status_code, refused.json()["code"]) == (405, "method_not_allowed")


UNLISTED = (
    "nonsense=1", "client__name=xyz", "firm__name__startswith=Har", "password=1", "page=2",
    "token=tmk_abc", "status__in=draft-only", "offset=5",
)  # fmt: skip


def test_unlisted_parameters_are_refused_and_their_values_not_repeated(lead):
    for query in UNLISTED:
        refused = lead.get(f"engagements/?{query}")
        name, _, value = query.partition("=")
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_parameter")
        assert refused.json()["field"] == name
        assert "status" in refused.json()["detail"]
        assert len(value) < 3 or value not in refused.content.decode()


UNFIT = (
    "status=nonsense", "client=nonsense", "status=draft&status=draft", "ordering=firm__name",
    "ordering=password", "ordering=-,", "fields=id,password", "search=" + "x" * 101, "search=%00",
)  # fmt: skip


def test_bad_values_of_listed_parameters_are_refused(lead):
    for query in UNFIT:
        refused = lead.get(f"engagements/?{query}")
        assert (refused.status_code, refused.json()["field"]) == (400, query.partition("=")[0])


def test_a_moment_with_any_offset_is_compared_as_utc(lead):
    for offset in ("Z", "%2B16:22", "-23:59"):
        assert lead.get(f"trail/?since=0942-12-10T10:53:51{offset}").status_code == 200
    refused = lead.get("trail/?since=0001-01-01T00:00:00%2B01:00")
    assert (refused.status_code, refused.json()["field"]) == (400, "since")


def test_a_sparse_read_shows_only_what_was_asked(lead, held):
    assert set(lead.get(f"{held}?fields=id,status").json()) == {"id", "status"}
    assert set(lead.get("trail/?fields=verb&limit=1").json()["results"][0]) == {"verb"}
    assert set(lead.get("engagements/?fields=title").json()["results"][0]) == {"title"}


def test_search_finds_words_in_listed_fields(lead):
    assert lead.get("engagements/?search=tallow soc").json()["total"] == 1
    assert lead.get("engagements/?search=tallow nothing").json()["total"] == 0
