"""Addresses of populations from files."""

from __future__ import annotations

from evidence.api.populations import PopulationSourceViewSet
from tenants.api.base import Router

router = Router()
router.register("population-sources", PopulationSourceViewSet, basename="population-source")

routes = router.urls
