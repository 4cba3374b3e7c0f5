"""Whether the process is alive, and whether all it needs answers. No detail leaves the server."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evidence.storage import evidence_store
from grc.celery import app
from tenants.queries.trail_books import pulse

log = logging.getLogger(__name__)


@never_cache
@require_safe
@transaction.non_atomic_requests
def alive(request: HttpRequest) -> HttpResponse:
    """200 while the process answers at all."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
@transaction.non_atomic_requests
def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, evidence store, broker and sequencer do their work, else 503.

    Says which, not why; `trail_lag_seconds` is the 99th percentile of the last ten minutes.
    """
    parts = {name: _answers(name, ask) for name, ask in CHECKS.items()}
    good = all(parts.values())
    lag = pulse().lag_seconds if parts["database"] else None
    answer = {"ready": good, **parts, "trail_lag_seconds": lag}
    return JsonResponse(answer, status=200 if good else 503)


def _answers(name: str, ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:
        log.exception("Not ready: %s does not answer.", name)
        return False
    return True


def _ask_database() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_store() -> None:
    if evidence_store().free_bytes() <= 0:
        raise OSError("no room left")


def _ask_broker() -> None:
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


def _ask_sequencer() -> None:
    if not pulse().is_well:
        raise TimeoutError("the trail is not being sequenced")


CHECKS: dict[str, Callable[[], object]] = {
    "database": _ask_database,
    "store": _ask_store,
    "broker": _ask_broker,
    "sequencer": _ask_sequencer,
}
