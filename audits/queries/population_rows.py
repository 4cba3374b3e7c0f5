"""The rows of a frozen population, chunk by chunk: never more than one chunk in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from audits.models.populations import Population, PopulationChunk
from audits.rules.population_rows import lines_of


def keys_of(population: Population) -> Iterator[bytes]:
    """The item keys in the order of the rows, as UTF-8."""
    for keys in _chunks(population, "keys"):
        yield from bytes(keys).splitlines()


def content_of(population: Population) -> Iterator[bytes]:
    """The frozen text, byte for byte: its SHA-256 is the population's."""
    for content in _chunks(population, "content"):
        yield bytes(content)


def rows_at(population: Population, numbers: Collection[int]) -> dict[int, list[str]]:
    """Row number, from 1 → the row's cells, the key first."""
    wanted = sorted(set(numbers))
    found: dict[int, list[str]] = {}
    chunks = PopulationChunk.objects.filter(population=population).order_by("number")
    for pk, first, count in chunks.values_list("pk", "first_row", "row_count"):
        here = [number for number in wanted if first <= number < first + count]
        if not here:
            continue
        content = PopulationChunk.objects.values_list("content", flat=True).get(pk=pk)
        lines = lines_of(bytes(content))
        if first == 1:
            next(lines)  # the headings
        numbered = enumerate(islice(lines, here[-1] - first + 1), start=first)
        found |= {number: cells for number, cells in numbered if number in here}
    return found


def numbers_of(population: Population, keys: Collection[str]) -> dict[str, int]:
    """Item key → its row number, of those keys that are in the population."""
    wanted = {key.encode() for key in keys}
    numbered = enumerate(keys_of(population), start=1)
    return {key.decode(): number for number, key in numbered if key in wanted}


def _chunks(population: Population, column: str) -> Iterator[bytes]:
    numbers = PopulationChunk.objects.filter(population=population).order_by("number")
    for pk in list(numbers.values_list("pk", flat=True)):
        yield PopulationChunk.objects.values_list(column, flat=True).get(pk=pk)
