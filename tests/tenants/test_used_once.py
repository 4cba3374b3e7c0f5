"""What is used once is used once, also when two use it at the same moment; each commits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.db import connection, transaction

from tenants import acting
from tenants.actions import accounts, factors, failed_tries
from tenants.errors import Refused
from tenants.models import FailedTries, User
from tenants.passwords import ResetTokens
from tenants.portal.account_forms import NewPasswordForm

pytestmark = pytest.mark.django_db(transaction=True)
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT_ONCE = 8


@pytest.fixture
def lead() -> User:
    """The manager, committed."""
    return User.objects.get(pk=settings.WORLD.lead.pk)


def all_at_once(act: Callable[[], Any]) -> list[Any]:
    """What each of some threads got who acted at the same moment, in transactions of their own."""
    ready = Barrier(AT_ONCE)

    def one(_: int) -> Any:
        try:
            ready.wait(20)
            with acting.acting(acting.NOBODY), transaction.atomic():
                return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_one_of_many_parallel_uses_of_a_code_wins_aut_10(lead, monkeypatch):
    monkeypatch.setattr(factors, "time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    TOTP.activate(lead, SEED)
    code = format_hotp_value(hotp_value(SEED, 1_790_000_000 // 30))
    taken = all_at_once(lambda: factors.use_code(lead, code))
    assert len([one for one in taken if one is not None]) == 1
    with acting.acting(acting.Actor(person_id=lead.pk)):
        recovery = factors.make_recovery_codes(lead, by=lead)[0]
    taken = all_at_once(lambda: factors.use_code(lead, recovery))
    assert len([one for one in taken if one is not None]) == 1


def test_one_of_many_parallel_uses_of_a_reset_link_wins_aut_8(lead):
    key = ResetTokens().make_token(lead)
    words = iter([f"{word} green kettles sing" for word in
                  ("one", "two", "three", "four", "five", "six", "seven", "eight")])  # fmt: skip

    def sets() -> str:
        password = next(words)
        form = NewPasswordForm(
            {"password1": password, "password2": password},
            user=User.objects.get(pk=lead.pk), temp_key=key,
        )  # fmt: skip
        assert form.is_valid(), form.errors
        form.save()
        return password

    done = all_at_once(sets)
    won = [one for one in done if isinstance(one, str)]
    assert len(won) == 1
    assert User.objects.get(pk=lead.pk).check_password(won[0])


def test_parallel_tries_do_not_slip_past_the_count_aut_4(lead):
    """Seven failures are let through one after the other; so are they all at once."""

    def fails() -> bool:
        failed_tries.refuse_too_soon(lead.email, None)
        accounts.try_failed(lead.email, None, way="password")
        return True

    let_through = [one for _ in range(3) for one in all_at_once(fails) if one is True]
    assert len(let_through) <= 7
    assert FailedTries.objects.count() == 1
