"""Papers of the firm's file: what can be signed, what a signature covers, and who must sign.

A paper is a row of some table, of a `kind` that its part registers from `audits/joins`. What was
signed goes stale when the paper's content changes (SO-05), and the content is what `reads` says: it
is written in `tenants.canonical`'s one spelling and hashed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tenants.choices import EngagementStatus
from tenants.permissions import P

if TYPE_CHECKING:
    from tenants.models import Engagement

Content = dict[str, Any]
Reads = Callable[["Engagement", Collection[UUID] | None], Mapping[UUID, Content]]
"""Contents by id, all of the engagement's for None, in at most two queries. Items are named by
position and hash, files by sha256: no text of a row, no restricted title."""

PREPARED, REVIEWED, PARTNER_REVIEWED, EQR = "prepared", "reviewed", "partner_reviewed", "eqr"


def _never(content: Content) -> bool:
    return False


@dataclass(frozen=True)
class Paper:
    """One kind of paper.

    `phase` is the one at whose exit its signatures are asked for (review asks for all). `levels`
    are asked in this order. `name` is how lists call one, given its content; `route` the portal
    page of one, called with engagement and id. `annex` gives text kept beside a signature, for the
    difference, and not hashed. A paper whose `must_see` holds needs the partner too (SO-06).
    `reopens`: its signatures go stale when its phase is opened again.
    """

    kind: str
    label: str
    model: str
    phase: EngagementStatus
    reads: Reads
    name: Callable[[Content], str]
    route: str
    levels: Sequence[str] = (PREPARED, REVIEWED)
    annex: Callable[[UUID], Content] | None = None
    must_see: Callable[[Content], bool] = _never
    reopens: bool = False
    prepare: P = P.WRITE_WORKPAPER
    review: P = P.REVIEW_WORK
    reviewer: str = "senior"
    """The lowest role whose review counts, such as "manager"."""

    def levels_for(self, content: Content) -> tuple[str, ...]:
        """The signatures this paper needs."""
        if self.must_see(content) and PARTNER_REVIEWED not in self.levels:
            return (*self.levels, PARTNER_REVIEWED)
        return tuple(self.levels)


PAPERS: dict[str, Paper] = {}
"""Kind → paper, in the order of registration."""


def register(paper: Paper) -> None:
    """Make a kind of paper known. Raises ValueError for a kind that is known already."""
    if paper.kind in PAPERS:
        raise ValueError(f"There are two papers called {paper.kind}.")
    PAPERS[paper.kind] = paper
