"""How often a program may ask: per token, person, organization and address (API-8)."""

from __future__ import annotations

import logging
import time
from collections import Counter
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tenants.secrets import hash_of

WINDOW_SECONDS = 60
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


def _keys(request: Request) -> dict[str, str]:
    """Kind of limit → the caller's counter in this minute; each names its organization (TEN-13)."""
    minute = int(time.time() // WINDOW_SECONDS)
    organization = getattr(request, "organization", None)
    if organization is None:
        return {"address": f"tickmark:nobody:rate:{request.META.get('REMOTE_ADDR')}:{minute}"}
    token = hash_of(request.headers.get("Authorization", ""))[:24]
    start = f"tickmark:{organization.pk}:rate"
    return {
        "token": f"{start}:token:{token}:{minute}",
        "person": f"{start}:person:{request.user.pk}:{minute}",
        "organization": f"{start}:organization:{minute}",
    }


_local: Counter[str] = Counter()
_down_until = 0.0


def _count(keys: list[str], cost: int) -> tuple[dict[str, int], int]:
    """(count of each key with this request, by how much each weighs): 1 round trip."""
    global _down_until  # noqa: PLW0603
    if not keys:
        return {}, 1
    if time.monotonic() >= _down_until:
        try:
            return _count_together(keys, cost), 1
        except redis.RedisError:
            _down_until = time.monotonic() + RETRY_SECONDS
            log.warning("The rate limiter's server does not answer; counting in this process.")
    return _count_alone(keys, cost), STRICTER


def _count_together(keys: list[str], cost: int) -> dict[str, int]:
    with _client(settings.CELERY_BROKER_URL).pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.incrby(key, cost)
        for key in keys:
            pipe.expire(key, 2 * WINDOW_SECONDS)
        return dict(zip(keys, pipe.execute(), strict=False))


def _count_alone(keys: list[str], cost: int) -> dict[str, int]:
    if len(_local) > 10_000:
        _local.clear()
    _local.update(dict.fromkeys(keys, cost))
    return {key: _local[key] for key in keys}


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)
