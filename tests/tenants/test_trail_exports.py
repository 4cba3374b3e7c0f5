"""Copies of a trail leave part by part, however long it is, while their reader may have them."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.urls import reverse

from tenants import trail
from tenants.actions import trail_checkpoints
from tenants.downloads import DownloadCut
from tenants.queries import trail_copies
from tenants.trail_verifier import TrailCopy
from tests import taking_away
from tests.conftest import as_
from tests.programs import program_of
from tests.tenants.portal.conftest import BACKEND

PART, ENTRIES = 40, 400


@pytest.fixture(autouse=True)
def long(world, monkeypatch):
    """A trail of ten parts and more, signed; the world with an administrator of the firm."""
    monkeypatch.setattr(trail_copies, "BATCH", PART)
    with as_(world.lead, world.firm):
        trail.record_many(
            "noted", [world.engagement] * ENTRIES, by=world.lead, note="A long text. " * 20,
            engagement_id=world.engagement.pk,
        )  # fmt: skip
    trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    taking_away.with_administrator(world)


def by_page(client, world, query):
    """The senior's export in a browser."""
    client.force_login(world.senior, backend=BACKEND)
    return client.get(reverse("tenants:trail_export", args=[world.engagement.pk]) + query)


def by_program(client, world, query):
    """The same by API."""
    query = query.replace("?", f"?engagement={world.engagement.pk}&")
    return program_of(world.senior, world.firm).get(f"trail/export/{query}")


WAYS = pytest.mark.parametrize("ask", [by_page, by_program])


@WAYS
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_long_trail_leaves_in_small_parts_each_made_when_it_is_asked_for(
    world, client, ask, kind, django_assert_max_num_queries
):
    answer = ask(client, world, f"?as={kind}")
    assert answer.status_code == 200
    assert answer.streaming
    parts = iter(answer.streaming_content)
    with django_assert_max_num_queries(25):  # who asks, anew, and one part: not the ten
        found = [next(parts), next(parts)]
    found += parts
    assert len(found) > ENTRIES / PART
    assert max(map(len, found)) < len(b"".join(found)) / 5
    whole = b"".join(found)
    assert whole.count(b"A long text.") == 20 * ENTRIES
    if kind == "jsonl":
        copy = TrailCopy()
        copy.feed(whole)
        copy.finish()
        assert (copy.faults, copy.whole) == ([], True)
    else:
        assert whole.count(b"\r\n") > ENTRIES


def test_a_long_selection_is_proved_part_by_part(world, client):
    parts = list(by_page(client, world, "?verb=noted").streaming_content)
    copy = TrailCopy(selection=True)
    copy.feed(b"".join(parts))
    copy.finish()
    assert (copy.faults, copy.opened) == ([], ENTRIES)
    assert len(parts) > ENTRIES / PART


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize("how", [*taking_away.OF_THE_PERSON, None])
@WAYS
def test_an_export_that_is_under_way_is_cut_when_its_right_is_taken_acc_13(
    world, client, ask, how, kind
):
    parts = iter(ask(client, world, f"?as={kind}").streaming_content)
    begun = [next(parts), next(parts)]
    if how is None:
        assert b"".join([*begun, *parts]).count(b"A long text.") == 20 * ENTRIES
        return
    taking_away.OF_THE_PERSON[how](world)
    with pytest.raises(DownloadCut):
        next(parts)


def test_a_head_is_answered_without_a_copy(world, client):
    client.force_login(world.senior, backend=BACKEND)
    address = reverse("tenants:trail_export", args=[world.engagement.pk])
    answer = client.head(f"{address}?as=csv")
    assert (answer.status_code, answer.streaming, answer.content) == (200, False, b"")
    assert "trail-" in answer["Content-Disposition"]


def test_the_database_still_agrees_with_a_tree_of_many_parts(world):
    call_command("verify_trail", str(world.engagement.pk))
