"""One question and its answer, as it left the application: status, every header, whole body."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tests.access.probing import (
    LITERAL,
    OF_THE_ANSWER,
    ONCE_A_MINUTE,
    Answer,
    plain,
    text_of,
)

Ask = Callable[[], Any]


@dataclass(frozen=True)
class Heard:
    """An answer: as two are compared, in full, and how long it took in seconds."""

    answer: Answer
    text: str
    seconds: float


def heard(ask: Ask) -> Heard:
    """Ask, with the shapes of the statements that PostgreSQL was given meanwhile."""
    shapes: list[str] = []

    def collect(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(ONCE_A_MINUTE):
            shapes.append(LITERAL.sub("?", str(sql)))
        return execute(sql, parameters, many, context)

    began = time.perf_counter()
    with connection.execute_wrapper(collect):
        response = ask()
        body = text_of(response)
    seconds = time.perf_counter() - began
    headers = tuple((name, plain(response[name])) for name in OF_THE_ANSWER if name in response)
    said = plain(body)
    answer = Answer(response.status_code, headers, said, tuple(shapes))
    whole = "\n".join(f"{name}: {value}" for name, value in response.items())
    return Heard(answer, f"{whole}\n{body}", seconds)
