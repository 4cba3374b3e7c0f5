"""A firm's list of 1,000 rows: handed in, read, previewed, imported; then seen in the list."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import openpyxl
from django.db import transaction
from django.utils import timezone

from evidence.actions import imports
from evidence.actions.import_reading import read_now
from evidence.actions.import_rows import import_rows
from evidence.models import RequestImport
from evidence.queries import imports as preview
from tenants import acting
from tenants.models import Engagement, User
from tests.bench import scale
from tests.bench.assembly import counting
from tests.bench.place import Place
from tests.bench.table import Line, duration
from tests.bench.timing import seconds

MOST_SECONDS = 5.0
HEADINGS = ("Ref", "Request", "TSC", "Control", "Owner e-mail", "Due", "Status")


def workbook(rows: int) -> bytes:
    """A list of so many rows, as Excel writes it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Requests")
    sheet.append(HEADINGS)
    due = timezone.localdate() + timedelta(days=30)
    for number in range(1, rows + 1):
        owner = f"p{100 + 2 + number % 24}@f1.example"
        sheet.append((
            f"L-{number:04}", f"Listing number {number} of the users of one system, with roles",
            f"CC6.{number % 8 + 1}", f"C-{number % 60 + 1}", owner, due, "Open",
        ))  # fmt: skip
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def lines(place: Place, rows: int) -> Iterator[Line]:
    """Hand it in, read it in a child process, look at the preview, import it."""
    person, firm = scale.key(scale.PERSON, 1, scale.PARTNER), scale.key(scale.ORGANIZATION, 1, 0)
    content, walk = workbook(rows), _Walk(scale.key(scale.ENGAGEMENT, 1, 3))
    with acting.acting(acting.Actor(person, firm)):
        steps = (walk.hand_in, walk.read, walk.look, walk.bring_in)
        with counting() as sent:
            taken = [seconds(lambda step=step: step(content, person)) for step in steps]
    assert walk.made == {"create": rows, "update": 0}, walk.made
    whole = sum(taken)
    names = ("handed in", "read", "previewed", "imported")
    parts = (f"{name} {duration(each)}" for name, each in zip(names, taken, strict=True))
    yield Line(
        f"import of {rows:,} rows with preview", duration(whole), bar=f"≤ {MOST_SECONDS:g} s",
        within=whole <= MOST_SECONDS,
        counts=f"{len(sent)} queries; {', '.join(parts)}",
    )  # fmt: skip


class _Walk:
    """The steps of one import, as the portal takes them."""

    def __init__(self, engagement: Any) -> None:
        self.engagement_id = engagement
        self.list: RequestImport
        self.made: dict[str, int] = {}

    def hand_in(self, content: bytes, person: Any) -> None:
        with transaction.atomic():
            self.user = User.objects.get(pk=person)
            engagement = Engagement.objects.get(pk=self.engagement_id)
        stream = io.BytesIO(content)
        self.list = imports.hand_in(engagement, stream, name="list.xlsx", by=self.user)

    def read(self, content: bytes, person: Any) -> None:
        self.list = read_now(self.list)
        assert self.list.status == "ready", (self.list.status, self.list.problem)

    @transaction.atomic
    def look(self, content: bytes, person: Any) -> None:
        assert len(preview.rows_of(self.list)) == preview.tallies(self.list)["create"]

    def bring_in(self, content: bytes, person: Any) -> None:
        with transaction.atomic():
            self.made = import_rows(self.list, by=self.user)
