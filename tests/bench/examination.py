"""What the firm does most while it tests: fill a grid, draw a sample, compare what is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audits.actions import control_tests, results, test_plans
from audits.actions.test_plans import Covers
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest
from audits.queries.results import grid_of
from audits.rules.drawing import drawn
from audits.rules.testing import Attribute, Step
from tenants import acting
from tenants.models import User
from tests.bench import scale
from tests.bench.place import Caller, Place
from tests.bench.table import Line, duration
from tests.bench.timing import seconds

MOST_FOR_CELLS, MOST_FOR_A_DRAW = 2.0, 5.0
SEED = sha256(b"a seed").hexdigest()[:32]
ATTRIBUTES = 10


def lines(place: Place, cells: int, rows: int) -> Iterator[Line]:
    """So many cells sent by the API in one go; a draw of 60 from so many rows."""
    place.web()
    person, firm = scale.key(scale.PERSON, 1, scale.PARTNER), scale.key(scale.ORGANIZATION, 1, 0)
    with acting.acting(acting.Actor(person, firm)), transaction.atomic():
        test, sent = _gridded(User.objects.get(pk=person), cells // ATTRIBUTES)
    caller = Caller(place, place.token(person, firm))
    taken, queries = [], 0
    for result in ("pass", "deviation", "na"):
        body = json.dumps({"cells": [each | {"result": result} for each in sent]})
        answers: list[Any] = []
        taken.append(
            seconds(lambda body=body, into=answers: into.append(_send(caller, test, body)))
        )
        queries = int(answers[0].headers["X-Queries"])
    middle = sorted(taken)[1]
    yield Line(
        f"{len(sent):,} cells of a grid in one go", duration(middle),
        bar=f"≤ {MOST_FOR_CELLS:g} s", within=middle <= MOST_FOR_CELLS, counts=f"{queries} queries",
    )  # fmt: skip
    keys = [f"TICKET-{number:07d}".encode() for number in range(rows)]
    whole = seconds(lambda: drawn(iter(keys), SEED, "a" * 64, 60))
    yield Line(
        f"60 of {rows:,} rows drawn", duration(whole), bar=f"≤ {MOST_FOR_A_DRAW:g} s",
        within=whole <= MOST_FOR_A_DRAW,
    )  # fmt: skip


def _send(caller: Caller, test: UUID, body: str) -> Any:
    _, answer = caller.ask(
        "POST", f"/api/v1/control-tests/{test}/cells/", body.encode(),
        Content_Type="application/json",
    )  # fmt: skip
    return answer


def _gridded(by: User, items: int) -> tuple[UUID, list[dict[str, str]]]:
    """An approved test with so many items, and its cells."""
    engagement = scale.key(scale.ENGAGEMENT, 1, 3)
    controls = EngagementControl.objects.select_related("engagement")
    control = controls.filter(engagement=engagement).order_by("ref")[0]
    test: ControlTest = test_plans.plan(
        control, "toe", Covers(report_wording="Inspected the settings."), by=by
    )
    steps = (Step("inquiry", "Ask who set it."), Step("inspection", "Read the setting."))
    asked = [Attribute(f"Asks {number}") for number in range(ATTRIBUTES)]
    test = test_plans.write_steps(test, steps, asked, by=by)
    control_tests.approve(test, by=by)
    seen = timezone.localdate() - timedelta(days=30)
    for number in range(items):
        results.add_item(test, f"Setting {number}", on=seen, by=by)
    grid = grid_of(test)
    return test.pk, [
        {"item": str(line.item.pk), "attribute": str(each.pk), "note": "Agrees."}
        for line in grid.lines
        for each in grid.attributes
    ]
