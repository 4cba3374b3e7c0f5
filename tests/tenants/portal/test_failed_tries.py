"""Failed sign-ins: counted in the database, made to wait, and never a way to lock others out."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from django.contrib.auth import hashers
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants.actions import accounts, failed_tries
from tenants.errors import Refused
from tenants.models import FailedTries, TrailEntry
from tests.access.probing import ONE_TIME
from tests.conftest import as_
from tests.factories import PASSWORD

LOGIN = "/accounts/login/"
WRONG = "wrong horse battery staple"
UNKNOWN = "nobody@people.example"


def tries(email, password=WRONG, **more):
    return Client().post(LOGIN, {"login": email, "password": password}, **more)


def failed(email, times):
    """So many tries failed just now."""
    for _ in range(times):
        accounts.try_failed(email, "127.0.0.1", way="password")


def aged(seconds):
    """All failures happened so much earlier."""
    rows = FailedTries.objects.all()
    for row in rows:
        rows.filter(pk=row.pk).update(failed_at=row.failed_at - timedelta(seconds=seconds))


@pytest.mark.parametrize("known", [True, False])
def test_after_five_failures_the_next_try_waits_for_every_account_alike_aut_4_aut_3(world, known):
    email = world.lead.email if known else UNKNOWN
    failed(email, 5)
    pages = [tries(email).content.decode() for _ in range(2)]
    assert [("Too many tries failed" in page) for page in pages] == [False, True]
    assert "or sign in with a passkey" in pages[-1]


def test_the_right_password_waits_too_and_is_let_in_afterwards_aut_4(world):
    failed(world.lead.email, 6)
    assert "Too many" in tries(world.lead.email, PASSWORD).content.decode()
    assert tries(world.partner.email, PASSWORD).status_code == 302  # others are not kept out
    aged(2)
    assert tries(world.lead.email, PASSWORD).status_code == 302


def test_the_counts_outlive_a_lost_cache_aut_4(world):
    failed(world.lead.email, 6)
    cache.clear()
    assert "Too many" in tries(world.lead.email, PASSWORD).content.decode()


def test_the_counts_name_nobody_dat_9(world):
    tries(world.lead.email)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM tenants_failedtries t")
        stored = cursor.fetchone()[0]
    assert world.lead.email not in stored
    assert "127.0.0" not in stored
    assert FailedTries.objects.count() == 3


def test_one_address_that_tries_many_accounts_is_made_to_wait_aut_4(world):
    """And then its network, from other addresses; another network is not."""
    for number in range(32):
        failed_tries.fail(f"p{number}@people.example", "198.51.100.7")
    with pytest.raises(Refused, match="Wait"):
        failed_tries.refuse_too_soon(world.lead.email, "198.51.100.7")
    failed_tries.refuse_too_soon(world.lead.email, "198.51.100.8")
    for number in range(100):
        failed_tries.fail(f"q{number}@people.example", f"198.51.100.{100 + number % 90}")
    with pytest.raises(Refused, match="Wait"):
        failed_tries.refuse_too_soon(world.lead.email, "198.51.100.9")
    failed_tries.refuse_too_soon(world.lead.email, "198.51.101.9")
    failed_tries.refuse_too_soon(world.lead.email, "2001:db8::1")


def test_a_failure_is_in_the_trail_of_the_persons_organizations_aud_1(world):
    tries(world.lead.email)
    tries(UNKNOWN)
    with as_(world.lead, world.firm):
        entry = TrailEntry.objects.get(verb="sign_in_failed")
    assert (entry.subject_id, entry.detail) == (world.lead.pk, {"way": "password"})


def test_old_counts_are_forgotten(world):
    failed_tries.fail(UNKNOWN, "198.51.100.7")
    failed_tries.fail(world.lead.email, None)
    FailedTries.objects.exclude(level=0).update(failed_at=timezone.now() - timedelta(days=2))
    failed_tries.fail(UNKNOWN, None)
    failed_tries.forget_old()
    assert FailedTries.objects.count() == 1


def test_known_and_unknown_accounts_take_one_hash_and_the_same_answer_aut_3(world, monkeypatch):
    """Status, size and the costly step are the same; so are the times, roughly."""
    hashed, times, pages = [], {}, []
    for name in ("encode", "verify"):
        real = getattr(hashers.Argon2PasswordHasher, name)

        def counted(self, *args, real=real):
            hashed.append(args[0])
            return real(self, *args)

        monkeypatch.setattr(hashers.Argon2PasswordHasher, name, counted)
    tries(UNKNOWN)  # warms up
    for email in (world.lead.email, UNKNOWN) * 3:
        hashed.clear()
        start = perf_counter()
        answer = tries(email)
        times.setdefault(email, []).append(perf_counter() - start)
        pages.append(ONE_TIME.sub(r"\1-", answer.content.decode().replace(email, "ADDRESS")))
        assert hashed == [WRONG]
        assert answer.status_code == 200
        FailedTries.objects.all().delete()
    assert len(set(pages)) == 1
    known, unknown = median(times[world.lead.email]), median(times[UNKNOWN])
    assert 0.4 < known / unknown < 2.5
