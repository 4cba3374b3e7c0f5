"""Reading a population from a file of its request: by a task, chunk by chunk, under its fence."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from audits.actions import population_reading, populations
from audits.actions.population_reading import Read
from audits.actions.populations import Told
from audits.models.control_tests import ControlTest
from audits.models.populations import Population
from audits.rules.population_rows import Chunk
from evidence.choices import RequestKind, RequestStatus, ScanOutcome, Sensitivity
from evidence.models import EvidenceLink, EvidenceRequest
from evidence.models.populations import PopulationSource
from evidence.storage import evidence_store
from evidence.workbooks import WorkbookRefused
from evidence.workbooks.row_reading import Asked, read_rows
from tenants import outbox
from tenants.errors import Invalid, Refused
from tenants.models import User

READ: Final = "evidence.read_population"
FAILED: Final = (
    "Reading this list failed on our side, several times. Save it as CSV, hand it over again, and "
    "read that."
)


def read_in(
    link: EvidenceLink, test: ControlTest, told: Told, *, by: User, sheet: str = "",
    header_row: int | None = None,
) -> Population:  # fmt: skip
    """Have a worker read a file that the client handed over; it is frozen once it is through.

    Whoever a restricted request names, and nobody else, sees the population. Raises
    PermissionDenied, Invalid naming the field, Refused as `populations.begin` does, and for a file
    that is not a population's, was erased or is infected.
    """
    asked, version = link.evidence_request, link.file_version
    if asked.kind != RequestKind.POPULATION:
        raise Invalid("Choose a file of a request for a population.", code="kind", field="link")
    if link.handed_over_at is None or version.erased_at is not None:
        raise Refused("The client has not handed this file over, or withdrew it.", code="no_file")
    if version.scan_outcome == ScanOutcome.INFECTED:
        raise Refused("The file is infected and is not read.", code="infected")
    if asked.engagement_id != test.engagement_id:
        raise Invalid("The file belongs to another engagement.", code="foreign", field="link")
    with transaction.atomic():
        row = populations.begin(test, told, by=by, named=_named(asked))
        PopulationSource.objects.create(
            engagement_id=row.engagement_id, evidence_request=asked, population=row, link=link,
            file_sha256=version.sha256, sheet=sheet.strip()[:120], header_row=header_row,
            chosen_by=by,
        )  # fmt: skip
        outbox.enqueue(READ, engagement_id=row.engagement_id, subject=row.pk)
    return row


def give_up(lease: outbox.Lease) -> None:
    """Reading failed at every attempt: the population says so instead of being read for ever."""
    row = Population.objects.filter(pk=lease.subject).first()
    if row is not None:
        population_reading.fail(row, row.fence, FAILED)


@outbox.task(READ, long=True, parked=give_up)
def read_population(lease: outbox.Lease) -> None:
    """Read a file row by row and freeze it; one that cannot be read says which row, and why."""
    with transaction.atomic():
        row: Population = Population.objects.get(pk=lease.subject)
        source = PopulationSource.objects.select_related("link__file_version").get(population=row)
    if not population_reading.take_up(row, lease.fence):
        lease.finish()
        return
    try:
        found = _read(row, source, lease)
    except WorkbookRefused as refused:
        with transaction.atomic():
            population_reading.fail(row, lease.fence, refused.message)
            lease.finish()
        return
    with transaction.atomic():
        population_reading.finish(row, lease.fence, found)
        lease.finish()


def _read(row: Population, source: PopulationSource, lease: outbox.Lease) -> Read:
    """Keep the chunks as they come. Raises WorkbookRefused, LeaseLost."""
    asked = Asked(
        covers=(row.covers_from, row.covers_to), key_columns=tuple(row.key_columns),
        date_column=row.date_column, date_order=row.date_order, sheet=source.sheet,
        header_row=source.header_row,
    )  # fmt: skip
    with _copied(source.link.file_version.storage_key) as path:
        for each in read_rows(path, asked):
            if not isinstance(each, Chunk):
                return Read(**each)
            population_reading.write_chunk(row, lease.fence, each)
            lease.renew()
    raise AssertionError("the reader ends with what it found")


@contextmanager
def _copied(key: str) -> Iterator[Path]:
    """The file's bytes, read from a copy under a name of our own."""
    with tempfile.TemporaryDirectory(prefix="population-") as folder:
        path = Path(folder) / "list"
        with evidence_store().open(key) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        yield path


def follow(evidence_request: EvidenceRequest) -> None:
    """Populations of a request are seen by whom it names, when that changes too."""
    if evidence_request.kind != RequestKind.POPULATION:
        return
    sources = PopulationSource.objects.filter(evidence_request=evidence_request)
    rows = Population.objects.filter(pk__in=sources.values("population"))
    rows.update(named=_named(evidence_request))


def request_not_accepted(row: Population) -> str:
    """RQ-03: a population that came with a request is accepted after the request is."""
    source = PopulationSource.objects.select_related("evidence_request").filter(population=row)
    for each in source:
        asked = each.evidence_request
        if asked.status != RequestStatus.ACCEPTED:
            return f"RQ-03: accept the request {asked.ref} first, from which it came."
    return ""


def _named(asked: EvidenceRequest) -> list[Any] | None:
    return list(asked.named) if asked.sensitivity == Sensitivity.RESTRICTED else None
