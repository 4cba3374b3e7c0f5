"""Stored bytes on their way to a browser or program: attachments, in ranges, never run.

The caller has checked who asks, and has written the download into the trail. A long answer asks
again before every 16 MiB and breaks off when the right is gone (UPL-13, ACC-13); in between it
reads the store alone and touches no table (TEN-9). With an evidence host, the site only
leads there (UPL-12); without one, on loopback, it streams itself, under the same headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)

from evidence.actions import download_links, files, packages
from evidence.choices import Downloadable
from evidence.errors import EvidenceDamaged
from evidence.models import EvidenceLink, Package
from evidence.queries.package_listing import folder_name
from evidence.rules.byte_ranges import RangeRefused, Span, asked_span, names_tag
from evidence.rules.file_names import content_disposition
from evidence.storage import evidence_store
from tenants.downloads import DownloadCut
from tenants.errors import GrcError
from tenants.models import User
from tenants.secrets import hash_of
from tenants.standing import asked_anew

log = structlog.get_logger(__name__)

ASK_AGAIN_BYTES = 16 * 2**20
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


ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Given:
    """Stored bytes that a person may have; `note` writes into the trail that they take them."""

    kind: Downloadable
    subject_id: UUID
    key: str
    name: str
    size_bytes: int
    sha256: str
    content_type: str
    note: Callable[[User, bool], None]


Holder = Callable[[], AbstractContextManager[User]]
"""Acts as the person whose download goes on, if what let them in still does; else it raises."""


def of_file(linked: EvidenceLink) -> Given:
    """The bytes of a file on a request."""
    version = linked.file_version
    return Given(
        Downloadable.FILE, linked.pk, version.storage_key, version.name, version.size_bytes,
        version.sha256, version.content_type,
        lambda user, told: files.note_download(linked, by=user, told=told),
    )  # fmt: skip


def of_package(package: Package) -> Given:
    """The bytes of a package."""
    return Given(
        Downloadable.PACKAGE, package.pk, package.storage_key, f"{folder_name(package)}.zip",
        package.size_bytes or 0, package.sha256, ZIP,
        lambda user, told: packages.note_download(package, by=user, told=told),
    )  # fmt: skip


def found(kind: str, subject_id: UUID, user: User) -> Given:
    """What a link leads to, as `user` sees it now. Raises NotVisible."""
    if kind == Downloadable.PACKAGE:
        packages_ = Package.objects.select_related("engagement__client", "engagement__firm")
        return of_package(packages_.find(user, subject_id))
    links = EvidenceLink.objects.select_related("file_version", "evidence_request__engagement")
    return of_file(links.find(user, subject_id))


def answer(request: HttpRequest, given: Given, *, by: User) -> HttpResponseBase:
    """The answer of the site to a download: a link to the evidence host, or the bytes.

    Either way `by` may have them now; the trail knows of it before the first one leaves (EV-03).
    Raises PermissionDenied, Refused.
    """
    with transaction.atomic():
        if not settings.EVIDENCE_ADDRESS:
            given.note(by, sends_bytes(request))
        else:
            given.note(by, False)
            secret = download_links.make(given.kind, given.subject_id, by=by, **_bound_to(request))
            return HttpResponseRedirect(f"{settings.EVIDENCE_ADDRESS}/{secret}")
    return stream(request, given, lambda: asked_anew(request))


def _bound_to(request: HttpRequest) -> dict[str, str]:
    """The token or session that the request came with."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    if token:
        return {"token_hash": hash_of(token)}
    return {"session_key": request.session.session_key or ""}


def stream(request: HttpRequest, given: Given, holder: Holder) -> HttpResponseBase:
    """The answer to a GET or HEAD for `given`: 200, 206, 304 or 416.

    Its SHA-256 is the strong ETag. One range is served, a set of ranges refused (UPL-15). Before
    every ASK_AGAIN_BYTES after the first, the holder must still see it and may have it. Raises
    EvidenceMissing or EvidenceDamaged, before anything is sent, when the store holds no such
    object or one of another size.
    """
    key, name, size_bytes = given.key, given.name, given.size_bytes
    store = evidence_store()
    if store.size(key) != size_bytes:
        raise EvidenceDamaged(
            f"The stored bytes of {name} are not whole. Restore them from a backup.", path=name
        )
    tag = f'"{given.sha256}"'
    if names_tag(request.headers.get("If-None-Match", ""), tag):
        return _with_headers(HttpResponse(status=304), name, tag)
    try:
        span = _asked(request, size_bytes, tag)
    except RangeRefused:
        refused = HttpResponse(status=416, content_type=GENERIC)
        refused["Content-Range"] = f"bytes */{size_bytes}"
        return _with_headers(refused, name, tag)
    part = span or Span(0, size_bytes)
    chunks = _while_allowed(store.read_range(key, part.start, part.length), given, holder)
    response: HttpResponseBase
    kind = given.content_type if given.content_type in LISTED else GENERIC
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


def _while_allowed(chunks: Iterator[bytes], given: Given, holder: Holder) -> Iterator[bytes]:
    sent = 0
    for chunk in chunks:
        if sent + len(chunk) > ASK_AGAIN_BYTES:
            _ask_again(given, holder)
            sent = 0
        sent += len(chunk)
        yield chunk


def _ask_again(given: Given, holder: Holder) -> None:
    """Raises DownloadCut. No connection is held while bytes leave."""
    try:
        with holder() as user, transaction.atomic():
            found(given.kind, given.subject_id, user).note(user, False)
    except (GrcError, PermissionDenied) as refused:
        reason = type(refused).__name__
        log.warning("download_cut", subject=str(given.subject_id), reason=reason)
        raise DownloadCut from refused
    finally:
        if not connection.in_atomic_block:
            connection.close()


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
