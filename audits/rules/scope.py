"""What an engagement examines: which criteria follow from its categories, and what a change does.

Rules RT-02 to RT-04 of soc.md, section 5.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from tenants.choices import OVER, Basis, EngagementStatus
from tenants.errors import Invalid, Refused

CLOSED: Final = OVER


class HasCategory(Protocol):
    """What decides whether a criterion is in scope."""

    category: str
    common: bool


Item = TypeVar("Item", bound=HasCategory)


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What another choice adds and takes away; orphaned: removed items that work hangs on.

    orphaned: identifier → how many controls and requests name it.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    orphaned: Mapping[str, int]

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.added and not self.removed


def in_scope(criteria: Iterable[Item], categories: Collection[str]) -> list[Item]:
    """The criteria that categories mean: all common ones and each category's own (RT-04)."""
    return [one for one in criteria if one.common or one.category in categories]


def scope_change(
    before: Sequence[str], after: Sequence[str], *, used: Mapping[str, int] | None = None
) -> ScopeChange:
    """What becomes of a scope. before, after: identifiers; used: how much work names each."""
    removed = tuple(identifier for identifier in before if identifier not in set(after))
    return ScopeChange(
        added=tuple(identifier for identifier in after if identifier not in set(before)),
        removed=removed,
        orphaned={one: used[one] for one in removed if used and used.get(one)},
    )


def refuse_orphans(change: ScopeChange) -> None:
    """Raise Refused with the list when work hangs on what a change takes away."""
    if not change.orphaned:
        return
    words = ", ".join(
        f"{identifier} ({count} {'use' if count == 1 else 'uses'})"
        for identifier, count in change.orphaned.items()
    )
    raise Refused(
        f"Controls or requests name what this takes out of scope: {words}. Change those first, or "
        "confirm the change of scope, which takes their mappings away.",
        code="scope_in_use", field="categories",
    )  # fmt: skip


def refuse_other_basis(basis: str, added: Basis) -> None:
    """Raise Invalid when an item of the other report's basis is added (RT-02, RT-03)."""
    if basis == added:
        return
    if basis == Basis.OBJECTIVE:
        raise Invalid(
            "RT-02: a SOC 1 is not measured against trust services criteria. Map the control to a "
            "control objective, or open a SOC 2 beside this engagement.",
            code="criterion_in_soc1", field="criterion",
        )  # fmt: skip
    raise Invalid(
        "RT-03: a SOC 2 or SOC 3 is not measured against control objectives. Map the control to a "
        "trust services criterion, or open a SOC 1 beside this engagement.",
        code="objective_in_soc2", field="objective",
    )  # fmt: skip


def refuse_closed(status: str) -> None:
    """Raise Refused when the engagement's scope and controls can change no more."""
    if status in CLOSED:
        raise Refused(
            f"This engagement is {EngagementStatus(status).label.lower()}; what it examined stays "
            "as it was.",
            code="engagement_closed",
        )  # fmt: skip
