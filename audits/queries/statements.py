"""What the client states of its system in an engagement, and what has changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from audits.models.statements import ScopeEntry, ScopeStatement
from audits.queries.library import criteria_known
from audits.queries.system_entries import of_kinds
from audits.rules.statements import (
    SHOWN,
    Difference,
    Telling,
    asked_of,
    belongs,
    difference,
    of_basis,
)
from audits.rules.system_entries import KINDS, Kind
from tenants.canonical import plain
from tenants.models import Engagement, User


def current(engagement: Engagement, kind: str) -> ScopeStatement | None:
    """What the client handed over last about a kind; None when it has said nothing (1 query)."""
    rows = ScopeStatement.objects.filter(
        engagement=engagement, kind=kind, handed_over_at__isnull=False
    )
    found: ScopeStatement | None = rows.order_by("-number").first()
    return found


def currents(engagement: Engagement, kinds: Collection[str] = ()) -> dict[str, ScopeStatement]:
    """Kind → what was handed over last, with its entries (2 queries); all kinds by default."""
    rows = ScopeStatement.objects.filter(engagement=engagement, handed_over_at__isnull=False)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    entries = Prefetch("entries", ScopeEntry.objects.order_by("ref"))
    newest = rows.order_by("kind", "-number").distinct("kind").prefetch_related(entries)
    return {row.kind: row for row in newest}


def entries(engagement: Engagement, *kinds: str) -> list[ScopeEntry]:
    """The entries of what was handed over last about these kinds, by kind and id (1 query)."""
    newest = ScopeStatement.objects.filter(
        engagement=OuterRef("engagement"), kind=OuterRef("statement__kind"),
        handed_over_at__isnull=False,
    ).order_by("-number")  # fmt: skip
    rows = ScopeEntry.objects.filter(
        engagement=engagement,
        statement__kind__in=kinds,
        statement=Subquery(newest.values("pk")[:1]),
    )
    return list(rows.select_related("statement").order_by("statement__kind", "ref"))


def content(engagement: Engagement, kinds: Collection[str]) -> dict[str, Any]:
    """What stands about these kinds, as values for a signature or an approval (2 queries)."""
    return {
        kind: plain({
            "number": told.number, "none": told.none_reason if told.none_said else None,
            "entries": [_shown(each) for each in told.entries.all()],
        })
        for kind, told in sorted(currents(engagement, kinds).items())
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """How a kind stands in an engagement: what was handed over, the draft, what has changed.

    `behind` is the difference of the client's own list from the newest statement; None for the
    firm, which does not read that list.
    """

    kind: str
    about: Kind
    current: ScopeStatement | None
    draft: ScopeStatement | None
    behind: Difference | None
    library_count: int = 0

    @property
    def newest(self) -> ScopeStatement | None:
        """The draft, or what was handed over."""
        return self.draft or self.current


def standing(engagement: Engagement, user: User, *, own: bool) -> list[Standing]:
    """Every kind the engagement asks about, in order; `own`: for the client (6 queries at most)."""
    rows = ScopeStatement.objects.visible_to(user).filter(engagement=engagement)
    counted = rows.annotate(entry_count=Count("entries")).select_related("made_by")
    by_kind: defaultdict[str, list[Any]] = defaultdict(list)
    for row in counted.order_by("kind", "-number"):
        by_kind[row.kind].append(row)
    now = library_now(engagement, asked_of(engagement)) if own else {}
    newest = [held[0].pk for held in by_kind.values()]
    told = _told_by(ScopeEntry.objects.filter(statement__in=newest)) if own else {}
    return [
        _standing(kind, by_kind[kind], now.get(kind, {}), told, own=own)
        for kind in asked_of(engagement)
    ]


def _standing(
    kind: str, held: list[Any], now: Telling, told: dict[UUID, Telling], *, own: bool
) -> Standing:
    handed = next((row for row in held if row.handed_over_at), None)
    draft = held[0] if held and not held[0].handed_over_at else None
    behind = difference(told.get(held[0].pk, {}) if held else {}, now) if own else None
    return Standing(kind, KINDS[kind], handed, draft, behind, len(now))


def library_now(engagement: Engagement, kinds: Collection[str]) -> dict[str, Telling]:
    """Kind → what the client's own list tells of it for such an engagement (3 queries)."""
    criteria = set(criteria_known())
    found: defaultdict[str, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for row in of_kinds(engagement.client, kinds):
        if belongs(row, engagement, criteria):
            related = sorted(str(link.target_id) for link in row.links.all())
            facts = of_basis(row.facts, engagement, criteria)
            told = {name: getattr(row, name) for name in SHOWN if name not in ("related", "facts")}
            found[row.kind][row.pk] = {**told, "facts": facts, "related": related}
    return dict(found)


def against_the_library(statement: ScopeStatement) -> Difference:
    """What the client's own list tells otherwise by now (5 queries)."""
    now = library_now(statement.engagement, [statement.kind]).get(statement.kind, {})
    return difference(telling(statement), now)


def against_the_one_before(statement: ScopeStatement) -> Difference | None:
    """What a statement tells otherwise than the one handed over before it (3 queries)."""
    rows = ScopeStatement.objects.filter(
        engagement=statement.engagement_id, kind=statement.kind, number__lt=statement.number,
        handed_over_at__isnull=False,
    )  # fmt: skip
    before = rows.order_by("-number").first()
    return difference(telling(before), telling(statement)) if before else None


def telling(statement: ScopeStatement) -> Telling:
    """The entries of a statement by the client's own ids."""
    return {each.entry_id: _shown(each) for each in statement.entries.all()}


def of_kind(engagement: Engagement, kind: str, user: User) -> QuerySet[Any]:
    """The statements of a kind that `user` sees, newest first, with their entries (2 queries)."""
    rows = ScopeStatement.objects.visible_to(user).filter(engagement=engagement, kind=kind)
    found: QuerySet[Any] = rows.select_related("made_by", "engagement").prefetch_related(
        Prefetch("entries", ScopeEntry.objects.select_related("statement").order_by("ref"))
    )
    return found.order_by("-number")


def _told_by(rows: Iterable[ScopeEntry]) -> dict[UUID, Telling]:
    found: defaultdict[UUID, dict[UUID, Any]] = defaultdict(dict)
    for each in rows:
        found[each.statement_id][each.entry_id] = _shown(each)
    return dict(found)


def _shown(entry: ScopeEntry) -> dict[str, Any]:
    told = {name: getattr(entry, name) for name in SHOWN}
    return {**told, "related": sorted(str(each) for each in entry.related)}
