"""Addresses of populations, samples and their items."""

from __future__ import annotations

from audits.api.populations import PopulationViewSet
from audits.api.samples import SampleItemViewSet, SampleViewSet
from tenants.api.base import Router

router = Router()
router.register("populations", PopulationViewSet, basename="population")
router.register("samples", SampleViewSet, basename="sample")
router.register("sample-items", SampleItemViewSet, basename="sample-item")

routes = router.urls
