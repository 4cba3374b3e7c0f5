"""Rows of several tables in one statement, and statements planned once for a connection."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.db import IntegrityError, connection, transaction

from tenants import trail
from tenants.models import IdempotentAnswer, TrailEntry, TrailLeaf
from tenants.visibility import reach
from tests.conftest import as_

PREPARED = "select count(*) from pg_prepared_statements where statement like '%a.user_id = $1%'"


def answer(world, **words):
    """An answer of the client's that is kept under one key."""
    return IdempotentAnswer(
        organization=world.client_organization, person=world.client, route="/api/v1/x/", key="k",
        fingerprint="0" * 64, status=201, body=b"\x00{}", headers={"ETag": '"1"'}, **words,
    )  # fmt: skip


@pytest.mark.parametrize("used", [False, True], ids=["a fresh key", "a key in use"])
def test_rows_are_written_together_with_their_trail_or_not_at_all(
    world, used, django_assert_num_queries
):
    organization, row = world.client_organization, answer(world)
    with as_(world.client, organization):
        if used:
            answer(world).save()
        with (
            pytest.raises(IntegrityError) if used else nullcontext(),
            transaction.atomic(), django_assert_num_queries(1), trail.together(row),
        ):  # fmt: skip
            for verb in ("tried_once", "tried_twice"):
                trail.record(verb, organization, by=world.client, organization_id=organization.pk)
        written = list(TrailEntry.objects.filter(verb__startswith="tried").order_by("id"))
        assert [each.verb for each in written] == ([] if used else ["tried_once", "tried_twice"])
        assert TrailLeaf.objects.filter(entry_id__in=[each.pk for each in written]).count() == len(
            written
        )
        if not used:
            kept = IdempotentAnswer.objects.get(pk=row.pk)
            for name in ("created_at", "headers", "route", "status"):
                assert getattr(row, name) == getattr(kept, name)
            assert bytes(kept.body) == row.body
            assert not row._state.adding


@pytest.mark.parametrize(("threshold", "plans"), [(0, 1), (None, 0)], ids=["kept", "not kept"])
def test_a_statement_is_planned_once_for_a_connection_that_may_keep_plans(world, threshold, plans):
    """DATABASE_PREPARE sets the threshold; behind some poolers nothing may be kept."""
    raw = connection.connection
    usual, raw.prepare_threshold = raw.prepare_threshold, threshold
    try:
        for _ in range(2):
            with as_(world.lead, world.firm):
                assert reach(world.lead)
        with connection.cursor() as cursor:
            cursor.execute(PREPARED)
            assert cursor.fetchone()[0] == plans
            cursor.execute("deallocate all")
    finally:
        raw._prepared.clear()
        raw.prepare_threshold = usual
