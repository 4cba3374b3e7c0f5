"""What a signature on a test covers, and on the plan of the tests of operation (SO-05)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from audits.choices.populations import PopulationStatus
from audits.choices.testing import Risk, TestKind
from audits.models.control_tests import ControlPlan, ControlTest
from audits.models.populations import Population
from audits.models.samples import SampleItem
from audits.papers import Content
from audits.queries.testing import plan_of
from audits.queries.walkthroughs import of_controls
from tenants.canonical import digest
from tenants.models import Engagement

_CELLS = """SELECT c.test_id, encode(sha256(convert_to(string_agg(concat_ws('|', i.position,
  a.letter, c.result, c.mark, c.note), chr(10) ORDER BY i.position, a.letter), 'UTF8')), 'hex')
FROM audits_testcell c JOIN audits_sampleitem i ON i.id = c.item_id
JOIN audits_testattribute a ON a.id = c.attribute_id
WHERE c.engagement_id = %s AND c.test_id = ANY(%s) GROUP BY c.test_id"""
"""All cells of a test as one hash, made where they are."""


def plan_reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """The plan of an engagement's tests of operation, by the engagement's id (3 queries)."""
    if ids is not None and engagement.pk not in ids:
        return {}
    content = plan_of(engagement)
    return {engagement.pk: content} if content else {}


def test_reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """Each test with all it rests on, whatever their number (8 queries).

    Items by their hash, populations by theirs, cells as one hash: no text of a row is in it.
    """
    tests = ControlTest.objects.filter(engagement=engagement)
    if ids is not None:
        tests = tests.filter(pk__in=ids)
    held = list(
        tests.select_related("control", "concluded_by")
        .prefetch_related("procedures", "attributes").order_by("control__ref", "kind", "number")
    )  # fmt: skip
    if not held:
        return {}
    keys = [test.pk for test in held]
    plans = {each.control_id: each for each in ControlPlan.objects.filter(engagement=engagement)}
    walks = of_controls(engagement)
    populations, items = _populations(keys), _items(keys)
    cells = _cells(engagement, keys)
    return {
        test.pk: {
            **_told(test),
            "risk": plans[test.control_id].risk if test.control_id in plans else Risk.STANDARD,
            "populations": populations.get(test.pk, []), "items": items.get(test.pk, ""),
            "cells": cells.get(test.pk, ""),
            "walkthroughs": walks.get(test.control_id, []) if test.kind == TestKind.DESIGN else [],
        }
        for test in held
    }  # fmt: skip


def _told(test: ControlTest) -> dict[str, Any]:
    control = test.control
    return {
        "ref": control.ref, "kind": test.kind, "number": test.number, "status": test.status,
        "control": {"title": control.title, "narrative": control.narrative,
                    "narrative_number": control.narrative_number},
        "covers_from": test.covers_from, "covers_to": test.covers_to,
        "planned_size": test.planned_size, "report_wording": test.report_wording,
        "notes": test.notes, "others_work": test.others_work,
        "steps": [f"{each.nature}: {each.instruction}" for each in test.procedures.all()],
        "attributes": {each.letter: each.text for each in test.attributes.all()},
        "conclusion": test.conclusion, "conclusion_reason": test.conclusion_reason,
        "concluded_by": test.concluded_by.name if test.concluded_by else "",
    }  # fmt: skip


def _populations(keys: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """Test → its accepted populations with hash and seed, by number (1 query)."""
    rows = Population.objects.filter(test__in=keys, status=PopulationStatus.ACCEPTED)
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for test, number, part, sha256, count, seed in rows.order_by("number").values_list(
        "test", "number", "part", "sha256", "row_count", "samples__seed"
    ):
        found[test].append(
            {"number": number, "part": part, "sha256": sha256, "rows": count, "seed": seed or ""}
        )
    return found


def _items(keys: list[UUID]) -> dict[UUID, str]:
    """Test → its items as one hash, replaced ones too (1 query)."""
    rows = SampleItem.objects.filter(test__in=keys).annotate(instead_of=F("replaces__position"))
    found: dict[UUID, list[list[Any]]] = defaultdict(list)
    for test, *item in rows.order_by("position").values_list(
        "test", "position", "origin", "row_sha256", "instead_of"
    ):
        found[test].append(item)
    return {test: digest(items) for test, items in found.items()}


def _cells(engagement: Engagement, keys: list[UUID]) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, [engagement.pk, keys])
        return dict(cursor.fetchall())


def test_name(content: Content) -> str:
    """How lists call a test."""
    kind = TestKind(content["kind"]).label.lower()
    return f"{content['ref']} {kind} {content['number']}"


def of_higher_risk(content: Content) -> bool:
    """Whether the partner must see it (SO-06)."""
    return bool(content["risk"] == Risk.HIGH)
