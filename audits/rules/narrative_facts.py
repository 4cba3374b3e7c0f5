"""What the check of a narrative is given and what it answers (soc.md, section 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """What a missing thing does: a blocker holds planning back, a warning is listed."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class NarrativeLimits:
    """The figures of NR-01 (words) and NR-13 (share of a text told elsewhere)."""

    fewest: int = 40
    short: int = 60
    long: int = 120
    most: int = 200
    likeness: float = 0.9


DEFAULTS: Final = NarrativeLimits()


@dataclass(frozen=True, slots=True)
class NarrativeFacts:
    """What is known of a control beside its narrative.

    roles: the owner roles of the client's library, its role list; inventory: its systems by name,
    used where the control names none of its own; mappings: identifier → why, one line.
    """

    ref: str
    owner_role: str
    frequency: str
    nature: str
    systems: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    inventory: tuple[str, ...] = ()
    mappings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule that is not met. says: what is missing; write: a sentence that would meet it."""

    rule: str
    level: Level
    says: str
    write: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Rules met of those that apply; problems with blockers first, then by rule."""

    passed: int
    applicable: int
    words: int
    problems: tuple[Problem, ...]

    @property
    def blockers(self) -> tuple[Problem, ...]:
        """What holds planning back."""
        return tuple(one for one in self.problems if one.level == Level.BLOCK)
