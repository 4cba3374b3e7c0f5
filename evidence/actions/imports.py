"""A firm's request list comes in: handed in, read by a worker, checked, put aside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from evidence.choices import ImportStatus, RowPlan
from evidence.digests import Readable
from evidence.models import ImportRow, RememberedMapping, RequestImport
from evidence.rules.file_names import clean_name
from evidence.rules.request_list_headers import (
    Column,
    Header,
    MappingRefused,
    Recognized,
    with_mapping,
)
from evidence.rules.request_list_words import ListField
from evidence.storage import evidence_store, object_key
from evidence.workbooks.limits import ROWS
from tenants import outbox, trail
from tenants.acting import SYSTEM, System
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.visibility import new_key

READ = "evidence.read_list"
PUT_ASIDE = "evidence.put_list_aside"
OPEN_DAYS = 30
"""For how long a list may wait to be imported before it is put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """How a list is to be read, as a person says it.

    sheet: its title; header_row: the row of the headings, from 1; mapping: column from 0 → field
    (a ListField's value); day_first: whether 10/11/2026 is in November. Empty or None: as found
    in the list, or as a person said the last time a list with this header came.
    """

    sheet: str = ""
    header_row: int | None = None
    mapping: Mapping[int, str] = field(default_factory=dict)
    day_first: bool | None = None


def understanding_of(request_import: RequestImport) -> Understanding:
    """What a person said so far of how to read the list."""
    return Understanding(
        sheet=request_import.sheet,
        header_row=request_import.header_row if request_import.header_chosen else None,
        mapping={int(index): str(name) for index, name in request_import.mapping.items()},
        day_first=request_import.day_first,
    )


def hand_in(engagement: Engagement, stream: Readable, *, name: str, by: User) -> RequestImport:
    """Keep a list as it was sent; a worker reads it. Called outside a transaction.

    Raises PermissionDenied, Invalid for a file over the limit, StorageFull.
    """
    with transaction.atomic():
        require(by, P.DRAFT_REQUEST, engagement)
    pk = new_key()
    key = object_key(engagement.firm_id, pk, "list")
    store = evidence_store()
    received = store.receive(stream, key=key, limit_bytes=settings.LIST_LIMIT_BYTES)
    try:
        with transaction.atomic():
            require(by, P.DRAFT_REQUEST, engagement)  # its bytes may have taken long
            handed_in = RequestImport.objects.create(
                id=pk, engagement=engagement, name=clean_name(name), storage_key=key,
                size_bytes=received.size_bytes, sha256=received.sha256, created_by=by,
            )  # fmt: skip
            _record("list_handed_in", handed_in, by)
            _ask_to_read(handed_in, by)
            outbox.enqueue(
                PUT_ASIDE, engagement_id=engagement.pk, subject=pk,
                due_at=timezone.now() + timedelta(days=OPEN_DAYS),
            )  # fmt: skip
    except BaseException:
        store.delete(key)
        raise
    return handed_in


def read_again(request_import: RequestImport, said: Understanding, *, by: User) -> RequestImport:
    """Read the list anew as a person says: another sheet or header row, other columns, dates.

    What is said of columns and dates is remembered for the firm's next list with the same header;
    saying nothing of them forgets it. Raises PermissionDenied, Invalid and MappingRefused naming
    what makes no sense, Refused once it was imported.
    """
    require(by, P.DRAFT_REQUEST, request_import.engagement)
    with transaction.atomic():
        row = _still_open(request_import)
        said_mapping = {index: name for index, name in said.mapping.items() if name}
        _check(row, said, said_mapping)
        if row.header_signature and said.sheet == row.sheet and not said_mapping:
            _forget(row)
        row.sheet, row.day_first = said.sheet or row.sheet, said.day_first
        row.mapping = {str(index): name for index, name in said_mapping.items()}
        row.header_row, row.header_chosen = said.header_row, said.header_row is not None
        row.status, row.problem = ImportStatus.READING, {}
        row.version += 1
        row.save()
        ImportRow.objects.filter(request_import=row).delete()
        _ask_to_read(row, by)
    request_import.refresh_from_db()
    return request_import


