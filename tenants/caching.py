"""A cache that is a hint: when Redis is away, each process counts for itself."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError


class HintCache(BaseCache):
    """Redis while it answers, this process's memory while it does not.

    It holds rate limits, so signing in goes on without Redis and the limits still hold, by
    process; nothing that cannot be rebuilt is ever kept here.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = RedisCache(server, dict(params))
        self._local = LocMemCache("tickmark-hints", dict(params))

    def _ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(self._redis, name)(*args, **kwargs)
        except RedisError:
            return getattr(self._local, name)(*args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        """Set what is not set yet."""
        return self._ask("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """A value, or the default."""
        return self._ask("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Keep a value."""
        self._ask("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        """Keep it longer."""
        return self._ask("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Forget it."""
        return self._ask("delete", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        """Count up."""
        return self._ask("incr", *args, **kwargs)

    def clear(self) -> None:
        """Forget everything."""
        self._ask("clear")
