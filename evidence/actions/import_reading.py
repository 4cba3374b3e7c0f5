"""Reading a list that was handed in: parsed in a child process, compared, its rows stored."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db import transaction

from evidence.actions.import_refusals import end_refused, give_up, let_it_end, refuse
from evidence.actions.imports import READ
from evidence.choices import ImportStatus
from evidence.models import ImportRow, RememberedMapping, RequestImport
from evidence.queries.list_context import context_of
from evidence.queries.request_facts import facts_of
from evidence.rules.request_list_headers import (
    Header,
    HeaderNotFound,
    find_headers,
    header_at,
    with_mapping,
)
from evidence.rules.request_list_plan import ImportPlan, RequestFacts, plan_import
from evidence.rules.request_list_preview import column_shown, notices_of, row_shown, sheets_shown
from evidence.rules.request_list_readings import ListReading
from evidence.rules.request_list_words import ListField
from evidence.rules.request_lists import contacts_of, read_list
from evidence.storage import evidence_store
from evidence.workbooks import Sheet, Workbook, read_workbook
from tenants import acting, outbox
from tenants.errors import GrcError
from tenants.lifecycle import locked
from tenants.models import User
from tenants.permissions import P
from tenants.visibility import reach

NO_TEXT = (
    "No column is known to hold the text of the requests. Say which column tells what is asked for."
)
OTHERS_CHANGE_IT = "it was sent, and your role changes drafts only; leave the row as it is there"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the firm's people said of a header the last time: columns, and the order of dates."""

    mapping: Mapping[int, ListField]
    day_first: bool | None


@outbox.task(READ, long=True, parked=give_up)
def read_handed_in(lease: outbox.Lease) -> None:
    """Read a list, as the person who handed it in; what cannot be read is refused, as a whole.

    So is the list of a person who has lost the right to meanwhile (TSK-8).
    """
    with transaction.atomic():
        request_import = _as_its_person(lease)
        if request_import is None:
            let_it_end(lease)
            lease.finish()
            return
    try:
        workbook = _workbook(request_import)
    except GrcError as refusal:
        end_refused(request_import, refusal, (), lease)
        return
    lease.renew()
    try:
        with transaction.atomic():
            _write_plan(request_import, workbook)
            lease.finish()
    except GrcError as refusal:
        end_refused(request_import, refusal, sheets_shown(workbook, {}), lease)


def _as_its_person(lease: outbox.Lease) -> RequestImport | None:
    """The list, while the person who asked to read it may draft requests where it is."""
    rows = RequestImport.objects.select_related("engagement").filter(pk=lease.subject)
    row: RequestImport | None = rows.first()
    person = User.objects.filter(pk=lease.actor.person_id or acting.NIL).first()
    if row is None or person is None:
        return None
    return row if P.DRAFT_REQUEST in reach(person).get(row.engagement_id, frozenset()) else None


def read_now(request_import: RequestImport) -> RequestImport:
    """Read a list at once, in this process: for the command line."""
    with transaction.atomic():
        waiting = outbox.OutboxEntry.objects.filter(
            task=READ, subject=request_import.pk, done_at=None
        )
        entries = [entry.pk for entry in waiting.order_by("due_at")]
    for lease in filter(None, map(outbox.claim, entries)):
        read_handed_in(lease)
    with transaction.atomic():
        request_import.refresh_from_db()
    return request_import


def _workbook(request_import: RequestImport) -> Workbook:
    """The list's bytes, read from a copy under a name of our own."""
    with tempfile.TemporaryDirectory(prefix="list-") as folder:
        path = Path(folder) / "list"
        with evidence_store().open(request_import.storage_key) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        return read_workbook(path, name=request_import.name)


def _write_plan(request_import: RequestImport, workbook: Workbook) -> None:
    """Find the header, read each row, compare with the engagement, store what would happen."""
    row = locked(request_import)
    if row.status != ImportStatus.READING:
        return  # put aside meanwhile, or read by another worker
    remembered = _remembered(row)
    headers = _headers(row, workbook, remembered)
    header = _header(row, workbook, headers)
    known = remembered.get(header.signature)
    day_first = known.day_first if known and row.day_first is None else row.day_first
    _show_header(row, workbook, headers, header)
    if ListField.TITLE not in header.mapping.values():
        refuse(row, "text_column_unknown", NO_TEXT, "mapping")
        return
    reading = read_list(workbook, header, context_of(row.engagement, day_first=day_first))
    plan = plan_import(reading, _facts(row))
    _store_rows(row, plan, workbook, header)
    row.notices = [
        *notices_of(workbook, reading, chosen_before=row.day_first is None),
        *_sent_before(row),
    ]
    row.counts = _counts(plan, reading, contacts_of(workbook))
    row.problem, row.status = {}, ImportStatus.READY
    row.version += 1
    row.save()
    if row.mapping or row.header_chosen or row.day_first is not None:
        _remember(row, header)


