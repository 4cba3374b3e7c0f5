"""How failures are counted, and how long the next try waits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.failed_tries import ACCOUNT, ADDRESS, HOUR, NETWORK

PAUSES = st.lists(st.floats(0, 1200), min_size=1, max_size=12)


def failures(limit, pauses, until=4 * HOUR):
    """When somebody fails who tries as soon as they may, pausing in this rhythm."""
    now, level, last, times = 0.0, 0.0, None, []
    while now < until:
        wait = 0.0 if last is None else limit.wait(level, now - last)
        if wait:
            now += wait + 1e-3
            continue
        level = 1 + limit.level_at(level, now - (last or now))
        last = now
        times.append(now)
        now += pauses[len(times) % len(pauses)] if len(times) % 7 == 0 else 0.001
    return times


@given(PAUSES)
def test_no_hour_holds_more_than_100_failures_for_one_account_whatever_the_rhythm_aut_4(pauses):
    times = failures(ACCOUNT, pauses)
    most = max(sum(start <= each < start + HOUR for each in times) for start in times)
    assert most <= ACCOUNT.most_in_an_hour <= 100


def test_the_wait_grows_with_each_failure_and_fades_with_time_aut_4():
    waits = [ACCOUNT.wait(level, 0) for level in range(1, 14)]
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert ACCOUNT.wait(9, 5) == 3
    assert ACCOUNT.level_at(9, 3 * 60) == 6
    assert ACCOUNT.level_at(9, HOUR) == 0


def test_an_address_and_a_network_take_more_than_an_account_aut_4():
    assert ADDRESS.wait(30, 0) == NETWORK.wait(120, 0) == 0
    assert ADDRESS.wait(31, 0) == NETWORK.wait(121, 0) == 1
