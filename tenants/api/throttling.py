"""How often a program may ask, and how much at once: per token, person, organization and address.

Counted in Redis; while that does not answer, each process counts for itself, and allows a quarter
(API-8).
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

import redis
from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tenants.secrets import hash_of

WINDOW_SECONDS = 60
OPEN_SECONDS = 300
"""How long an open request counts at most: one whose process was killed ends in nobody's hands."""
DEAR, DEAR_WEIGHT = 10, 4
"""From this `rate_cost` on, a request at once counts for several."""
STRICTER = 4
"""With the counters' server gone, each process alone allows a quarter."""
RETRY_SECONDS = 5

log = logging.getLogger(__name__)


class Rates(BaseThrottle):
    """Counts requests by the minute; a dear one counts for several (`rate_cost` of its view).

    Limits are `API_RATES` (requests a minute; 0: none).
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether none of the caller's limits is passed."""
        limits = {
            key: settings.API_RATES[kind]
            for kind, key in _keys(request).items()
            if settings.API_RATES[kind]
        }
        cost = getattr(view, "rate_cost", 1)
        counts, share = _count(list(limits), cost)
        return all(counts[key] * share <= limit for key, limit in limits.items())

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS + 1


class Open(BaseThrottle):
    """Counts requests that are being answered now, downloads to their last byte.

    Limits are `API_OPEN` (0: none). What is taken here is given back by `give_back`.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether none of the caller's limits is passed with this request."""
        limits = {
            key: settings.API_OPEN[kind]
            for kind, key in _callers(request, "open").items()
            if settings.API_OPEN[kind]
        }
        weight = DEAR_WEIGHT if getattr(view, "rate_cost", 1) >= DEAR else 1
        marks = [f"{uuid4()}" for _ in range(weight)]
        taken = Taken(list(limits), marks)
        counts, share = taken.take()
        request._request.taken = [*getattr(request._request, "taken", ()), taken]
        return all(counts[key] * share <= limit for key, limit in limits.items())

    def wait(self) -> float:
        """One of the caller's own requests must end first."""
        return 1.0


def give_back(request: HttpRequest) -> None:
    """The request is answered: it no longer counts as open."""
    for taken in request.__dict__.pop("taken", ()):
        taken.give_back()


@dataclass(frozen=True, slots=True)
class Taken:
    """Places of one open request, in the counters at `keys`."""

    keys: list[str]
    marks: list[str]

    def take(self) -> tuple[dict[str, int], int]:
        """(open requests of each key with this one, by how much each weighs)."""
        return _asked(self._take_together, self._take_alone)

    def give_back(self) -> None:
        """Leave every counter."""
        for key in self.keys:
            held = _open_here[key]
            for mark in self.marks:
                held.pop(mark, None)
            if not held:
                _open_here.pop(key, None)
        _asked(self._give_together, dict)

    def _take_together(self) -> dict[str, int]:
        now = time.time()
        with _pipe() as pipe:
            for key in self.keys:
                pipe.zremrangebyscore(key, 0, now - OPEN_SECONDS)
                pipe.zadd(key, dict.fromkeys(self.marks, now))
                pipe.expire(key, OPEN_SECONDS)
                pipe.zcard(key)
            return dict(zip(self.keys, pipe.execute()[3::4], strict=True))

    def _take_alone(self) -> dict[str, int]:
        now = time.monotonic()
        for key in self.keys:
            held = {mark: at for mark, at in _open_here[key].items() if at > now - OPEN_SECONDS}
            _open_here[key] = held | dict.fromkeys(self.marks, now)
        return {key: len(_open_here[key]) for key in self.keys}

    def _give_together(self) -> dict[str, int]:
        with _pipe() as pipe:
            for key in self.keys:
                pipe.zrem(key, *self.marks)
            pipe.execute()
        return {}


def _keys(request: Request) -> dict[str, str]:
    """Kind of limit → the caller's counter in this minute."""
    minute = int(time.time() // WINDOW_SECONDS)
    return {kind: f"{key}:{minute}" for kind, key in _callers(request, "rate").items()}


def _callers(request: Request, what: str) -> dict[str, str]:
    """Kind of limit → the caller's counter of `what`; each names its organization (TEN-13)."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return {"address": f"tickmark:nobody:{what}:{request.META.get('REMOTE_ADDR')}"}
    token = hash_of(request.headers.get("Authorization", ""))[:24]
    start = f"tickmark:{organization.pk}:{what}"
    return {
        "token": f"{start}:token:{token}",
        "person": f"{start}:person:{request.user.pk}",
        "organization": f"{start}:organization",
    }


_local: Counter[str] = Counter()
_open_here: defaultdict[str, dict[str, float]] = defaultdict(dict)
"""Counter → the open requests of this process, taken while Redis was away, and since when."""
_down_until = 0.0

Counts = dict[str, int]


def _count(keys: list[str], cost: int) -> tuple[Counts, int]:
    """(count of each key with this request, by how much each weighs): 1 round trip."""
    if not keys:
        return {}, 1
    return _asked(lambda: _count_together(keys, cost), lambda: _count_alone(keys, cost))


def _asked(together: Callable[[], Counts], alone: Callable[[], Counts]) -> tuple[Counts, int]:
    """What Redis counts, or, while it does not answer, this process."""
    global _down_until  # noqa: PLW0603
    if time.monotonic() >= _down_until:
        try:
            return together(), 1
        except redis.RedisError:
            _down_until = time.monotonic() + RETRY_SECONDS
            log.warning("The rate limiter's server does not answer; counting in this process.")
    return alone(), STRICTER


def _count_together(keys: list[str], cost: int) -> Counts:
    with _pipe() as pipe:
        for key in keys:
            pipe.incrby(key, cost)
        for key in keys:
            pipe.expire(key, 2 * WINDOW_SECONDS)
        return dict(zip(keys, pipe.execute(), strict=False))


def _count_alone(keys: list[str], cost: int) -> Counts:
    if len(_local) > 10_000:
        _local.clear()
    _local.update(dict.fromkeys(keys, cost))
    return {key: _local[key] for key in keys}


def _pipe() -> Any:
    return _client(settings.CACHE_URL).pipeline(transaction=False)


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)