def _show_header(
    row: RequestImport, workbook: Workbook, headers: Sequence[Header], header: Header
) -> None:
    """Keep what was found for a person to check: sheets, the header's row, its columns."""
    sheet = _sheet(workbook, header)
    row.sheets = sheets_shown(workbook, {each.sheet: each.row for each in headers})
    row.sheet, row.header_row = header.sheet, header.row
    row.header_signature = header.signature
    row.columns = [column_shown(column, sheet, header) for column in header.columns]


def _headers(
    row: RequestImport, workbook: Workbook, remembered: Mapping[str, Remembered]
) -> tuple[Header, ...]:
    """The headers found. Raises HeaderNotFound, unless a person pointed at one."""
    try:
        return find_headers(workbook, {key: said.mapping for key, said in remembered.items()})
    except HeaderNotFound:
        if row.header_chosen:
            return ()
        raise


def _header(row: RequestImport, workbook: Workbook, headers: Sequence[Header]) -> Header:
    """The header a person pointed at, or the likeliest one of the chosen sheet, as mapped."""
    if row.header_chosen:
        sheets = {sheet.title: sheet for sheet in workbook.sheets}
        header = header_at(sheets.get(row.sheet, workbook.sheets[0]), row.header_row or 1)
    elif row.sheet:
        header = next((each for each in headers if each.sheet == row.sheet), None) or _none(row)
    else:
        header = headers[0]
    chosen = {int(index): ListField(name) for index, name in row.mapping.items()}
    return with_mapping(header, chosen) if chosen else header


def _none(row: RequestImport) -> Header:
    raise HeaderNotFound(
        f"Sheet “{row.sheet}” has no row of headings that are known. Say which row holds the "
        "headings and what each column is, or choose another sheet.",
        field="header_row",
    )


def _sheet(workbook: Workbook, header: Header) -> Sheet:
    return next(sheet for sheet in workbook.sheets if sheet.title == header.sheet)


def _facts(row: RequestImport) -> list[RequestFacts]:
    """The engagement's requests; those that were sent are closed to who may only draft."""
    user = User.objects.get(pk=acting.current().person_id or acting.NIL)
    facts = facts_of(row.engagement, user)
    if P.SEND_REQUEST in reach(user).get(row.engagement_id, frozenset()):
        return facts
    return [
        each if each.status == "draft" or each.closed_because
        else replace(each, closed_because=OTHERS_CHANGE_IT)
        for each in facts
    ]  # fmt: skip


def _store_rows(row: RequestImport, plan: ImportPlan, workbook: Workbook, header: Header) -> None:
    cells = {each.number: each.cells for each in _sheet(workbook, header).rows}
    ImportRow.objects.filter(request_import=row).delete()
    ImportRow.objects.bulk_create(
        ImportRow(
            engagement_id=row.engagement_id, request_import=row,
            **row_shown(planned, cells[planned.reading.sheet_row]),
        )
        for planned in plan.rows
    )  # fmt: skip


def _counts(plan: ImportPlan, reading: ListReading, names: Mapping[str, str]) -> dict[str, Any]:
    """Rows by what would happen; valid addresses nobody of the client has here (IM-05)."""
    asked = Counter(email for row in reading.rows if row.is_usable for email in row.invitations)
    return {
        **{str(step): number for step, number in plan.counts.items()},
        "passed_over": len(reading.skipped),
        "invitations": {
            email: {"name": names.get(email, ""), "requests": asked[email]}
            for email in sorted(asked)
        },
    }


def _sent_before(row: RequestImport) -> list[dict[str, str]]:
    """A word when these very bytes were imported before."""
    earlier = RequestImport.objects.filter(
        engagement_id=row.engagement_id, sha256=row.sha256, status=ImportStatus.DONE
    ).select_related("imported_by").order_by("created_at").last()  # fmt: skip
    if earlier is None or earlier.imported_by is None:
        return []
    said = (
        f"The same file was imported before, by {earlier.imported_by.name}. Rows that would "
        "change nothing are left as they are."
    )
    return [{"code": "same_file", "message": said}]


def _remembered(row: RequestImport) -> dict[str, Remembered]:
    """What the firm's people said before, by header signature."""
    rows = RememberedMapping.objects.filter(organization_id=row.engagement.firm_id)
    return {
        each.header_signature: Remembered(
            {int(index): ListField(name) for index, name in each.mapping.items()}, each.day_first
        )
        for each in rows
    }


def _remember(row: RequestImport, header: Header) -> None:
    columns = {str(index): str(name) for index, name in header.mapping.items()}
    RememberedMapping.objects.update_or_create(
        organization_id=row.engagement.firm_id, header_signature=header.signature,
        defaults={"mapping": columns, "day_first": row.day_first},
    )  # fmt: skip
