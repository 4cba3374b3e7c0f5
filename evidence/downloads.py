"""Stored bytes on their way to a browser or program: attachments, in ranges, never run.

The caller has checked who asks, and has written the download into the trail; what streams
afterwards reads the store alone and touches no table (TEN-9).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from evidence.errors import EvidenceDamaged
from evidence.rules.byte_ranges import RangeRefused, Span, asked_span, names_tag
from evidence.rules.file_names import content_disposition
from evidence.storage import evidence_store

GENERIC = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
LISTED = frozenset(
    {
        "application/pdf", "application/zip", "image/gif", "image/jpeg", "image/png", "text/csv",
        "text/plain", "application/msword", "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint", "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text", f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}wordprocessingml.document", f"{_OFFICE}presentationml.presentation",
    }
)  # fmt: skip
"""Types named as they are; all others leave as GENERIC (UPL-12)."""


def stream(
    request: HttpRequest, *, key: str, name: str, size_bytes: int, sha256: str, content_type: str
) -> HttpResponseBase:
    """The answer to a GET or HEAD for the object under `key`: 200, 206, 304 or 416.

    `sha256` (hex) is the strong ETag. One range is served, a set of ranges refused (UPL-15).
    Raises EvidenceMissing or EvidenceDamaged, before anything is sent, when the store holds
    no such object or one of another size.
    """
    store = evidence_store()
    if store.size(key) != size_bytes:
        raise EvidenceDamaged(
            f"The stored bytes of {name} are not whole. Restore them from a backup.", path=name
        )
    tag = f'"{sha256}"'
    if names_tag(request.headers.get("If-None-Match", ""), tag):
        return _with_headers(HttpResponse(status=304), name, tag)
    try:
        span = _asked(request, size_bytes, tag)
    except RangeRefused:
        refused = HttpResponse(status=416, content_type=GENERIC)
        refused["Content-Range"] = f"bytes */{size_bytes}"
        return _with_headers(refused, name, tag)
    part = span or Span(0, size_bytes)
    chunks: Iterator[bytes] = store.read_range(key, part.start, part.length)
    response: HttpResponseBase
    kind = content_type if content_type in LISTED else GENERIC
    if request.method == "HEAD":
        response = HttpResponse(content_type=kind)
    else:
        response = StreamingHttpResponse(chunks, content_type=kind)
    response["Content-Length"] = str(part.length)
    if span:
        response.status_code = 206
        response["Content-Range"] = span.of(size_bytes)
    return _with_headers(response, name, tag)


def sends_bytes(request: HttpRequest) -> bool:
    """Whether the answer can carry bytes of the file, so that the trail must know of it."""
    return request.method != "HEAD"


def _asked(request: HttpRequest, size_bytes: int, tag: str) -> Span | None:
    """The span asked for. If-Range with another tag, or with a date, asks for the whole."""
    if request.headers.get("If-Range", tag).strip() != tag:
        return None
    return asked_span(request.headers.get("Range", ""), size_bytes)


def _with_headers(response: HttpResponseBase, name: str, tag: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition(name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = tag
    return response