def choose(
    request_import: RequestImport, *, shown: Collection[int], ticked: Collection[int], by: User
) -> None:
    """Keep which of the rows shown to a person (sheet row numbers) are to be imported.

    Rows not shown keep their choice; rows that cannot be imported are passed over. Raises
    PermissionDenied, Refused once the list is imported or put aside.
    """
    require(by, P.DRAFT_REQUEST, request_import.engagement)
    with transaction.atomic():
        row = _still_open(request_import)
        rows = ImportRow.objects.filter(
            request_import=row, plan__in=(RowPlan.CREATE, RowPlan.UPDATE)
        )
        wanted = set(shown) & set(ticked)
        rows.filter(sheet_row__in=wanted, left_out=True).update(left_out=False)
        rows.filter(sheet_row__in=set(shown) - wanted, left_out=False).update(left_out=True)


def choose_all(request_import: RequestImport, *, by: User) -> None:
    """Take every row that can be imported, whatever was left out before."""
    require(by, P.DRAFT_REQUEST, request_import.engagement)
    with transaction.atomic():
        row = _still_open(request_import)
        ImportRow.objects.filter(request_import=row, left_out=True).update(left_out=False)


def discard(request_import: RequestImport, *, by: User) -> RequestImport:
    """Put a list aside without importing it: its rows go, its file stays as what was sent.

    Raises PermissionDenied, Refused once it was imported.
    """
    require(by, P.DRAFT_REQUEST, request_import.engagement)
    with transaction.atomic():
        _discard(_still_open(request_import), by)
    request_import.refresh_from_db()
    return request_import


@outbox.task(PUT_ASIDE)
def put_aside(lease: outbox.Lease) -> None:
    """A list that nobody imported for 30 days is put aside; its rows go, its file stays."""
    row: RequestImport = locked(RequestImport(pk=lease.subject))
    if row.status not in (ImportStatus.DONE, ImportStatus.DISCARDED):
        _discard(row, SYSTEM)


def _discard(row: RequestImport, by: User | System) -> None:
    row.status = ImportStatus.DISCARDED
    row.version += 1
    row.save()
    ImportRow.objects.filter(request_import=row).delete()
    _record("list_discarded", row, by)


def _check(row: RequestImport, said: Understanding, mapping: Mapping[int, str]) -> None:
    """Refuse at once what no reading could follow. Raises Invalid, MappingRefused."""
    titles = [sheet["title"] for sheet in row.sheets]
    if said.sheet and titles and said.sheet not in titles:
        known = ", ".join(f"“{title}”" for title in titles[:10])
        raise Invalid(
            f"The list has no sheet “{said.sheet[:60]}”; there is {known}.",
            code="sheet_unknown", field="sheet",
        )  # fmt: skip
    if said.header_row is not None and not 1 <= said.header_row <= ROWS:
        raise Invalid(
            f"Choose the row of the headings between 1 and {ROWS:,}.",
            code="header_row_unknown", field="header_row",
        )  # fmt: skip
    fields = {index: _field(name) for index, name in mapping.items()}
    same_header = said.sheet in ("", row.sheet) and said.header_row in (None, row.header_row)
    if fields and row.columns and same_header:
        with_mapping(_header_of(row), fields)


def _field(name: str) -> ListField:
    try:
        return ListField(name)
    except ValueError as unknown:
        known = ", ".join(ListField)
        raise MappingRefused(
            f"“{name[:40]}” is nothing a column can hold; there is {known}.", field="mapping"
        ) from unknown


def _header_of(row: RequestImport) -> Header:
    """The header as it was found when the list was last read."""
    columns = tuple(
        Column(
            column["index"], column["letter"], column["heading"],
            ListField(column["field"]) if column["field"] else None,
            Recognized(column["recognized"]),
        )
        for column in row.columns
    )  # fmt: skip
    return Header(row.sheet, False, row.header_row or 1, columns, row.header_signature, 0)


def _forget(row: RequestImport) -> None:
    RememberedMapping.objects.filter(
        organization_id=row.engagement.firm_id, header_signature=row.header_signature
    ).delete()


def _ask_to_read(row: RequestImport, by: User) -> None:
    outbox.enqueue(
        READ, engagement_id=row.engagement_id, organization_id=row.engagement.firm_id,
        person_id=by.pk, subject=row.pk,
    )  # fmt: skip


def _still_open(request_import: RequestImport) -> RequestImport:
    row: RequestImport = locked(request_import)
    if row.status in (ImportStatus.DONE, ImportStatus.DISCARDED):
        raise Refused(
            f"This list is {row.get_status_display().lower()}; hand it in again.",
            code="import_over",
        )
    return row


def _record(verb: str, row: RequestImport, by: User | System, **detail: Any) -> None:
    trail.record(
        verb, row, by=by, engagement_id=row.engagement_id, zone=TrailZone.FIRM, detail=detail
    )
