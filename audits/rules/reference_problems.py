"""What can be wrong with a reference to a criterion or objective, each with its cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RequirementKind(StrEnum):
    """What a report measures against: the trust services criteria, or control objectives."""

    TSC = "tsc"
    OBJECTIVE = "objective"


@dataclass(frozen=True, slots=True)
class ReferenceProblem:
    """What is wrong, or doubtful, with one reference. is_error: the row cannot be used."""

    code: str
    message: str
    is_error: bool = True


def foreign(kind: RequirementKind, shown: str) -> ReferenceProblem:
    """A reference to the basis of the other report (RT-19)."""
    if kind is RequirementKind.OBJECTIVE:
        return ReferenceProblem(
            "tsc_reference_in_soc1",
            f"“{shown}” is a trust services criterion, which is not a basis for a SOC 1. Name the "
            "control objective instead.",
        )
    return ReferenceProblem(
        "soc1_reference_in_soc2",
        f"“{shown}” is a SOC 1 control objective, which is not a basis for a SOC 2. Name the trust "
        "services criterion instead.",
    )


def unknown(kind: RequirementKind, shown: str) -> ReferenceProblem:
    """A reference to nothing that exists."""
    shown = shown if len(shown) <= 60 else f"{shown[:57]}…"
    if kind is RequirementKind.TSC:
        return ReferenceProblem(
            "unknown_criterion",
            f"“{shown}” is not a trust services criterion. Write it as in CC6.1, or leave the cell "
            "empty and name a control.",
        )
    return ReferenceProblem(
        "unknown_objective",
        f"“{shown}” is not a control objective of this engagement. Use its id, such as CO-01, or "
        "leave the cell empty and name a control.",
    )


def out_of_scope(kind: RequirementKind, shown: str) -> ReferenceProblem:
    """A reference to something real that this engagement does not examine."""
    noun = "criterion" if kind is RequirementKind.TSC else "objective"
    return ReferenceProblem(
        f"{noun}_out_of_scope",
        f"“{shown}” is not in the scope of this engagement. Remove it, or change the scope first.",
    )


def bad_range(first: str, last: str) -> ReferenceProblem:
    """A range that runs backwards or from one letter to another."""
    return ReferenceProblem(
        "bad_range",
        f"“{first} to {last}” is not a range: it must run upwards within one series. List the "
        "identifiers one by one.",
    )


def whole_series(shown: str, count: int) -> ReferenceProblem:
    """A bare series: usable, but perhaps more than was meant."""
    return ReferenceProblem(
        "series_reference",
        f"“{shown}” names a whole series; it was read as all {count} of its criteria in scope. "
        "Name the criteria meant if fewer are.",
        is_error=False,
    )
