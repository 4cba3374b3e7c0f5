"""Pages of the client's system, and of what an engagement states of it."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import description, objective_bases, statements, subservices, system_entries

routes: list[Any] = []
own_library = [
    path("system/", system_entries.index, name="system_entries"),
    path("system/add/<str:entry_kind>/", system_entries.add, name="system_entry_add"),
    path("system/<uuid:entry>/", system_entries.entry, name="system_entry"),
    path("system/<uuid:entry>/edit/", system_entries.edit, name="system_entry_edit"),
    path("system/<uuid:entry>/retire/", system_entries.retire, name="system_entry_retire"),
    path("system/<uuid:entry>/bring-back/", system_entries.bring_back,
         name="system_entry_bring_back"),
]  # fmt: skip
of_an_engagement = [
    path("system/", statements.index, name="statements"),
    path("system/take/", statements.take_all, name="statements_take"),
    path("system/hand-over/", statements.hand_over_all, name="statements_hand_over"),
    path("system/<str:entry_kind>/", statements.kind, name="statement"),
    path("system/<str:entry_kind>/take/", statements.take, name="statement_take"),
    path("statements/<uuid:statement>/hand-over/", statements.hand_over,
         name="statement_hand_over"),
    path("statements/<uuid:statement>/drop/", statements.drop, name="statement_drop"),
    path("description/", description.index, name="description"),
    path("description/<str:criterion>/", description.place, name="description_point"),
    path("objectives/", objective_bases.index, name="objective_bases"),
    path("objectives/<uuid:scope_item>/", objective_bases.say, name="objective_basis"),
    path("subservices/", subservices.index, name="subservices"),
    path("subservices/treat/<uuid:scope_entry>/", subservices.treat, name="subservice_treat"),
    path("subservices/<uuid:subservice>/", subservices.change, name="subservice_change"),
    path("subservices/<uuid:subservice>/remove/", subservices.remove, name="subservice_remove"),
    path("subservices/<uuid:subservice>/independent/", subservices.confirm,
         name="subservice_confirm"),
]  # fmt: skip

PHRASES: Final = {
    "systementry.added": "wrote {label} down as part of the system",
    "systementry.changed": "changed {label}",
    "systementry.retired": "retired {label}",
    "systementry.brought_back": "brought {label} back",
    "scopestatement.stated": "drafted {label}",
    "scopestatement.handed_over": "handed over {label}",
    "engagementsubservice.treated": "chose how {label} is treated",
    "engagementsubservice.removed": "took {label} off the subservice organizations",
    "engagementsubservice.independence_of_it": "stated their independence of {label}",
    "descriptionpoint.placed": "placed {label}",
    "objectivebasis.said": "said {label}",
    "scopestatement.dropped": "threw away the draft of {label}",
}
ICONS: Final = {"systementry.added": "plus", "scopestatement.handed_over": "send"}
