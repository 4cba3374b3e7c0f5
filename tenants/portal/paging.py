"""Pages of a list by number: `?page=2`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tenants.portal.base import Request

SIZE = 25


@dataclass(frozen=True, slots=True)
class Page:
    """What `partials/paging.html` needs, and the rows themselves."""

    rows: list[Any]
    total: int
    noun: str
    previous_url: str | None
    next_url: str | None

    @property
    def shown(self) -> int:
        """How many rows stand on this page."""
        return len(self.rows)


def numbered(request: Request, rows: QuerySet[Any], noun: str, size: int = SIZE) -> Page:
    """The page that `?page=` asks for; a number that is none, or too high, is the nearest page.

    `noun` is what the rows are, in the plural ("clients").
    """
    total = rows.count()
    last = max(1, -(-total // size))
    asked = request.GET.get("page", "1")
    number = min(int(asked), last) if asked.isdecimal() and len(asked) < 9 else 1
    number = max(number, 1)
    start = (number - 1) * size
    return Page(
        list(rows[start : start + size]),
        total,
        noun if total != 1 else noun.removesuffix("s"),
        _address(request, number - 1) if number > 1 else None,
        _address(request, number + 1) if number < last else None,
    )


def _address(request: Request, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    if number == 1:
        del query["page"]
    return "?" + query.urlencode()
