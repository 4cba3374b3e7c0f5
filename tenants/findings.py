"""What holds an engagement in its phase, and who finds it: lists that every app adds to.

A source answers for one phase with at most three queries, whatever the size of the engagement; it
runs in `whole_file`, so its text names references and counts, never a restricted request's title.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tenants.canonical import digest
from tenants.choices import EngagementStatus

if TYPE_CHECKING:
    from tenants.models import Engagement


class Level(StrEnum):
    """How a rule is enforced (soc.md, section 5)."""

    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"


BLOCK, OVERRIDE, WARN = Level.BLOCK, Level.OVERRIDE, Level.WARN


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is open: which rule, what, how to cure it, and the page where one does.

    `route` is a portal route's name with its arguments. `subject` tells findings of one rule
    apart; `facts` are what a decision on it would rest on: other facts need another decision.
    """

    rule: str
    level: Level
    text: str
    cure: str
    route: tuple[str, tuple[Any, ...]]
    subject: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts_hash(self) -> str:
        """What a decision names."""
        return digest({"text": self.text, **self.facts})


@dataclass(frozen=True, slots=True)
class Stand:
    """A finding as it stands: `settled` by a decision on the same facts, or not."""

    finding: Finding
    settled: bool = False

    @property
    def holds(self) -> bool:
        """Whether it keeps the engagement in its phase."""
        level = self.finding.level
        return level == BLOCK or (level == OVERRIDE and not self.settled)


Source = Callable[["Engagement"], Iterable[Finding]]
SOURCES: dict[str, list[Source]] = {status: [] for status in EngagementStatus}
"""Phase → what must hold to leave it."""
SETTLED: list[Callable[[Engagement], Mapping[tuple[str, str], str]]] = []
"""(rule, subject) → hash of the facts on which it was decided; a higher app adds its decisions."""
