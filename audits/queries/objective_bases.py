"""What the objectives of a SOC 1 rest on, and which are not shown to matter (RT-08, RT-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audits.choices import Assertion
from audits.choices.system import EntryKind
from audits.models import ScopeItem
from audits.models.objective_bases import ObjectiveBasis
from audits.models.statements import ScopeEntry
from audits.queries.statements import entries
from audits.rules import objective_bases as rules
from audits.rules.objective_bases import NOT_RELEVANT, Basis, problem_of
from tenants import choices
from tenants.findings import BLOCK, OVERRIDE, Finding
from tenants.models import Engagement

NAMED = 5


@dataclass(frozen=True, slots=True)
class Resting:
    """An objective, what it rests on (None: not said) in words, and why that is not enough."""

    item: ScopeItem
    basis: ObjectiveBasis | None
    words: str
    problem: str


def standing(engagement: Engagement) -> list[Resting]:
    """Every objective in scope, in order (3 queries)."""
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True).order_by("position")
    rows = ObjectiveBasis.objects.filter(engagement=engagement).select_related("supports")
    held = {row.scope_item_id: row for row in rows}
    stated = {each.entry_id: each for each in named_entries(engagement)}
    bases = {key: _values(row) for key, row in held.items() if key}
    in_scope = list(items)
    counted = {one.pk: bases[one.pk] for one in in_scope if one.pk in bases}
    return [
        Resting(
            one, held.get(one.pk), words_of(held.get(one.pk), stated),
            problem_of(counted.get(one.pk), counted, stated),
        )
        for one in in_scope
    ]  # fmt: skip


def named_entries(engagement: Engagement) -> list[ScopeEntry]:
    """The transaction classes and applications the client states (1 query)."""
    return entries(engagement, EntryKind.TRANSACTION_CLASS, EntryKind.APPLICATION)


def of_item(item: ScopeItem) -> ObjectiveBasis | None:
    """What one objective rests on; None when nobody has said it."""
    rows = ObjectiveBasis.objects.select_related("engagement", "scope_item")
    found: ObjectiveBasis | None = rows.filter(scope_item=item).first()
    return found


def others(item: ScopeItem) -> QuerySet[ScopeItem]:
    """The objectives in scope beside one, in order."""
    rows = ScopeItem.objects.filter(engagement=item.engagement_id, relevant=True)
    found: QuerySet[ScopeItem] = rows.exclude(pk=item.pk).order_by("position")
    return found


def words_of(basis: ObjectiveBasis | None, stated: Mapping[UUID, ScopeEntry]) -> str:
    """What an objective rests on, as a line."""
    if basis is None:
        return ""
    if basis.hosting:
        return "User entities’ own financial processing"
    named = [*basis.transaction_classes, *([basis.application] if basis.application else [])]
    titles = [stated[key].title for key in named if key in stated]
    titles += [str(Assertion(each).label).lower() for each in basis.assertions]
    if basis.supports:
        titles.append(f"supports {basis.supports.identifier}")
    return ", ".join(titles)


def not_relevant(engagement: Engagement) -> list[Finding]:
    """Objectives that are not shown to matter for financial reporting (3 queries)."""
    if engagement.basis != choices.Basis.OBJECTIVE:
        return []
    rows = standing(engagement)
    route = ("audits:objective_bases", (engagement.pk,))
    open_ = [row for row in rows if row.problem]
    found = []
    if open_:
        first, more = open_[0], len(open_) - 1
        said = f"{first.item.identifier}: {first.problem}." + (f" And {more} more." if more else "")
        found.append(Finding(
            "RT-08", BLOCK, f"{said} {NOT_RELEVANT}",
            "Name transactions and assertions, or the application and what it supports.", route,
            subject="icfr", facts={"objectives": [row.item.identifier for row in open_]},
        ))  # fmt: skip
    if rules.without_business([_values(row.basis) if row.basis else None for row in rows]):
        found.append(Finding(
            "RT-09", OVERRIDE, "No objective is about a business process.",
            "The partner confirms in writing that it matters for financial reporting, as in pure "
            "hosting; or consider a SOC 2.",
            route, facts={"objectives": [row.item.identifier for row in rows]},
        ))  # fmt: skip
    return found


def _values(row: ObjectiveBasis) -> Basis:
    return Basis(row.group, row.transaction_classes, row.assertions, row.application,
                 row.supports_id, row.hosting)  # fmt: skip
