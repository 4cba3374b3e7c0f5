"""Pages by signed cursor: complete, in order, and nobody else's (API-7)."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.programs import program_of


@pytest.fixture
def engagements(world):
    """Five more engagements; with the first, three have no last day of fieldwork, two share one."""
    for ends in (None, date(2026, 9, 2), date(2026, 9, 1), None, date(2026, 9, 2)):
        factories.engagement(
            world.firm, world.client_organization, world.lead, fieldwork_ends_on=ends
        )


def walk(program, address):
    """Every row of a list, page after page."""
    rows = []
    while address:
        page = program.get(address).json()
        rows += page["results"]
        parts = urlsplit(page["next"]) if page["next"] else None
        address = f"{parts.path}?{parts.query}" if parts else None
    return rows


ORDERINGS = ("", "fieldwork_ends_on", "-fieldwork_ends_on", "client,-title", "-created_at")


def test_pages_hold_every_row_once_in_order(lead, engagements):
    for ordering in ORDERINGS:
        query = f"&ordering={ordering}" if ordering else ""
        whole = lead.get(f"engagements/?limit=200{query}").json()
        assert whole["total"] == len(whole["results"]) == 6
        assert whole["next"] is None
        walked = walk(lead, f"engagements/?limit=2{query}")
        assert [row["id"] for row in walked] == [row["id"] for row in whole["results"]]


def test_empty_values_come_last_in_both_directions(lead, engagements):
    for ordering in ("fieldwork_ends_on", "-fieldwork_ends_on"):
        rows = walk(lead, f"engagements/?limit=2&ordering={ordering}")
        dates = [row["fieldwork_ends_on"] for row in rows]
        known = [day for day in dates if day]
        assert dates == [*sorted(known, reverse=ordering[0] == "-"), None, None, None]


def test_total_counts_what_fits_the_filters_on_all_pages(lead, world, engagements):
    factories.arrange(world.engagement, status="planning")
    page = lead.get("engagements/?status=draft&limit=3").json()
    assert (page["total"], len(page["results"])) == (5, 3)


def test_a_page_holds_1_to_200_rows(lead):
    for limit in ("0", "201", "-1", "x", "1e2", "٣"):
        refused = lead.get(f"engagements/?limit={limit}")
        assert (refused.status_code, refused.json()["code"]) == (400, "limit_out_of_range")


def test_a_cursor_is_good_for_its_person_and_query_only(lead, world, engagements):
    address = lead.get("engagements/?limit=2&status=draft").json()["next"]
    parts = urlsplit(address)
    same = f"{parts.path}?{parts.query}"
    assert lead.get(same).status_code == 200
    factories.assigned(world.engagement, world.firm, world.colleague, "senior")
    colleague = program_of(world.colleague, world.firm)
    for program, other in (
        (colleague, same),
        (lead, same.replace("status=draft", "status=planning")),
        (lead, same.replace("/engagements/", "/assignments/").replace("status=draft&", "")),
        (lead, same + "x"),
        (lead, same.replace("cursor=", "cursor=x")),
    ):
        refused = program.get(other)
        assert refused.status_code == 400
        assert refused.json()["code"] in {"cursor_refused", "unknown_parameter"}


PATHS = ("engagements/", "assignments/", "trail/", "people/", "clients/", "tokens/")


def test_a_list_takes_as_many_queries_for_twenty_rows_as_for_one(lead, world):
    def queries(path):
        lead.get(path)  # the first notes the token's use
        with CaptureQueriesContext(connection) as seen:
            assert lead.get(path).status_code == 200
        return len([each for each in seen if "SAVEPOINT" not in each["sql"]])

    before = {path: queries(path) for path in PATHS}
    for _ in range(19):
        client = factories.known_client(world.firm, world.lead)
        factories.engagement(world.firm, client, world.lead)
        factories.member(world.firm, "staff")
    for _ in range(3):
        program_of(world.lead, world.firm)
    assert {path: queries(path) for path in PATHS} == before
    assert max(before.values()) <= 8
