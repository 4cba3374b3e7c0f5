"""Tests of controls: approved, performed, concluded with a reason, reopened.

Every write below a test (its steps, items, cells) goes through `held`: it locks the test, asks who
may, and raises the test's version, so two people never write past each other.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone

from audits.choices.testing import TestConclusion as C
from audits.choices.testing import TestKind
from audits.choices.testing import TestStatus as T
from audits.models import EngagementControl
from audits.models.control_tests import ControlPlan, ControlTest
from audits.queries.results import contradiction
from audits.queries.testing import design_fails
from audits.rules import testing as rules
from tenants import acting
from tenants.choices import EngagementStatus as S
from tenants.choices import Role
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.lifecycle import Lifecycle, Move, locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import NotAllowed, P, require

WHILE: Final = (S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING, S.ACTIVE)
"""Phases in which tests are planned and performed; a late procedure comes after (LK-04)."""
LONGEST: Final = 20_000
"""Characters of a text of a test."""


def is_theirs(by: User, row: ControlTest) -> bool:
    """Whether `by` works on the row's control at all: a specialist only on those assigned to them
    (section 19). Asked once while the same person acts (2 queries)."""
    known = acting.known()
    if "specialist_on" not in known:
        mine = Assignment.objects.filter(person=by, role=Role.SPECIALIST)
        known["specialist_on"] = set(mine.values_list("engagement", flat=True))
        plans = ControlPlan.objects.filter(assigned_to=by)
        known["assigned"] = (
            set(plans.values_list("control", flat=True)) if known["specialist_on"] else set()
        )
    return row.engagement_id not in known["specialist_on"] or row.control_id in known["assigned"]


def _in_phase(row: ControlTest) -> str:
    return phase_refusal(row.engagement)


def _ready(row: ControlTest) -> str:
    natures = list(row.procedures.values_list("nature", flat=True))
    return rules.unready(row.kind, natures, row.attributes.count(), row.report_wording)


def design_refusal(row: ControlTest) -> str:
    """Why a test is not performed because of the design; empty when it is (TP-03)."""
    if row.kind == TestKind.OPERATION and design_fails(row.control_id):
        return "TP-03: its design fails, so its operation is not tested. Skip this test."
    return ""


def _design_does_not_hold(row: ControlTest) -> str:
    if design_fails(row.control_id):
        return ""
    return "TP-03: a test of operation is skipped only where the test of design says that it fails."


def _more_than_inquiry(row: ControlTest) -> str:
    return rules.only_inquiry(row.kind, row.procedures.values_list("nature", flat=True))


def _others_work_told(row: ControlTest) -> str:
    return rules.incomplete_others_work(row.others_work)


def _of_operation(row: ControlTest) -> bool:
    return row.kind == TestKind.OPERATION


LIFECYCLE = Lifecycle(
    Move("approve", [T.PLANNED], T.APPROVED, P.PLAN_TEST, guards=[_in_phase, _ready]),
    Move("begin", [T.APPROVED], T.PERFORMING, P.PERFORM_TEST, who=is_theirs, label="Start the test",
         guards=[_in_phase, design_refusal]),
    Move("conclude", [T.PERFORMING], T.CONCLUDED, P.PERFORM_TEST, who=is_theirs,
         guards=[_in_phase, design_refusal, _more_than_inquiry, _others_work_told],
         asks=("conclusion", "conclusion_reason")),
    Move("skip", [T.PLANNED, T.APPROVED, T.PERFORMING], T.CONCLUDED, P.PERFORM_TEST, who=is_theirs,
         guards=[_in_phase, _design_does_not_hold], when=_of_operation),
    Move("reopen", [T.CONCLUDED], T.PERFORMING, P.PERFORM_TEST, who=is_theirs, note="required",
         guards=[_in_phase]),
)  # fmt: skip


def approve(test: ControlTest, *, by: User, version: int | None = None) -> ControlTest:
    """Let a planned test be performed. Raises PermissionDenied, MoveRefused (TP-05, TP-10)."""
    with LIFECYCLE.moving("approve", test, by=by, version=version):
        pass
    return test


def begin(test: ControlTest, *, by: User, version: int | None = None) -> ControlTest:
    """Start to perform it. Raises PermissionDenied, MoveRefused (TP-03)."""
    with LIFECYCLE.moving("begin", test, by=by, version=version):
        pass
    return test


def conclude(
    test: ControlTest, conclusion: str, conclusion_reason: str, *, by: User,
    version: int | None = None,
) -> ControlTest:  # fmt: skip
    """Say what the test came to, and why.

    Raises PermissionDenied, MoveRefused (TP-01, TP-03, TP-09), Invalid for a conclusion that does
    not fit the test or what it found, StaleVersion.
    """
    detail = {"conclusion": conclusion}
    with LIFECYCLE.moving("conclude", test, by=by, version=version, detail=detail) as row:
        if said := rules.unfit_conclusion(row.kind, conclusion):
            raise Invalid(said, code="conclusion_unfit", field="conclusion")
        if not conclusion_reason.strip():
            raise Invalid(
                "Say what the conclusion rests on.", code="reason_required",
                field="conclusion_reason",
            )  # fmt: skip
        if said := contradiction(row, conclusion):
            raise Invalid(said, code="conclusion_contradicted", field="conclusion")
        _conclude(row, conclusion, conclusion_reason, by)
    return test


def skip(test: ControlTest, *, by: User, version: int | None = None) -> ControlTest:
    """Close a test of operation of a control whose design fails (TP-03).

    Raises PermissionDenied, MoveRefused where the design does not fail.
    """
    with LIFECYCLE.moving("skip", test, by=by, version=version) as row:
        _conclude(row, C.SKIPPED, "TP-03: the test of design says that the design fails.", by)
    return test


def reopen(
    test: ControlTest, *, note: str, by: User, version: int | None = None
) -> ControlTest:  # fmt: skip
    """Go on testing; signatures on the test go stale. Raises PermissionDenied, Invalid."""
    with LIFECYCLE.moving("reopen", test, by=by, version=version, note=note) as row:
        row.conclusion, row.conclusion_reason = "", ""
        row.concluded_by, row.concluded_at = None, None
    return test


def _conclude(row: ControlTest, conclusion: str, reason: str, by: User) -> None:
    row.conclusion, row.conclusion_reason = conclusion, reason.strip()[:LONGEST]
    row.concluded_by, row.concluded_at = by, timezone.now()


def held(
    test: ControlTest, *, by: User, version: int | None = None, asks: P = P.PERFORM_TEST
) -> ControlTest:
    """The test, locked for a write below it, its version raised; in the caller's transaction.

    The caller writes the trail entry. Raises PermissionDenied (also for a specialist to whom the
    control is not assigned), StaleVersion when `version` is not the test's, Refused for a test
    that is concluded or an engagement whose phase does not test.
    """
    require(by, asks, test.engagement)
    refuse_anothers(test, by)
    row: ControlTest = locked(test)
    refuse_phase(row.engagement)
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    if row.status == T.CONCLUDED:
        raise Refused(
            "This test is concluded. Reopen it before you change what it found.",
            code="test_concluded",
        )
    row.version += 1
    row.save(update_fields=["version"])
    test.version = row.version
    return row


def phase_refusal(engagement: Engagement) -> str:
    """Why the firm does not test in the engagement's phase; empty when it does."""
    if engagement.status in WHILE:
        return ""
    return (
        "Tests belong between planning and the report. The engagement stands in "
        f"“{engagement.get_status_display().lower()}”."
    )


def refuse_phase(engagement: Engagement) -> None:
    """Raises Refused outside the phases in which the firm tests."""
    if said := phase_refusal(engagement):
        raise Refused(said, code="phase_does_not_test")


def refuse_anothers(row: Any, by: User) -> None:
    """Raises PermissionDenied for a specialist to whom the row's control is not assigned.

    row: whatever has an `engagement` and a `control_id`; a control goes as `of_control(control)`.
    """
    if not is_theirs(by, row):
        raise NotAllowed(
            "A specialist works on the controls assigned to them; this is not one of them.",
            anchor=row.engagement, asked=str(P.PERFORM_TEST), subject=row,
        )  # fmt: skip


def of_control(control: EngagementControl) -> ControlTest:
    """A test of the control that is kept nowhere, to ask about the control what one asks of it."""
    return ControlTest(engagement=control.engagement, control=control)
