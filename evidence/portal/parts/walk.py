"""The page from a file up to what rests on it."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from evidence.portal import walk

routes: list[Any] = [
    path(
        "engagements/<uuid:engagement>/requests/<uuid:evidence_request>/files/<uuid:link>/carries/",
        walk.file, name="file_carries",
    ),
]  # fmt: skip
PHRASES: Final[dict[str, str]] = {}
ICONS: Final[dict[str, str]] = {}
