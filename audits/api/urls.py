"""The API's addresses of this app."""

from __future__ import annotations

from django.urls import path

from audits.api.catalog import (
    CatalogObjectiveViewSet,
    CriterionViewSet,
    DescriptionCriterionViewSet,
)
from audits.api.controls import EngagementControlViewSet
from audits.api.library import ControlViewSet
from audits.api.objectives import ObjectiveViewSet, SystemViewSet
from audits.api.scope import CoverageViewSet, ScopeItemViewSet
from tenants.api.base import Router
from tenants.parts import parts_of

router = Router()
router.register("criteria", CriterionViewSet, basename="criterion")
router.register(
    "description-criteria", DescriptionCriterionViewSet, basename="description-criterion"
)
router.register("catalog-objectives", CatalogObjectiveViewSet, basename="catalog-objective")
router.register("systems", SystemViewSet, basename="system")
router.register("objectives", ObjectiveViewSet, basename="objective")
router.register("controls", ControlViewSet, basename="control")
router.register("scope-items", ScopeItemViewSet, basename="scope-item")
router.register("engagement-controls", EngagementControlViewSet, basename="engagement-control")

urlpatterns = [
    path(
        "engagements/<uuid:pk>/coverage/",
        CoverageViewSet.as_view({"get": "show"}),
        name="coverage",
    ),
    *router.urls,
    *(route for part in parts_of("audits.api.parts") for route in part.routes),
]
