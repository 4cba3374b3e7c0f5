"""The request list, as three people with very different reach ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.bench import scale
from tests.bench.place import Caller, Place
from tests.bench.table import Line, duration, slower
from tests.bench.timing import cpu_seconds, in_turn

LIST = "/api/v1/evidence-requests/"
MOST_TIMES, MOST_QUERIES, MOST_GROWTH = 4.0, 8, 1.2
MOST_TIMES_JSON = 1.6


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody of firm 1 or its first client, and the raw endpoint of what they see."""

    name: str
    number: int
    client: int
    raw: str

    def ids(self) -> dict[str, str]:
        """Who asks, for the raw endpoint."""
        person = scale.key(scale.PERSON, 1, 100 * self.client + self.number)
        organization = scale.key(scale.ORGANIZATION, 1, self.client)
        return {"person": str(person), "organization": str(organization)}


READERS = (
    Reader("senior, 5 engagements", scale.SENIOR, 0, "requests"),
    Reader("partner, all engagements", scale.PARTNER, 0, "requests"),
    Reader("control owner, own requests", scale.CONTROL_OWNER, 1, "own-requests"),
)


class Reading:
    """One reader's two ways to the same page."""

    def __init__(self, place: Place, reader: Reader, limit: int = 50) -> None:
        ids = reader.ids()
        token = place.token(
            scale.key(scale.PERSON, 1, 100 * reader.client + reader.number),
            scale.key(scale.ORGANIZATION, 1, reader.client),
        )
        self.caller, self.plain = Caller(place, token), Caller(place)
        self.raw = reader.raw
        self.path = f"{LIST}?{urlencode({'limit': limit})}"
        self.raw_path = f"/raw/{reader.raw}?{urlencode({**ids, 'limit': limit})}"

    def check(self) -> int:
        """Both ways give the same rows; the number of queries of ours."""
        ours, floor = self.caller.json(self.path), self.plain.json(self.raw_path)
        assert ours["total"] == floor["total"], (ours["total"], floor["total"])
        assert [row["id"] for row in ours["results"]] == [row["id"] for row in floor["results"]]
        _, answer = self.caller.ask("GET", self.path)
        return int(answer.headers["X-Queries"])

    def seconds(self, rounds: int) -> tuple[float, float]:
        """Median seconds of the floor and of ours."""
        return in_turn(lambda: self.plain.ask("GET", self.raw_path), self.ours, rounds)

    def ours(self) -> None:
        """The page."""
        self.caller.ask("GET", self.path)

    def fixed_work(self) -> None:
        """What takes the same however much there is: a yardstick."""
        self.plain.ask("GET", self.raw_path.replace(self.raw, "fixed-work"))


def pages(place: Place, rounds: int) -> Iterator[tuple[str, Line, float]]:
    """For each reader: name, the line of a page of 50, and our time in that of fixed work.

    The last compares two moments of a busy machine.
    """
    worker = place.web()
    for reader in READERS:
        reading = Reading(place, reader)
        queries = reading.check()
        used = cpu_seconds(worker)
        for _ in range(rounds):
            reading.ours()
        used = (cpu_seconds(worker) - used) / rounds
        floor, ours = reading.seconds(rounds)
        line = slower(
            f"list page of 50: {reader.name}", floor, ours, MOST_TIMES,
            bar=f"≤ {MOST_QUERIES} queries", also=queries <= MOST_QUERIES,
            counts=f"{queries} queries, {duration(used)} of CPU",
        )  # fmt: skip
        fixed, ours = in_turn(reading.fixed_work, reading.ours, rounds)
        yield reader.name, line, ours / fixed


def growth(name: str, before: float, after: float) -> Line:
    """The same page when there are four times as many tenants."""
    times = after / before
    return Line(
        f"… tenants ×4: {name}", f"{after:.2f} units", f"{before:.2f} units", f"{times:.2f} ×",
        f"≤ {MOST_GROWTH:g} ×", times <= MOST_GROWTH,
    )  # fmt: skip


def wide_page(place: Place, rounds: int) -> Line:
    """200 rows, the most a page may have, against PostgreSQL's own JSON."""
    reading = Reading(place, READERS[0], limit=200)
    queries = reading.check()
    floor, ours = reading.seconds(rounds)
    return slower(
        "JSON list of 200: senior", floor, ours, MOST_TIMES_JSON, counts=f"{queries} queries"
    )
