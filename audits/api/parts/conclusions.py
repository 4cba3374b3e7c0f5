"""Addresses of conclusions."""

from __future__ import annotations

from audits.api.conclusions import (
    ControlConclusionViewSet,
    DependencyReviewViewSet,
    ScopeItemConclusionViewSet,
)
from tenants.api.base import Router

router = Router()
router.register("control-conclusions", ControlConclusionViewSet, basename="control-conclusion")
router.register(
    "scope-item-conclusions", ScopeItemConclusionViewSet, basename="scope-item-conclusion"
)
router.register("dependency-reviews", DependencyReviewViewSet, basename="dependency-review")

routes = router.urls
