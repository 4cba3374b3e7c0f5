"""Who may sign what after whom: SO-02 and SO-04, values in and sentences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from audits.papers import EQR, PARTNER_REVIEWED, PREPARED, REVIEWED
from tenants.choices import Role

GRADES: Final[dict[str, int]] = {
    Role.STAFF: 1, Role.SPECIALIST: 1, Role.SENIOR: 2, Role.MANAGER: 3, Role.PARTNER: 4,
}  # fmt: skip
ORDER: Final = (PREPARED, REVIEWED, PARTNER_REVIEWED, EQR)
WORDS: Final = {
    PREPARED: "prepared", REVIEWED: "reviewed", PARTNER_REVIEWED: "reviewed by a partner",
    EQR: "quality reviewed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was not taken back. `current`: the paper is still what was signed."""

    level: str
    signer_id: UUID
    role: str
    current: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a content that is not what was signed; None where there was or is nothing."""

    path: str
    before: Any
    after: Any


def given(signed: Sequence[Signed]) -> set[str]:
    """The levels that stand: a partner's review alone counts as the partner's too (SO-02)."""
    levels = {each.level for each in signed if each.current}
    if any(each.current and each.level == REVIEWED and each.role == Role.PARTNER
           for each in signed):  # fmt: skip
        levels.add(PARTNER_REVIEWED)
    return levels


def missing_levels(levels: Sequence[str], signed: Sequence[Signed]) -> tuple[str, ...]:
    """The signatures a paper still needs, in their order."""
    stand = given(signed)
    return tuple(level for level in levels if level not in stand)


def refusal(
    level: str, *, levels: Sequence[str], signer: UUID, role: str, signed: Sequence[Signed],
    reviewer: str = Role.SENIOR,
) -> str:  # fmt: skip
    """Why `signer`, in `role`, may not sign `level` now; empty when they may.

    levels: what the paper needs, in order; reviewer: the lowest role whose review counts.
    """
    if level not in levels:
        return f"This paper is not {WORDS[level]}; it takes: {', '.join(levels)}."
    if any(each.signer_id == signer and each.level != level for each in signed):
        return "SO-02: you have signed another level of this paper. Ask somebody else."
    if reason := _role_refusal(level, role, reviewer):
        return reason
    before = levels[: levels.index(level)]
    if waiting := [each for each in before if each not in given(signed)]:
        return f"SO-04: it is not {WORDS[waiting[0]]} yet, as it is now. That comes first."
    if level == REVIEWED:
        return _grade_refusal(role, signed)
    return ""


def _role_refusal(level: str, role: str, reviewer: str) -> str:
    if level == EQR:
        return "" if role == Role.QUALITY_REVIEWER else "SO-03: the quality reviewer signs this."
    if role not in GRADES:
        return "SO-03: a quality reviewer does none of the team's work."
    if level == PARTNER_REVIEWED and role != Role.PARTNER:
        return "SO-06: the engagement partner signs this."
    if level == REVIEWED and GRADES[role] < GRADES[reviewer]:
        return f"SO-02: this is reviewed by a {Role(reviewer).label.lower()} or above."
    return ""


def _grade_refusal(role: str, signed: Sequence[Signed]) -> str:
    prepared = [each for each in signed if each.level == PREPARED and each.current]
    if prepared and GRADES[role] <= GRADES.get(prepared[-1].role, 0):
        said = Role(prepared[-1].role).label.lower()
        return f"SO-02: a {said} prepared this; somebody of a higher grade reviews it."
    return ""


def differences(before: Any, after: Any, path: str = "") -> list[Change]:
    """Every place where two contents differ, in order; lists are compared place by place."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted({*before, *after})
        pairs = [(f"{path}.{key}".lstrip("."), before.get(key), after.get(key)) for key in keys]
    elif isinstance(before, list) and isinstance(after, list):
        count = max(len(before), len(after))
        old, new = ([*each, *[None] * (count - len(each))] for each in (before, after))
        pairs = [(f"{path}.{n + 1}".lstrip("."), old[n], new[n]) for n in range(count)]
    else:
        return [] if before == after else [Change(path, before, after)]
    return [change for name, old, new in pairs for change in differences(old, new, name)]
