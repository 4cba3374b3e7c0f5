"""How far the description of a system answers its criteria (RT-18)."""

from __future__ import annotations

from dataclasses import dataclass

from audits.models.catalog import DescriptionCriterion
from audits.models.description import DescriptionPoint
from audits.queries.statements import currents
from audits.rules.description import STATED, applies
from audits.rules.system_entries import KINDS
from tenants.findings import WARN, Finding
from tenants.models import Engagement


@dataclass(frozen=True, slots=True)
class Stated:
    """A kind that speaks to a criterion: how many entries, 0 for “none”, None for not stated."""

    kind: str
    label: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A description criterion, where it is answered (None: not said), and what is stated for it."""

    criterion: DescriptionCriterion
    point: DescriptionPoint | None
    stated: tuple[Stated, ...]


def checklist(engagement: Engagement) -> list[Answer]:
    """Every criterion that the description answers, in order; none for a SOC 3 (4 queries)."""
    held = {row.criterion_id: row for row in _points(engagement)}
    told = currents(engagement)

    def stated(kind: str) -> Stated:
        count = len(told[kind].entries.all()) if kind in told else None
        return Stated(kind, KINDS[kind].plural, count)

    return [
        Answer(one, held.get(one.identifier), tuple(map(stated, STATED.get(one.identifier, ()))))
        for one in _criteria(engagement)
    ]


def unanswered(engagement: Engagement) -> list[Finding]:
    """Criteria of which nobody has said where the description answers them (RT-18; 2 queries)."""
    held = {row.criterion_id for row in _points(engagement)}
    open_ = [one.identifier for one in _criteria(engagement) if one.identifier not in held]
    if not open_:
        return []
    return [
        Finding(
            "RT-18", WARN, f"The description is not placed for: {', '.join(open_)}.",
            "The client says where it answers each, or why it need not.",
            ("audits:description", (engagement.pk,)), subject="points",
            facts={"criteria": open_},
        )
    ]  # fmt: skip


def _criteria(engagement: Engagement) -> list[DescriptionCriterion]:
    rows = DescriptionCriterion.objects.filter(report_type=engagement.report_type)
    return [row for row in rows if applies(row.applies_to, engagement.exam_type)]


def _points(engagement: Engagement) -> list[DescriptionPoint]:
    return list(DescriptionPoint.objects.filter(engagement=engagement).select_related("said_by"))
