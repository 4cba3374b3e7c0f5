"""The pages of an engagement, by the step of the work they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from django.urls import reverse

from tenants.models.engagements import Engagement
from tenants.permissions import P
from tenants.visibility import reach

OVERVIEW: Final = "Overview"
STEPS: Final = (OVERVIEW, "Planning", "Evidence", "Testing", "Results", "File", "People")
"""The steps in the order of the work; a step that shows one page bears that page's name."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of an engagement: its step, its place there, and the right that opens it.

    `under` are further first segments of addresses below the engagement that belong to it.
    """

    step: str
    order: int
    label: str
    name: str
    asks: P
    under: tuple[str, ...] = ()

    def address(self, engagement: Engagement) -> str:
        """Where the page of this engagement is."""
        return reverse(self.name, args=[engagement.pk])

    def holds(self, path: str, engagement: Engagement) -> bool:
        """Whether the page at this path is this one, or lies below it."""
        root = reverse("tenants:engagement", args=[engagement.pk])
        own = self.address(engagement)
        further = tuple(f"{root}{segment}/" for segment in self.under)
        return path == own or path.startswith(further if own == root else (own, *further))


TABS: list[Tab] = [
    Tab(OVERVIEW, 10, "Overview", "tenants:engagement", P.VIEW_ENGAGEMENT,
        ("terms", "moves", "open", "report-date")),
    Tab("File", 30, "History", "tenants:history", P.VIEW_TRAIL),
    Tab("People", 10, "People", "tenants:engagement_people", P.VIEW_ENGAGEMENT),
]  # fmt: skip
"""Every page with a place in the navigation of an engagement; higher apps add theirs."""


def tabs_of(user: Any, path: str, engagement: Engagement) -> list[dict[str, Any]]:
    """The steps this person may see, each with its `pages`; what is at the path is `active`."""
    held = reach(user).get(engagement.pk, frozenset())
    seen = sorted((tab for tab in TABS if tab.asks in held), key=_place)
    return [_step(*group, path, engagement) for group in _groups(seen)]


def _place(tab: Tab) -> tuple[int, int]:
    return STEPS.index(tab.step), tab.order


def _groups(tabs: list[Tab]) -> Iterator[tuple[str, list[Tab]]]:
    for step, group in groupby(tabs, key=lambda tab: tab.step):
        yield step, list(group)


def _step(step: str, tabs: list[Tab], path: str, engagement: Engagement) -> dict[str, Any]:
    pages = [
        {"label": tab.label, "url": tab.address(engagement), "active": tab.holds(path, engagement)}
        for tab in tabs
    ]
    return {
        "label": step if len(pages) > 1 else pages[0]["label"],
        "url": pages[0]["url"],
        "active": any(page["active"] for page in pages),
        "pages": pages if len(pages) > 1 else [],
    }
