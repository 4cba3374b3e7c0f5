"""One effect for each Idempotency-Key, and the same answer for each retry (API-4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.response import Response

from tenants.api.errors import KeyBusy, KeyMissing, KeyUsed
from tenants.api.parsing import JsonRenderer, to_json
from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.models import IdempotentAnswer
from tenants.statements import planned, save_together

_KEY = re.compile(r"[\x21-\x7e]{1,80}")
_KEPT_HEADERS = ("ETag", "Location")
_LOCK = "select pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
_KEPT = """select exists (select from tenants_idempotentanswer
where organization_id = %s and person_id = %s and route = %s and key = %s)"""

Handler = Callable[..., Response]


def answer_once(
    handler: Handler, secrets: tuple[str, ...], request: Request, *args: Any, **kwargs: Any
) -> HttpResponse:
    """Run `handler` once for this person, route and key; a retry gets the answer kept.

    The answer is kept in the transaction of the effect: both or neither. A refused request
    keeps nothing, so its key can be used again. `secrets` names fields that are shown once and
    never kept: a retry finds them null (API-1). Raises KeyMissing, KeyUsed, KeyBusy, Invalid.
    """
    whose, fingerprint = whose_key(request), fingerprint_of(request)
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _take_turn(whose)
        kept = IdempotentAnswer.objects.filter(**whose).first()
        if kept is not None:
            return again(kept, fingerprint)
        return keep(whose, fingerprint, handler(request, *args, **kwargs), secrets)


def whose_key(request: Request) -> dict[str, Any]:
    """What names a kept answer: organization, person, route, key. Raises KeyMissing, Invalid."""
    return {"organization": request.organization, "person": request.user,
            "route": request.path[:200], "key": _key(request)}  # fmt: skip


def is_kept(whose: dict[str, Any]) -> bool:
    """Whether an answer is kept already (1 query)."""
    with planned() as cursor:
        cursor.execute(_KEPT, [whose["organization"].pk, whose["person"].pk, whose["route"],
                               whose["key"]])  # fmt: skip
        return bool(cursor.fetchone()[0])


def keep(
    whose: dict[str, Any], fingerprint: str, response: Response, secrets: tuple[str, ...] = ()
) -> HttpResponse:
    """Keep the answer to a request, in the transaction of its effect (1 query); the answer."""
    body = JsonRenderer().render(response.data)
    kept_body = body
    if secrets:
        kept_body = to_json({**response.data, **dict.fromkeys(secrets)})
    headers = {name: response[name] for name in _KEPT_HEADERS if name in response}
    save_together(IdempotentAnswer(
        **whose, fingerprint=fingerprint, status=response.status_code, body=kept_body,
        headers=headers,
    ))  # fmt: skip
    return _response(body, response.status_code, headers)


def fingerprint_of(request: Request) -> str:
    """SHA-256 (hex) over method, address and body.

    A file part counts with its name, type and size, not its bytes: they are streamed to the
    store and hashed there. Any other raw body counts with its length and upload headers.
    """
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.get_full_path().encode(), *_body_parts(request)):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _body_parts(request: Request) -> Iterable[bytes]:
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        for name, values in sorted(request.data.lists()):
            for value in values:
                file = (
                    (value.name, value.content_type, value.size)
                    if hasattr(value, "size")
                    else value
                )
                yield to_json([name, file])
    elif kind in ("", "application/json"):
        yield to_json(request.data)
    else:
        for name in ("Content-Type", "Content-Length", "Upload-Length", "Upload-Metadata"):
            yield request.headers.get(name, "").encode()


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise KeyMissing(
            "Send an Idempotency-Key header: a fresh random value, the same on a retry."
        )
    if not _KEY.fullmatch(key):
        raise Invalid(
            "Idempotency-Key: 1 to 80 visible ASCII characters, such as a UUID.",
            code="idempotency_key_malformed",
        )
    return key


def _take_turn(whose: dict[str, Any]) -> None:
    """Hold the key until the transaction ends. Raises KeyBusy while another request holds it."""
    name = "idempotency:{organization.pk}:{person.pk}:{route}:{key}".format(**whose)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [name])
        if not cursor.fetchone()[0]:
            raise KeyBusy(
                "The first request with this Idempotency-Key is still running; ask again."
            )


def again(kept: IdempotentAnswer, fingerprint: str) -> HttpResponse:
    """The answer kept. Raises KeyUsed when the request was another."""
    if kept.fingerprint != fingerprint:
        raise KeyUsed("This Idempotency-Key was used with another body; take a fresh one.")
    response = _response(bytes(kept.body), kept.status, kept.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _response(body: bytes, status: int, headers: dict[str, str]) -> HttpResponse:
    response = HttpResponse(
        body, status=status, content_type=JsonRenderer.media_type, headers=headers
    )
    if not body:
        del response["Content-Type"]
    return response
