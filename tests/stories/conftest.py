"""One stack for the stories; each story is a firm of its own on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stories.stack import Stack, running


@pytest.fixture(scope="session")
def stack(tmp_path_factory: Any) -> Iterator[Stack]:
    """Web, worker, beat, PostgreSQL, Redis and SMTP, up for the session."""
    with running(tmp_path_factory.mktemp("stack"), redis_database=7) as up:
        yield up


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """A story looks at the platform from outside; it needs no test database."""
