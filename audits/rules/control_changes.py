"""What an import would do to a library, row by row, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audits.rules.controls import ControlFields, changed_fields


class Outcome(StrEnum):
    """What becomes of one control of a list."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ControlChange:
    """One control of a list beside what the library holds.

    changed: names of the fields told otherwise; empty for a new and for an unchanged control.
    """

    told: ControlFields
    outcome: Outcome
    changed: tuple[str, ...] = ()


def compare(
    held: Mapping[str, ControlFields], told: Sequence[ControlFields]
) -> list[ControlChange]:
    """The change each control means, in order. held: what the library tells, by id."""
    return [_change(held.get(control.ref), control) for control in told]


def count(changes: Sequence[ControlChange]) -> dict[str, int]:
    """How many are created, updated and unchanged."""
    outcomes = [change.outcome for change in changes]
    return {
        "created": outcomes.count(Outcome.CREATE),
        "updated": outcomes.count(Outcome.UPDATE),
        "unchanged": outcomes.count(Outcome.UNCHANGED),
    }


def _change(held: ControlFields | None, told: ControlFields) -> ControlChange:
    if held is None:
        return ControlChange(told, Outcome.CREATE)
    changed = changed_fields(held, told)
    return ControlChange(told, Outcome.UPDATE if changed else Outcome.UNCHANGED, changed)
