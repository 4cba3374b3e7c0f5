"""Pages of changes of scope."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import scope_changes

CHANGES: Final = "agreement/changes"
routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path(f"{CHANGES}/", scope_changes.index, name="scope_changes"),
    path(f"{CHANGES}/ask/", scope_changes.ask, name="scope_ask"),
    path(f"{CHANGES}/new/<slug:scope_kind>/", scope_changes.new, name="scope_change_new"),
    path(f"{CHANGES}/<uuid:scope_change>/", scope_changes.change, name="scope_change"),
    path(f"{CHANGES}/<uuid:scope_change>/<slug:move>/", scope_changes.move,
         name="scope_change_move"),
]  # fmt: skip

PHRASES: Final = {
    "scopeproposal.scope_asked": "asked for a change of what is examined",
    "scopechange.scope_proposed": "proposed a change of scope",
    "scopechange.approve": "approved a change of scope",
    "scopechange.refuse": "refused a change of scope",
    "scopechange.apply": "carried out a change of scope",
}
ICONS: Final = {"scopechange.scope_proposed": "git-branch"}
