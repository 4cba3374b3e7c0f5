"""Contents of papers, and how it stands with their signatures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from audits.models.sign_offs import SignOff
from audits.papers import PAPERS, Content, Paper
from audits.rules.sign_offs import Change, Signed, differences, missing_levels
from tenants.canonical import digest, plain
from tenants.errors import NotVisible
from tenants.models import Engagement, PhaseReturn, User
from tenants.whole import whole_file


@dataclass(frozen=True, slots=True)
class PaperStanding:
    """A paper as it is now, and its signatures that were not taken back, oldest first."""

    paper: Paper
    id: UUID
    name: str
    content: Content
    content_hash: str
    signatures: Sequence[SignOff] = field(default_factory=tuple)

    @property
    def signed(self) -> list[Signed]:
        """The signatures as the rules read them."""
        return [
            Signed(each.level, each.signer_id, each.role, self.is_current(each))
            for each in self.signatures
        ]

    @property
    def levels(self) -> tuple[str, ...]:
        """The signatures it needs."""
        return self.paper.levels_for(self.content)

    @property
    def missing(self) -> tuple[str, ...]:
        """Those it still needs, in order."""
        return missing_levels(self.levels, self.signed)

    def latest(self, level: str) -> SignOff | None:
        """The last signature of a level."""
        found = [each for each in self.signatures if each.level == level]
        return found[-1] if found else None

    def is_current(self, sign_off: SignOff) -> bool:
        """Whether the paper is still what was signed (SO-05)."""
        return sign_off.content_hash == self.content_hash


def contents(
    engagement: Engagement, paper: Paper, ids: Collection[UUID] | None = None
) -> dict[UUID, Content]:
    """What the papers of a kind say now, as a signature would cover it (3 queries at most).

    Read under the walls of the whole file, so that everybody's signature covers the same.
    """
    with whole_file(engagement):
        found = {key: plain(each) for key, each in paper.reads(engagement, ids).items()}
        if paper.reopens and found:
            rounds = PhaseReturn.objects.filter(engagement=engagement, to_status=paper.phase)
            count = rounds.count()
            for content in found.values():
                content["_round"] = count
    return found


def standings(
    engagement: Engagement, kind: str, ids: Collection[UUID] | None = None
) -> dict[UUID, PaperStanding]:
    """How it stands with every paper of a kind, or with those of `ids` (4 queries at most)."""
    paper = PAPERS[kind]
    found = contents(engagement, paper, ids)
    signed: dict[UUID, list[SignOff]] = {}
    if found:
        rows = SignOff.objects.filter(
            engagement=engagement, paper_kind=kind, taken_back_at=None, paper_id__in=found
        )
        for row in rows.select_related("signer").defer("content", "annex"):
            signed.setdefault(row.paper_id, []).append(row)
    return {
        key: PaperStanding(
            paper, key, paper.name(content), content, digest(content), signed.get(key, ())
        )
        for key, content in found.items()
    }


def standing(engagement: Engagement, kind: str, paper_id: UUID) -> PaperStanding:
    """How it stands with one paper. Raises NotVisible for a kind or a paper there is not."""
    found = standings(engagement, kind, [paper_id]) if kind in PAPERS else {}
    if paper_id not in found:
        raise NotVisible("There is no such paper, or it is not shown to you.")
    return found[paper_id]


def all_standings(engagement: Engagement) -> Iterator[PaperStanding]:
    """How it stands with every paper there is, by kind in the order of registration."""
    for kind in PAPERS:
        yield from standings(engagement, kind).values()


def difference(sign_off: SignOff, user: User) -> list[Change]:
    """What of the paper is not as it was signed; its longer text too, as `user` may read it."""
    engagement = sign_off.engagement
    paper = PAPERS[sign_off.paper_kind]
    now = contents(engagement, paper, [sign_off.paper_id]).get(sign_off.paper_id)
    if now is None:
        return [Change("paper", sign_off.paper_name, None)]
    changes = differences(sign_off.content, now)
    if paper.annex is not None:
        changes += differences(sign_off.annex or {}, plain(paper.annex(sign_off.paper_id)))
    return changes


def counts(found: Sequence[PaperStanding]) -> Counter[str]:
    """How many papers miss each signature first; "done" are those that miss none."""
    return Counter(each.missing[0] if each.missing else "done" for each in found)


def described(value: Any) -> str:
    """A value of a content as a line of text."""
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else str(plain(value))
