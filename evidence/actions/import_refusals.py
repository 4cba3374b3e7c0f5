"""A list that is not read says why, whoever is left to read it: it is never "reading" for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from evidence.choices import ImportStatus
from evidence.models import RequestImport
from tenants import outbox
from tenants.errors import GrcError
from tenants.lifecycle import locked

WITHOUT_ITS_PERSON = "evidence.end_list_without_its_person"
SERVER_FAULT = 500
ITS_PERSON_IS_GONE = (
    "Whoever asked to read this list may no longer draft requests here, so it was not read. "
    "Somebody who may: hand the list in again."
)


def refuse(row: RequestImport, code: str, message: str, field: str = "file") -> None:
    """Write down why a list was not read; `row` is locked."""
    row.status = ImportStatus.REFUSED
    row.problem = {"code": code, "message": message, "field": field}
    row.version += 1
    row.save()


def give_up(lease: outbox.Lease) -> None:
    """Reading failed at every attempt: the list says so instead of being read for ever."""
    found = RequestImport.objects.filter(pk=lease.subject).first()
    if found is None:
        let_it_end(lease)
        return
    row = locked(found)
    if row.status == ImportStatus.READING:
        refuse(
            row, "reading_failed", "Reading this list failed on our side, several times. Copy its "
            "rows into a new workbook (paste values only), save it as XLSX and hand that in.",
        )  # fmt: skip


def let_it_end(lease: outbox.Lease) -> None:
    """The person who asked to read it may not any more, and may not even see it: have the list
    ended by its engagement."""
    outbox.enqueue(
        WITHOUT_ITS_PERSON, engagement_id=lease.engagement_id,
        organization_id=lease.actor.organization_id, subject=lease.subject,
    )  # fmt: skip


@outbox.task(WITHOUT_ITS_PERSON)
def end_without_its_person(lease: outbox.Lease) -> None:
    """Say why the list was not read; one that was read or put aside meanwhile stays as it is."""
    row = locked(RequestImport(pk=lease.subject))
    if row.status == ImportStatus.READING:
        refuse(row, "importer_gone", ITS_PERSON_IS_GONE)


def end_refused(
    request_import: RequestImport,
    refusal: GrcError,
    sheets: Sequence[dict[str, Any]],
    lease: outbox.Lease,
) -> None:
    """Say why the list was not read. A fault of our servers is raised again: it may pass."""
    if refusal.status >= SERVER_FAULT:
        raise refusal
    with transaction.atomic():
        row = locked(request_import)
        if row.status == ImportStatus.READING:
            row.sheets = list(sheets)
            refuse(row, refusal.code, refusal.message, refusal.field)
        lease.finish()
