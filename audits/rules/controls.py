"""What a control must say to be kept in a library (soc.md, section 11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from audits.choices import ControlFrequency, ControlNature, ControlType

LIMITS: Final = {"ref": 20, "title": 160, "owner_role": 120, "narrative": 20_000}
SYSTEM_LIMIT: Final = 120
EVIDENCE_LIMIT: Final = 300
KNOWN: Final[dict[str, Sequence[str]]] = {
    "frequency": ControlFrequency.values,
    "nature": ControlNature.values,
    "type": ControlType.values,
}
NAMES: Final = {
    "ref": "an id",
    "title": "a title",
    "narrative": "a narrative",
    "owner_role": "an owner role",
    "frequency": "a frequency",
    "nature": "a nature",
    "type": "a type",
}


@dataclass(frozen=True, slots=True)
class ControlFields:
    """A control as told by a list, a form or a program; None leaves what is kept unchanged.

    criteria, objectives: identifiers; evidence: one line each for what usually shows it ran.
    """

    ref: str
    title: str
    narrative: str
    owner_role: str
    frequency: str
    nature: str
    type: str
    systems: tuple[str, ...] | None = None
    criteria: tuple[str, ...] | None = None
    objectives: tuple[str, ...] | None = None
    evidence: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong, or doubtful, with one field. is_error: the control cannot be kept."""

    field: str
    code: str
    message: str
    is_error: bool = True


def problems_of(control: ControlFields) -> list[FieldProblem]:
    """Everything wrong with a control's own words; references are checked where they are read."""
    found = [problem for name in NAMES if (problem := _of_field(name, getattr(control, name)))]
    found += _too_long("systems", control.systems, SYSTEM_LIMIT)
    found += _too_long("evidence", control.evidence, EVIDENCE_LIMIT)
    if control.criteria == () and control.objectives in ((), None):
        found.append(
            FieldProblem(
                "criteria", "control_unmapped",
                "It answers to no criterion or objective yet. Map it before planning ends.",
                is_error=False,
            )
        )  # fmt: skip
    return found


def changed_fields(before: ControlFields, after: ControlFields) -> tuple[str, ...]:
    """Names of the fields that `after` tells otherwise; order and letter case of systems, and the
    order of references, do not count."""
    return tuple(
        field.name
        for field in fields(ControlFields)
        if getattr(after, field.name) is not None
        and _compared(field.name, before) != _compared(field.name, after)
    )


def _compared(name: str, control: ControlFields) -> object:
    value = getattr(control, name)
    if name == "systems":
        return {system.casefold() for system in value or ()}
    if name in ("criteria", "objectives"):
        return set(value or ())
    return value


def _of_field(name: str, value: str) -> FieldProblem | None:
    if not value:
        return FieldProblem(name, f"{name}_missing", f"Give the control {NAMES[name]}.")
    if name in KNOWN and value not in KNOWN[name]:
        words = ", ".join(KNOWN[name])
        return FieldProblem(
            name, f"{name}_unknown", f"“{_short(value)}” is no {name}. Use one of: {words}."
        )
    limit = LIMITS.get(name, 0)
    if limit and len(value) > limit:
        return FieldProblem(
            name, f"{name}_too_long",
            f"This is {len(value)} characters; {name.replace('_', ' ')} holds {limit}. Shorten it.",
        )  # fmt: skip
    if "\0" in value:
        return FieldProblem(name, "unprintable", "Remove the zero character from this text.")
    return None


def _too_long(name: str, values: tuple[str, ...] | None, limit: int) -> list[FieldProblem]:
    return [
        FieldProblem(
            name, f"{name}_too_long", f"“{_short(value)}” is longer than {limit} characters."
        )
        for value in values or ()
        if len(value) > limit or "\0" in value
    ]


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:57]}…"
