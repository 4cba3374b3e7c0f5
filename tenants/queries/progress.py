"""How far engagements are: counts that higher apps know, for a list of engagements at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from tenants.models import Engagement, User


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` things ("Requests accepted"); `late` of the rest are past due.

    `hint` says more in a few words, `url` leads to the list.
    """

    label: str
    done: int
    total: int
    late: int = 0
    hint: str = ""
    url: str = ""

    @property
    def percent(self) -> int:
        """0 to 100; 0 when there is nothing yet."""
        return 100 * self.done // self.total if self.total else 0


Source = Callable[[User, Sequence[Engagement]], dict[UUID, Progress]]
PROGRESS: list[Source] = []
"""Given the person acting and visible engagements, one count for each engagement that has one.

A source asks one query however many engagements there are; higher apps add theirs, the most
telling first.
"""


def progress_of(user: User, engagements: Sequence[Engagement]) -> dict[UUID, list[Progress]]:
    """Engagement id → its counts, in the order of the sources."""
    found: dict[UUID, list[Progress]] = {engagement.pk: [] for engagement in engagements}
    for source in PROGRESS if engagements else ():
        for key, progress in source(user, engagements).items():
            found[key].append(progress)
    return found
