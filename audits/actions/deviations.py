"""Writing down what deviated, explaining it, and taking back what is none (DV-01 to DV-04)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from audits.actions.control_tests import (
    is_theirs,
    of_control,
    phase_refusal,
    refuse_anothers,
    refuse_phase,
)
from audits.choices.deviations import FIRM_ALONE, DeviationNature
from audits.choices.deviations import DeviationStatus as S
from audits.choices.testing import CellResult
from audits.models import ControlMapping, EngagementControl
from audits.models.deviations import Deviation
from audits.models.results import TestCell
from audits.models.samples import Sample
from audits.queries.deviations import next_number, untold
from audits.queries.results import counted
from audits.queries.testing import Cell
from audits.queries.told_deviations import unanswered
from audits.rules import deviations as rules
from audits.rules.deviations import LONGEST, SHORT, Account
from tenants import notices, outbox, trail
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.lifecycle import Lifecycle, Move, changing, locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import P, require

LIMITS: Final = {
    "happened": LONGEST, "cause": LONGEST, "effect": LONGEST, "fixed": LONGEST,
    "compensating_why": LONGEST, "found_by": SHORT,
}  # fmt: skip
SERIOUS: Final = "turned_serious"
"""The verb that brings partners a notice at once."""


def _in_phase(row: Deviation) -> str:
    return phase_refusal(row.engagement)


def _explained(row: Deviation) -> str:
    return rules.unexplained(row.cause, row.nature, row.effect)


def _answered(row: Deviation) -> str:
    return unanswered(row.pk)


def _theirs(by: Any, row: Deviation) -> bool:
    return is_theirs(by, of_control(row.control))


LIFECYCLE = Lifecycle(
    Move("explain", [S.FOUND], S.EXPLAINED, P.PERFORM_TEST, who=_theirs,
         label="It is explained", guards=[_in_phase, _explained]),
    Move("reconsider", [S.EXPLAINED], S.FOUND, P.PERFORM_TEST, who=_theirs, note="required",
         guards=[_in_phase]),
    Move("communicate", [S.EXPLAINED], S.COMMUNICATED, P.COMMUNICATE_DEVIATION,
         label="Tell the client", guards=[_in_phase], asks=("text",)),
    Move("close", [S.COMMUNICATED], S.CLOSED, P.COMMUNICATE_DEVIATION,
         guards=[_in_phase, _answered]),
)  # fmt: skip


def take_found(engagement: Engagement, *, by: User) -> list[Deviation]:
    """Write down every cell that deviates and that nobody wrote down yet (DV-01).

    Raises PermissionDenied, Refused where the firm does not test in this phase.
    """
    require(by, P.PERFORM_TEST, engagement)
    with transaction.atomic():
        row = locked(engagement)
        refuse_phase(row)
        first = next_number(row)
        made = [
            Deviation(
                engagement=row, control_id=cell.control_id, number=first + place,
                test_id=cell.test_id, item_id=cell.item_id, attribute_id=cell.attribute_id,
                happened=_of_the_cell(cell), recorded_by=by,
            )
            for place, cell in enumerate(untold(row))
        ]  # fmt: skip
        Deviation.objects.bulk_create(made)
        trail.record_many("found", made, by=by, engagement_id=row.pk)
    return made


def record(control: EngagementControl, account: Account, *, by: User) -> Deviation:
    """Write down what deviates and stands in no grid, such as what was seen on a walk.

    Raises PermissionDenied, Invalid naming the field, Refused.
    """
    engagement = control.engagement
    require(by, P.PERFORM_TEST, engagement)
    refuse_anothers(of_control(control), by)
    with transaction.atomic():
        row = locked(engagement)
        refuse_phase(row)
        fields = _checked(control, account)
        made: Deviation = Deviation.objects.create(
            engagement=row, control=control, number=next_number(row), recorded_by=by, **fields
        )
        trail.record("found", made, by=by, engagement_id=row.pk)
        _tell_if_serious(made, by)
    return made


def change(
    deviation: Deviation, account: Account, *, by: User, version: int | None = None
) -> Deviation:
    """Say more of it, or otherwise; signatures on it go stale.

    Raises PermissionDenied, Invalid (DV-01, DV-04), Refused once it is closed, StaleVersion.
    """
    engagement = deviation.engagement
    require(by, P.PERFORM_TEST, engagement)
    refuse_anothers(of_control(deviation.control), by)
    with changing("described", deviation, by=by, version=version) as row:
        refuse_phase(row.engagement)
        if row.status == S.CLOSED:
            raise Refused("This deviation is closed.", code="deviation_closed")
        was_serious = is_serious(row)
        for name, value in _checked(deviation.control, account).items():
            setattr(row, name, value)
        if row.status != S.FOUND and (said := _explained(row)):
            raise Invalid(said, code="required", field="cause")
        if not was_serious:
            _tell_if_serious(row, by)
    return deviation


def move(
    deviation: Deviation, name: str, *, by: User, note: str = "", version: int | None = None
) -> Deviation:
    """Any of the moves, by its name. Raises PermissionDenied, MoveRefused, Invalid."""
    with LIFECYCLE.moving(name, deviation, by=by, note=note, version=version):
        pass
    return deviation


def drop(deviation: Deviation, *, by: User, note: str = "", version: int | None = None) -> None:
    """Take back what is none after all; its cell must say so first.

    Raises PermissionDenied, Invalid without a reason, Refused while the cell deviates, once the
    client was told, and for evidence made after the fact (DV-02).
    """
    require(by, P.PERFORM_TEST, deviation.engagement)
    refuse_anothers(of_control(deviation.control), by)
    if not note.strip():
        raise Invalid("Say why it is none.", code="note_required", field="note")
    with changing("dropped", deviation, by=by, version=version, note=note.strip()) as row:
        refuse_phase(row.engagement)
        if row.status not in FIRM_ALONE:
            raise Refused("The client was told of it, so it stays in the file.", code="told")
        if row.after_the_fact:
            raise Refused(
                "DV-02: evidence made after the fact is a deviation; it stays in the file.",
                code="after_the_fact",
            )  # fmt: skip
        if _cell_deviates(row):
            raise Refused(
                "DV-01: its cell still deviates. Correct the grid first.", code="still_deviates"
            )
    Deviation.objects.filter(pk=deviation.pk).delete()


def no_expansion(sample: Sample) -> str:
    """Why a sample does not grow because of what deviated in it; empty when it may (DV-03)."""
    items = counted(sample.population.test_id)
    deviating = set(
        TestCell.objects.filter(item__in=items, result=CellResult.DEVIATION)
        .values_list("item", flat=True)
    )  # fmt: skip
    rows = Deviation.objects.filter(item__in=deviating).values_list("item", "nature")
    worst: dict[UUID, str] = dict.fromkeys(deviating, "")
    for item, nature in rows:
        worst[item] = nature if worst[item] != DeviationNature.SYSTEMATIC else worst[item]
    expanded = sample.draws.filter(kind="expansion").exists()
    return rules.no_expansion(items.count(), list(worst.values()), expanded=expanded)


def is_serious(row: Deviation) -> bool:
    """Whether partners must know at once: intent, or evidence made after the fact."""
    return row.intentional or row.after_the_fact


def _tell_if_serious(row: Deviation, by: User) -> None:
    if is_serious(row):
        trail.record(SERIOUS, row, by=by, engagement_id=row.engagement_id)
        outbox.enqueue_followers(row, SERIOUS, row.engagement_id)


def _cell_deviates(row: Deviation) -> bool:
    cells = TestCell.objects.filter(item=row.item_id, attribute=row.attribute_id)
    return row.item_id is not None and cells.filter(result=CellResult.DEVIATION).exists()


def _of_the_cell(cell: Cell) -> str:
    said = f"Item {cell.position} does not meet {cell.letter}: {cell.text}"
    return f"{said} {cell.note}".strip()[:LONGEST]


def _checked(control: EngagementControl, account: Account) -> dict[str, Any]:
    """The fields of an account. Raises Invalid naming the field."""
    fields = asdict(account)
    for name, limit in LIMITS.items():
        said = fields[name] = str(fields[name]).strip()
        if len(said) > limit or "\0" in said:
            raise Invalid(f"At most {limit:,} characters fit here.", code="too_long", field=name)
    if not fields["happened"]:
        raise Invalid("Say what happened.", code="required", field="happened")
    if fields["nature"] and fields["nature"] not in DeviationNature.values:
        raise Invalid("Choose what it is.", code="choice", field="nature")
    fields["compensating_id"] = fields.pop("compensating")
    _compensates(control, fields["compensating_id"], fields["compensating_why"])
    return fields


def _compensates(control: EngagementControl, key: UUID | None, why: str) -> None:
    """DV-04: another control of the engagement for the same scope item, and how it would catch."""
    if key is None:
        if why:
            raise Invalid("Choose the control.", code="required", field="compensating")
        return
    if not why:
        raise Invalid(
            "DV-04: say how it would have caught the same failure.", code="required",
            field="compensating_why",
        )  # fmt: skip
    answered = ControlMapping.objects.filter(control=control).values("scope_item")
    shared = ControlMapping.objects.filter(control=key, scope_item__in=answered)
    if key == control.pk or not shared.exists():
        raise Invalid(
            "DV-04: a control compensates only where it answers to the same scope item.",
            code="no_shared_item", field="compensating",
        )  # fmt: skip


@outbox.follows(Deviation, SERIOUS)
def tell_partners(lease: outbox.Lease) -> None:
    """Tell the partners of the engagement at once (DV-01, DV-02)."""
    row = Deviation.objects.filter(pk=lease.subject).first()
    if row is None:
        return
    rows = Assignment.objects.filter(engagement=row.engagement_id, role=Role.PARTNER)
    notices.tell(
        "audits.serious_deviation", row.pk, row.engagement_id,
        rows.values_list("person_id", flat=True), period=str(lease.id),
    )  # fmt: skip
