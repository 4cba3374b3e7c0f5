"""Pages of what disagrees."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import consistency

routes: list[Any] = []
own_library = [path("consistency/", consistency.own, name="library_consistency")]
of_an_engagement = [
    path("consistency/", consistency.of_an_engagement, name="engagement_consistency")
]
PHRASES: Final[dict[str, str]] = {}
ICONS: Final[dict[str, str]] = {}
