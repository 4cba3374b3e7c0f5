"""Planning a test: what it covers, its steps and attributes, and how the report will tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from audits.actions.control_tests import (
    LONGEST,
    held,
    of_control,
    refuse_anothers,
    refuse_phase,
)
from audits.choices.testing import ProcedureNature, TestKind, TestStatus
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest, TestAttribute, TestProcedure
from audits.models.populations import Population
from audits.models.results import TestCell
from audits.models.samples import SampleItem
from audits.models.sign_offs import SignOff
from audits.queries.testing import design_fails
from audits.rules import testing as rules
from audits.rules.testing import Attribute, Step
from tenants import trail
from tenants.choices import ExamType
from tenants.errors import Invalid, Refused
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

TEXTS: Final = {"report_wording": LONGEST, "notes": LONGEST}
LARGEST: Final = 100_000
"""Items of one test."""


@dataclass(frozen=True, slots=True)
class Covers:
    """What a test says of itself. covers_from, covers_to: of a test of operation, by default the
    whole period; others_work: by the names of `rules.testing.OTHERS`, or nothing (TP-09)."""

    covers_from: date | None = None
    covers_to: date | None = None
    planned_size: int | None = None
    report_wording: str = ""
    notes: str = ""
    others_work: dict[str, str] = field(default_factory=dict)


def plan(control: EngagementControl, kind: str, told: Covers, *, by: User) -> ControlTest:
    """Plan one more test of a control.

    Raises PermissionDenied, Invalid naming the field, Refused (RT-07: none of operation in a
    Type 1; TP-03: none where the design fails; TP-08: only days of this period).
    """
    engagement = control.engagement
    require(by, P.PERFORM_TEST, engagement)
    refuse_anothers(of_control(control), by)
    refuse_phase(engagement)
    if kind not in TestKind.values:
        raise Invalid("A test is of design or of operation.", code="kind_unknown", field="kind")
    _refuse_operation(control, kind)
    values = _checked(engagement, kind, told)
    with transaction.atomic():
        locked(control)
        tests = ControlTest.objects.filter(control=control, kind=kind)
        number = (tests.aggregate(last=Max("number"))["last"] or 0) + 1
        row: ControlTest = ControlTest.objects.create(
            engagement=engagement, control=control, kind=kind, number=number, planned_by=by,
            **values,
        )  # fmt: skip
        trail.record("planned", row, by=by, engagement_id=engagement.pk)
    return row


def change(test: ControlTest, told: Covers, *, by: User, version: int | None = None) -> ControlTest:
    """Say otherwise what a test covers and how it is told.

    Whoever performs tests may, while it is planned; afterwards days and size are for those who
    plan tests. Raises PermissionDenied, Invalid, Refused, StaleVersion.
    """
    values = _checked(test.engagement, test.kind, told)
    with transaction.atomic():
        row = held(test, by=by, version=version)
        planned = ("covers_from", "covers_to", "planned_size")
        if any(getattr(row, name) != values[name] for name in planned):
            _ask_to_replan(row, by)
        for name, value in values.items():
            setattr(row, name, value)
            setattr(test, name, value)
        row.save(update_fields=list(values))
        trail.record("told", row, by=by, engagement_id=row.engagement_id)
    return test


def write_steps(
    test: ControlTest, steps: Sequence[Step], attributes: Sequence[Attribute], *, by: User,
    version: int | None = None,
) -> ControlTest:  # fmt: skip
    """Write the steps and attributes of a test in place of those that stood there.

    An attribute that keeps its letter keeps what was found under it; one whose letter is gone
    must have found nothing. Raises PermissionDenied (once approved it is for those who plan
    tests), Invalid naming the place, Refused, StaleVersion.
    """
    _check_steps(steps)
    try:
        asked = rules.lettered(attributes)
    except ValueError as wrong:
        raise Invalid(str(wrong), code="attribute_unfit", field="attributes") from wrong
    with transaction.atomic():
        row = held(test, by=by, version=version)
        _ask_to_replan(row, by)
        _replace_steps(row, steps)
        _replace_attributes(row, asked)
        detail = {"steps": len(steps), "attributes": len(asked)}
        trail.record("steps_written", row, by=by, engagement_id=row.engagement_id, detail=detail)
    return test


def copy_steps(
    test: ControlTest, source: ControlTest, *, by: User, version: int | None = None
) -> ControlTest:
    """Take steps, attributes and report wording of another test of the same client as a template.

    Results never come along (TP-08). Raises PermissionDenied, Refused for another client's test
    or one of the other kind, StaleVersion.
    """
    require(by, P.VIEW_FIRM_FILE, source.engagement)
    if source.engagement.client_id != test.engagement.client_id or source.kind != test.kind:
        raise Refused(
            "Steps are copied from a test of the same kind, of the same client.",
            code="not_a_template",
        )
    steps = [Step(each.nature, each.instruction) for each in source.procedures.all()]
    asked = [Attribute(each.text, each.letter) for each in source.attributes.all()]
    with transaction.atomic():
        write_steps(test, steps, asked, by=by, version=version)
        if not test.report_wording and source.report_wording:
            test.report_wording = source.report_wording
            test.save(update_fields=["report_wording"])
    return test


def drop(test: ControlTest, *, by: User, version: int | None = None) -> None:
    """Take a test back out of the plan, before anything was done or signed.

    Raises PermissionDenied, Refused, StaleVersion.
    """
    with transaction.atomic():
        row = held(test, by=by, version=version, asks=P.PLAN_TEST)
        if row.status not in (TestStatus.PLANNED, TestStatus.APPROVED):
            raise Refused(
                "It is being performed. Conclude it; the file keeps what was found.",
                code="test_performed",
            )
        if SignOff.objects.filter(engagement=row.engagement_id, paper_id=row.pk).exists():
            raise Refused("SO-05: a test that was signed stays in the file.", code="signed")
        if (
            Population.objects.filter(test=row).exists()
            or SampleItem.objects.filter(test=row).exists()
        ):
            raise Refused(
                "It has a population or items already. They stay in the file, and the test with "
                "them.", code="test_has_items",
            )  # fmt: skip
        trail.record("dropped", row, by=by, engagement_id=row.engagement_id)
        ControlTest.objects.filter(pk=row.pk).delete()


def _refuse_operation(control: EngagementControl, kind: str) -> None:
    if kind != TestKind.OPERATION:
        return
    if control.engagement.exam_type == ExamType.TYPE_1:
        raise Refused(
            "RT-07: a Type 1 says how controls are designed on one date. It has no test of "
            "operation.", code="type_1_tests_design",
        )  # fmt: skip
    if design_fails(control.pk):
        raise Refused(
            "TP-03: the design of this control fails, so its operation is not tested.",
            code="design_fails",
        )


def _checked(engagement: Engagement, kind: str, told: Covers) -> dict[str, Any]:
    """The columns. Raises Invalid naming the field."""
    fields = asdict(told)
    for name, limit in TEXTS.items():
        fields[name] = fields[name].strip()
        if len(fields[name]) > limit or "\0" in fields[name]:
            raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=name)
    fields["others_work"] = {
        name: text for name in rules.OTHERS if (text := str(told.others_work.get(name, "")).strip())
    }
    if said := rules.incomplete_others_work(fields["others_work"]):
        raise Invalid(said, code="others_work_incomplete", field="others_work")
    if told.planned_size is not None and not 0 < told.planned_size <= LARGEST:
        said = f"Plan between 1 and {LARGEST:,} items."
        raise Invalid(said, code="size_unfit", field="planned_size")
    return {**fields, **_days(engagement, kind, told)}


def _days(engagement: Engagement, kind: str, told: Covers) -> dict[str, date | None]:
    """The days a test covers; none of a test of design. Raises Invalid (TP-08)."""
    if kind == TestKind.DESIGN:
        return {"covers_from": None, "covers_to": None}
    start, end = engagement.period_start, engagement.period_end
    first, last = told.covers_from or start, told.covers_to or end
    if not (start and end and first and last) or first > last:
        said = "The last day lies before the first."
        raise Invalid(said, code="days_unfit", field="covers_to")
    for name, day in (("covers_from", first), ("covers_to", last)):
        if not start <= day <= end:
            raise Invalid(
                f"TP-08: {day.isoformat()} is not in this period, {start} to {end}. Results of "
                "another period do not count.", code="outside_the_period", field=name,
            )  # fmt: skip
    return {"covers_from": first, "covers_to": last}


def _check_steps(steps: Sequence[Step]) -> None:
    if len(steps) > rules.MOST_STEPS:
        said = f"At most {rules.MOST_STEPS} steps fit one test."
        raise Invalid(said, code="too_many", field="steps")
    for place, step in enumerate(steps, 1):
        if step.nature not in ProcedureNature.values:
            named = ", ".join(ProcedureNature.values)
            said = f"Step {place}: say what you do: {named}."
            raise Invalid(said, code="nature_unknown", field="steps")
        if not step.instruction.strip():
            said = f"Step {place} says nothing."
            raise Invalid(said, code="step_empty", field="steps")


def _ask_to_replan(row: ControlTest, by: User) -> None:
    """What is approved is changed by those who plan tests. Raises PermissionDenied."""
    if row.status != TestStatus.PLANNED:
        require(by, P.PLAN_TEST, row.engagement)


def _replace_steps(row: ControlTest, steps: Sequence[Step]) -> None:
    row.procedures.all().delete()
    TestProcedure.objects.bulk_create(
        TestProcedure(
            engagement_id=row.engagement_id, test=row, position=place, nature=step.nature,
            instruction=step.instruction.strip(),
        )
        for place, step in enumerate(steps, 1)
    )  # fmt: skip


def _replace_attributes(row: ControlTest, asked: Sequence[Attribute]) -> None:
    """Keep the rows of letters that stay. Positions go over 1000 first: no two are ever alike."""
    kept = {each.letter: each for each in row.attributes.all()}
    gone = sorted(set(kept) - {each.letter for each in asked})
    if held_by := TestCell.objects.filter(test=row, attribute__letter__in=gone).first():
        raise Refused(
            f"Attribute {held_by.attribute.letter} has results. Clear them before you take it out.",
            code="attribute_in_use",
        )
    TestAttribute.objects.filter(test=row, letter__in=gone).delete()
    for shift in (1000, 0):
        for place, each in enumerate(asked, 1):
            if each.letter in kept:
                old = kept[each.letter]
                old.position, old.text = place + shift, each.text
                old.save(update_fields=["position", "text"])
    TestAttribute.objects.bulk_create(
        TestAttribute(
            engagement_id=row.engagement_id, test=row, letter=each.letter, text=each.text,
            position=place,
        )
        for place, each in enumerate(asked, 1)
        if each.letter not in kept
    )  # fmt: skip
