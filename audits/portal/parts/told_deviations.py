"""Pages of deviations the client was told of, and of responses."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import told_deviations

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("responses/", told_deviations.index, name="told_deviations"),
    path("responses/<uuid:communicated_deviation>/", told_deviations.told,
         name="told_deviation"),
    path("responses/<uuid:communicated_deviation>/waive/", told_deviations.waive,
         name="told_deviation_waive"),
    path("responses/<uuid:communicated_deviation>/write/", told_deviations.write,
         name="response_write"),
    path("responses/<uuid:management_response>/hand-over/", told_deviations.hand_over,
         name="response_hand_over"),
]  # fmt: skip

PHRASES: Final = {
    "communicateddeviation.told": "told of a {label}",
    "communicateddeviation.waived": "waits for no response to the {label}",
    "managementresponse.responded": "wrote a {label}",
    "managementresponse.handed_over": "handed over the {label}",
}
ICONS: Final = {"communicateddeviation.told": "message", "managementresponse.handed_over": "send"}
