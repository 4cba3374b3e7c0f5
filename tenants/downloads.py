"""Large texts on their way to a browser or program, such as a trail: part by part, never held
whole.

A copy is told in the trail before its first byte leaves (AUD-1). Each part is made in a
transaction of its own, as whoever asked, let in anew: whose right is gone gets no further part
(ACC-13), and no connection is held while bytes leave (TEN-9).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from functools import partial
from uuid import UUID

import structlog
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from tenants.actions.trail_exports import KINDS
from tenants.errors import GrcError, Refused
from tenants.models import Engagement, Organization, TrailCheckpoint, User
from tenants.permissions import require
from tenants.queries import trail, trail_copies
from tenants.standing import asked_anew

log = structlog.get_logger(__name__)


class DownloadCut(ConnectionResetError):
    """The right to the rest is gone: the server drops the connection, so no end looks whole."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the right to this download has ended")


def of_trail(
    request: HttpRequest, book: Engagement | Organization, checkpoint: TrailCheckpoint | None,
    *, acts_in: Organization, kind: str, asked: Mapping[str, str],
) -> HttpResponseBase:  # fmt: skip
    """The book's trail as an attachment, as far as the caller, who `acts_in`, reads it.

    As JSON lines it ends at the checkpoint: whole when nothing is `asked`, else a selection with
    proofs. As CSV it holds all there is. Raises Refused without a checkpoint.
    """
    if kind != "csv" and checkpoint is None:
        raise Refused("Nothing of this trail is signed yet; that happens within the hour.",
                      code="no_checkpoint")  # fmt: skip
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse(content_type=KINDS[kind])
    else:
        parts = _parts(request, book, checkpoint, trail_copies.view_of(book, acts_in), kind, asked)
        may = partial(require, permission=trail.permission_to_read(book), anchor=book)
        response = StreamingHttpResponse(
            while_allowed(request, parts, may=may, subject=book.pk), content_type=KINDS[kind]
        )
    response["Content-Disposition"] = f'attachment; filename="trail-{book.pk}.{kind}"'
    return response


def _parts(
    request: HttpRequest, book: Engagement | Organization, checkpoint: TrailCheckpoint | None,
    view: str, kind: str, asked: Mapping[str, str],
) -> Iterator[bytes]:  # fmt: skip
    """Lazy from its first statement on: `while_allowed` says as whom, in which transaction."""
    assert isinstance(request.user, User)
    rows = trail.narrowed(trail.of_book(request.user, book), **asked)
    if kind == "csv" or checkpoint is None:
        yield from trail_copies.as_csv(rows)
        return
    copied = trail_copies.selection if any(asked.values()) else trail_copies.whole
    yield from copied(checkpoint, rows, view)


def while_allowed(
    request: HttpRequest, parts: Iterator[bytes], *, may: Callable[[User], object], subject: UUID
) -> Iterator[bytes]:
    """The parts, each made in a transaction of its own in which `may` is asked anew; it raises
    where the right is gone. Days are those of the time zone the download began in.
    """
    zone = timezone.get_current_timezone()
    while part := _next(request, parts, may, subject, zone):
        yield part


def _next(
    request: HttpRequest, parts: Iterator[bytes], may: Callable[[User], object], subject: UUID,
    zone: tzinfo,
) -> bytes:  # fmt: skip
    """The next part, empty at the end. Raises DownloadCut."""
    try:
        with asked_anew(request) as person, transaction.atomic(), timezone.override(zone):
            may(person)
            return next((part for part in parts if part), b"")
    except (GrcError, PermissionDenied) as refused:
        log.warning("download_cut", subject=str(subject), reason=type(refused).__name__)
        raise DownloadCut from refused
    finally:
        if not connection.in_atomic_block:
            connection.close()
