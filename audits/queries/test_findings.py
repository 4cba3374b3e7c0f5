"""What tests leave open when walkthroughs and fieldwork end (TP-01 to TP-10, IPE)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from audits.choices.populations import ItemOrigin
from audits.choices.testing import ProcedureNature, TestKind
from audits.choices.testing import TestConclusion as C
from audits.models import EngagementControl
from audits.models.control_tests import IpeCheck, TestProcedure
from audits.models.samples import SampleItem
from audits.papers import PREPARED
from audits.queries.papers import PaperStanding, standings
from audits.queries.test_results import ControlResult, TestResult, pending_in, results_of
from audits.rules.sign_offs import WORDS
from audits.rules.testing import uncovered
from tenants.choices import ExamType
from tenants.findings import BLOCK, OVERRIDE, Finding
from tenants.models import Engagement

PAPER = "control_test"


def open_at_walkthrough(engagement: Engagement) -> list[Finding]:
    """Designs that nobody has concluded, prepared and reviewed; key controls whose operation
    nobody has planned to test (11 queries, whatever their number)."""
    found = results_of(engagement)
    papers = standings(engagement, PAPER)
    told: list[Finding] = []
    for result in found.values():
        told += _design(engagement, result, papers)
        if engagement.exam_type == ExamType.TYPE_2 and _to_operate(result) and not result.operation:
            told.append(_of_control(
                engagement, result, "TP-04", "is a key control, and no test of its operation is "
                "planned.", "Plan one, or say that it is not key.",
            ))  # fmt: skip
    return told


def open_at_fieldwork(engagement: Engagement) -> list[Finding]:
    """Tests unfinished or unsigned, days that no test covers, configurations seen once without
    general controls, reports nobody has checked (19 queries, whatever their number)."""
    found = results_of(engagement)
    papers, pending = standings(engagement, PAPER), pending_in(engagement)
    told: list[Finding] = []
    for result in found.values():
        told += _unfinished(engagement, result, papers, pending)
    if engagement.exam_type == ExamType.TYPE_2:
        told += _not_covered(engagement, found)
        told += _seen_once(engagement, found)
    return [*told, *_unchecked(engagement, found)]


def _to_operate(result: ControlResult) -> bool:
    return result.key and not result.design_fails


def _design(
    engagement: Engagement, result: ControlResult, papers: dict[UUID, PaperStanding]
) -> Iterator[Finding]:
    if not result.designs:
        yield _of_control(
            engagement, result, "TP-02", "has no test of its design.",
            "Plan one, and walk one item end to end.",
        )  # fmt: skip
    for test in result.designs:
        if not test.is_concluded:
            yield _of_test(
                engagement, result, test, "TP-02", "is not concluded.", "Conclude it, or drop it."
            )
        elif papers[test.id].missing and papers[test.id].missing[0] != "partner_reviewed":
            yield _unsigned(engagement, result, test, papers[test.id])


def _unfinished(
    engagement: Engagement, result: ControlResult, papers: dict[UUID, PaperStanding],
    pending: dict[UUID, int],
) -> Iterator[Finding]:  # fmt: skip
    for test in (*result.designs, *result.operation):
        skips = result.design_fails and test.kind == TestKind.OPERATION
        if not test.is_concluded and skips:
            yield _of_test(
                engagement, result, test, "TP-03", "stays open though the design fails.",
                "Skip it.",
            )  # fmt: skip
        elif not test.is_concluded:
            yield _of_test(
                engagement, result, test, "TP-04", "is not concluded.", "Conclude it, or drop it."
            )
        elif pending.get(test.id) and test.conclusion != C.SKIPPED:
            count = pending[test.id]
            yield _of_test(
                engagement, result, test, "TP-05", f"is concluded with {count} cells pending.",
                "Reopen it and fill in its grid.",
            )  # fmt: skip
        elif PREPARED in papers[test.id].missing:
            yield _unsigned(engagement, result, test, papers[test.id])


def _not_covered(engagement: Engagement, found: dict[UUID, ControlResult]) -> Iterator[Finding]:
    """Key controls with days of the period of which no test speaks, and roll-forwards that ask
    nobody what has changed (TP-07; 1 query)."""
    period = (engagement.period_start or date.min, engagement.period_end or date.max)
    asks = set(
        TestProcedure.objects.filter(engagement=engagement, nature=ProcedureNature.INQUIRY)
        .values_list("test", flat=True)
    )  # fmt: skip
    for result in found.values():
        if not _to_operate(result):
            continue
        if not result.operation:
            yield _of_control(
                engagement, result, "TP-04", "is a key control, and its operation is not tested.",
                "Plan a test of its operation, or say that it is not key.",
            )  # fmt: skip
            continue
        yield from _days(engagement, result, period, asks)


def _days(
    engagement: Engagement, result: ControlResult, period: tuple[date, date], asks: set[UUID]
) -> Iterator[Finding]:
    covers = [
        (each.covers_from, each.covers_to)
        for each in result.operation
        if each.covers_from and each.covers_to
    ]
    for first, last in uncovered(period, covers):
        days = f"{first.isoformat()} to {last.isoformat()}"
        if last == period[1]:
            yield _of_control(
                engagement, result, "TP-07", f"is not tested for {days}.",
                "Roll forward: ask what has changed, and test at least one item of that time.",
            )  # fmt: skip
        else:
            yield _of_control(
                engagement, result, "TP-04", f"is not tested for {days}.",
                "Test that time too; where the control began later, the partner says so.",
                level=OVERRIDE, facts={"days": days},
            )  # fmt: skip
    later = [each for each in result.operation if each.covers_from != period[0]]
    for test in later if len(result.operation) > 1 else ():
        if test.id not in asks and test.conclusion != C.SKIPPED:
            yield _of_test(
                engagement, result, test, "TP-07", "rolls an earlier test forward and asks nobody "
                "what has changed.", "Reopen it and add an inquiry.",
            )  # fmt: skip


def _seen_once(engagement: Engagement, found: dict[UUID, ControlResult]) -> Iterator[Finding]:
    """Configurations seen on one day only, of controls whose general controls are not shown to
    hold over the period (TP-06; 1 query)."""
    days: dict[tuple[UUID, str], set[str]] = defaultdict(set)
    rows = SampleItem.objects.filter(engagement=engagement, origin=ItemOrigin.CONFIGURATION)
    for test, name, row in rows.values_list("test", "item_key", "row"):
        days[test, name].add(str(row.get("on", "")))
    once = {test for (test, _), seen in days.items() if len(seen) < 2}
    for result in found.values():
        rests_on = [found[each] for each in result.dependents_of if each in found]
        if rests_on and all(each.operates for each in rests_on):
            continue
        for test in result.operation:
            if test.id in once and test.conclusion not in ("", C.SKIPPED):
                yield _of_test(
                    engagement, result, test, "TP-06", "saw a configuration on one day only, and "
                    "no general control it rests on is shown to hold.",
                    "See it on another day, or name the controls it rests on and conclude those.",
                )  # fmt: skip


def _unchecked(engagement: Engagement, found: dict[UUID, ControlResult]) -> Iterator[Finding]:
    """Reports on which a key control rests and that nobody has checked (2 queries)."""
    checked = set(IpeCheck.objects.filter(engagement=engagement).values_list("control", "report"))
    controls = EngagementControl.objects.filter(engagement=engagement).exclude(ipe=[])
    for control in controls.order_by("ref"):
        result = found[control.pk]
        if not _to_operate(result):
            continue
        for report in control.ipe:
            if (control.pk, report) not in checked:
                yield _of_control(
                    engagement, result, "IPE", f"rests on “{report}”, which nobody has checked.",
                    "Check that it is complete and accurate.", subject=f"{control.ref} {report}",
                )  # fmt: skip


def _of_control(
    engagement: Engagement, result: ControlResult, rule: str, said: str, cure: str, *,
    level: Any = BLOCK, subject: str = "", facts: dict[str, Any] | None = None,
) -> Finding:  # fmt: skip
    route = ("audits:tested_control", (engagement.pk, result.control_id))
    return Finding(
        rule, level, f"{result.ref} {said}", cure, route, (subject or result.ref)[:80], facts or {}
    )


def _of_test(
    engagement: Engagement, result: ControlResult, test: TestResult, rule: str, said: str, cure: str
) -> Finding:
    kind = TestKind(test.kind).label
    route = ("audits:test", (engagement.pk, test.id))
    text = f"{kind} {test.number} of {result.ref} {said}"
    return Finding(rule, BLOCK, text, cure, route, str(test.id))


def _unsigned(
    engagement: Engagement, result: ControlResult, test: TestResult, paper: PaperStanding
) -> Finding:
    level = paper.missing[0]
    stale = paper.latest(level) is not None
    said = f"has changed since it was {WORDS[level]}." if stale else f"is not {WORDS[level]} yet."
    kind = TestKind(test.kind).label
    return Finding(
        "SO-05" if stale else "SO-04", BLOCK, f"{kind} {test.number} of {result.ref} {said}",
        "Have it signed.", ("audits:paper", (engagement.pk, PAPER, test.id)), subject=str(test.id),
    )  # fmt: skip
