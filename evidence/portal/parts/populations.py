"""Pages of populations from files."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from evidence.portal import populations

routes: list[Any] = [
    path(
        "engagements/<uuid:engagement>/testing/tests/<uuid:test>/populations/read/",
        populations.read, name="population_read",
    ),
]  # fmt: skip
PHRASES: Final[dict[str, str]] = {}
ICONS: Final[dict[str, str]] = {}
