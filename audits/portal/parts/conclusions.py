"""Pages of conclusions."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import conclusions

ALL: Final = "conclusions"
routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path(f"{ALL}/", conclusions.index, name="conclusions"),
    path(f"{ALL}/controls/take/", conclusions.controls_take, name="controls_take"),
    path(f"{ALL}/controls/<uuid:control>/", conclusions.control_conclude,
         name="control_conclude"),
    path(f"{ALL}/control/<uuid:control_conclusion>/", conclusions.control_concluded,
         name="control_concluded"),
    path(f"{ALL}/items/take/", conclusions.items_take, name="items_take"),
    path(f"{ALL}/items/<uuid:scope_item>/", conclusions.item_conclude, name="item_conclude"),
    path(f"{ALL}/item/<uuid:scope_item_conclusion>/", conclusions.item_concluded,
         name="item_concluded"),
    path(f"{ALL}/resting/<uuid:failed>/<uuid:dependent>/", conclusions.dependency_review,
         name="dependency_review"),
]  # fmt: skip

PHRASES: Final = {
    "controlconclusion.concluded": "concluded {label}",
    "scopeitemconclusion.concluded": "concluded {label}",
    "dependencyreview.looked_again": "looked again at {label}",
}
ICONS: Final = {
    "controlconclusion.concluded": "gavel",
    "scopeitemconclusion.concluded": "gavel",
}
