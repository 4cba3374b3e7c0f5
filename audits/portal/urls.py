"""Where the pages of the library, and of an engagement's scope and controls, are."""

from __future__ import annotations

from django.urls import include, path

from audits.portal import controls, coverage, library, library_import, objectives, scope
from tenants.parts import parts_of

app_name = "audits"

own_library = [
    path("", library.index, name="library"),
    path("add/", library.add, name="library_add"),
    path("import/", library_import.import_list, name="library_import"),
    path("objectives/", objectives.index, name="objectives"),
    path("objectives/add/", objectives.add, name="objective_add"),
    path("objectives/catalog/", objectives.catalog, name="objectives_catalog"),
    path("objectives/<uuid:objective>/edit/", objectives.edit, name="objective_edit"),
    path("<uuid:control>/", library.control, name="library_control"),
    path("<uuid:control>/edit/", library.edit, name="library_edit"),
    path("<uuid:control>/why/<str:identifier>/", library.why, name="library_why"),
    path("<uuid:control>/retire/", library.retire, name="library_retire"),
    path("<uuid:control>/bring-back/", library.bring_back, name="library_bring_back"),
]

of_an_engagement = [
    path("coverage/", coverage.index, name="coverage"),
    path("controls/", controls.index, name="controls"),
    path("controls/take/", controls.take, name="take_controls"),
    path("controls/library/", library.index, name="client_library"),
    path("controls/library/<uuid:control>/", library.control, name="client_control"),
    path("controls/<uuid:control>/", controls.control, name="control"),
    path("controls/<uuid:control>/map/", controls.map_to, name="map_control"),
    path("controls/<uuid:control>/unmap/<uuid:scope_item>/", controls.unmap, name="unmap"),
    path("controls/<uuid:control>/drop/", controls.drop, name="drop_control"),
    path("scope/", scope.index, name="scope"),
    path("scope/categories/", scope.categories, name="scope_categories"),
    path("scope/objectives/", scope.objectives, name="scope_objectives"),
    path("scope/<uuid:item>/", scope.item, name="scope_item"),
    path("scope/<uuid:item>/leave-out/", scope.leave_out, name="leave_out"),
    path("scope/<uuid:item>/take-back/", scope.take_back, name="take_back"),
]

parts = list(parts_of("audits.portal.parts"))
own_library += [route for part in parts for route in part.own_library]
of_an_engagement += [route for part in parts for route in part.of_an_engagement]

urlpatterns = [
    path("controls/", include(own_library)),
    path("engagements/<uuid:engagement>/", include(of_an_engagement)),
    *(route for part in parts for route in part.routes),
]
