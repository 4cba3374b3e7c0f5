"""Pages from a conclusion down to the bytes, and back up."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import walk

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("conclusions/items/<uuid:scope_item>/rests-on/", walk.item, name="item_rests_on"),
    path("conclusions/controls/<uuid:control>/rests-on/", walk.control, name="control_rests_on"),
]
PHRASES: Final[dict[str, str]] = {}
ICONS: Final[dict[str, str]] = {}
