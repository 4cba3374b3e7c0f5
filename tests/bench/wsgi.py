"""The platform as gunicorn serves it, counting its queries, and raw endpoints beside it.

A raw endpoint is the floor of a page: the same rows for the same announced person, made into JSON
by PostgreSQL, with neither Django's request nor a serializer between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.db import connection, transaction  # after the settings are read

from grc.wsgi import application as platform
from tenants.acting import Actor, acting
from tests.bench.raw import STATEMENTS

RAW = "/raw/"
Start = Callable[..., Any]


def application(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    """`/raw/<statement>?person=…&organization=…&…` is raw; anything else the platform's."""
    if environ["PATH_INFO"].startswith(RAW):
        return _raw(environ, start_response)
    counted = 0

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal counted
        counted += 1
        return execute(sql, params, many, context)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Queries", str(counted))], *rest)

    with connection.execute_wrapper(count):
        return platform(environ, start)


def _raw(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
    given = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    statement = STATEMENTS[environ["PATH_INFO"].removeprefix(RAW)]
    actor = Actor(UUID(given["person"]), UUID(given["organization"]))
    with acting(actor), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, given)
        (found,) = cursor.fetchone()
    connection.close()
    content = (found if isinstance(found, str) else json.dumps(found)).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    )
    return [content]
