"""Writing a population's rows as they are read: chunk by chunk, under the reader's fence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from audits.choices.populations import PopulationStatus as S
from audits.models.populations import Population, PopulationChunk
from audits.rules.population_rows import CHUNK_ROWS, Chunk
from tenants.acting import SYSTEM, System
from tenants.lifecycle import Lifecycle, Move, locked
from tenants.models import User
from tenants.outbox import LeaseLost
from tenants.permissions import P

READING = Lifecycle(
    Move("finish", [S.READING], S.READY, P.PERFORM_TEST, hidden=True),
    Move("fail", [S.READING], S.FAILED, P.PERFORM_TEST, hidden=True),
)
"""What reading comes to: nobody's to choose, whoever started it."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader found once it was through: headings, rows, the hash of the frozen text."""

    columns: Sequence[str]
    row_count: int
    sha256: str
    quarters: dict[str, int]
    dated_outside: int


def take_up(population: Population, fence: int) -> bool:
    """Begin to read, or begin again: what an earlier reader wrote goes. False: nothing to read.

    Raises LeaseLost when a later reader is at it.
    """
    with transaction.atomic():
        row: Population = locked(population)
        if row.status != S.READING:
            return False
        _refuse_late(row, fence)
        PopulationChunk.objects.filter(population=row).delete()
        row.fence, row.row_count = fence, 0
        row.save(update_fields=["fence", "row_count"])
    return True


def write_chunk(population: Population, fence: int, chunk: Chunk) -> None:
    """Keep some rows, in order, in a transaction of their own: `row_count` shows how far it is.

    Raises LeaseLost when another reader took over or the population is no longer being read.
    """
    if chunk.rows > CHUNK_ROWS or chunk.keys.count(b"\n") != chunk.rows:
        raise ValueError("a chunk holds as many keys as rows, and no more than fit")
    with transaction.atomic():
        row: Population = locked(population)
        _refuse_late(row, fence, exactly=True)
        number = PopulationChunk.objects.filter(population=row).count() + 1
        PopulationChunk.objects.create(
            engagement_id=row.engagement_id, population=row, number=number,
            first_row=row.row_count + 1, row_count=chunk.rows, content=chunk.content,
            keys=chunk.keys,
        )  # fmt: skip
        row.row_count += chunk.rows
        row.save(update_fields=["row_count"])


def finish(population: Population, fence: int, found: Read, *, by: User | System = SYSTEM) -> None:
    """Freeze what was written: from here on no row changes (SM-07). Raises LeaseLost."""
    with transaction.atomic():
        row: Population = locked(population)
        _refuse_late(row, fence, exactly=True)
        if row.row_count != found.row_count:
            raise ValueError("the rows kept are not the rows read")
        for name, value in asdict(found).items():
            setattr(row, name, list(value) if name == "columns" else value)
        row.ready_at = timezone.now()
        row.save()
        READING.along("finish", row, by=by)


def fail(population: Population, fence: int, problem: str, *, by: User | System = SYSTEM) -> None:
    """Say why a list was not read; nothing of its rows is kept. Raises LeaseLost."""
    with transaction.atomic():
        row: Population = locked(population)
        if row.status != S.READING:
            return
        _refuse_late(row, fence)
        PopulationChunk.objects.filter(population=row).delete()
        row.problem, row.row_count = problem, 0
        row.save()
        READING.along("fail", row, by=by)


def _refuse_late(row: Population, fence: int, *, exactly: bool = False) -> None:
    if row.status != S.READING or row.fence > fence or (exactly and row.fence != fence):
        raise LeaseLost("population")
