"""The search box: what is visible and carries the words, found by every app that has some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from tenants.models import Engagement, User

SHOWN = 20
"""How many hits of a kind are shown."""
LONGEST = 100
"""Characters of a query that are read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found: its title, where it is, and a line that places it."""

    title: str
    url: str
    line: str = ""
    status: str = ""
    status_label: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind; `more` when not all are shown."""

    title: str
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more: bool = False


SOURCES: list[Callable[[User, str], Hits]] = []
"""Given the person acting and the words, what is found of one kind; higher apps add theirs."""


def search(user: User, words: str) -> list[Hits]:
    """Everything visible to `user` that carries `words`; nothing for fewer than two letters."""
    words = " ".join(words.split())[:LONGEST]
    if len(words) < 2:
        return []
    return [found for source in SOURCES if (found := source(user, words)).hits]


def _engagements(user: User, words: str) -> Hits:
    """Engagements by title, client or firm (1 query)."""
    rows = (
        Engagement.objects.visible_to(user)
        .filter(
            Q(title__icontains=words)
            | Q(client__name__icontains=words)
            | Q(firm__name__icontains=words)
        )
        .select_related("client", "firm")[: SHOWN + 1]
    )
    found = [
        Hit(
            row.title,
            reverse("tenants:engagement", args=[row.pk]),
            f"{row.client.name} · {row.report_name}",
            row.status,
            row.get_status_display(),
        )
        for row in rows
    ]
    return Hits("Engagements", "clipboard-list", found[:SHOWN], len(found) > SHOWN)


SOURCES.append(_engagements)
