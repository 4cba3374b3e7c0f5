"""Pages of deviations."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import deviations

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("deviations/", deviations.index, name="deviations"),
    path("deviations/take/", deviations.take, name="deviations_take"),
    path("deviations/new/", deviations.new, name="deviation_new"),
    path("deviations/<uuid:deviation>/", deviations.deviation, name="deviation"),
    path("deviations/<uuid:deviation>/edit/", deviations.edit, name="deviation_edit"),
    path("deviations/<uuid:deviation>/drop/", deviations.drop, name="deviation_drop"),
    path("deviations/<uuid:deviation>/<slug:move>/", deviations.move, name="deviation_move"),
]

PHRASES: Final = {
    "deviation.found": "wrote down {label}",
    "deviation.described": "said more of {label}",
    "deviation.turned_serious": "told of intent, or of evidence made afterwards, in {label}",
    "deviation.dropped": "took back {label}",
    "deviation.explain": "explained {label}",
    "deviation.reconsider": "thought again about {label}",
    "deviation.communicate": "told the client of {label}",
    "deviation.close": "closed {label}",
}
ICONS: Final = {"deviation.found": "alert-triangle"}
