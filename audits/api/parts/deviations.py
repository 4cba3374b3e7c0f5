"""Addresses of deviations."""

from __future__ import annotations

from audits.api.deviations import DeviationViewSet
from tenants.api.base import Router

router = Router()
router.register("deviations", DeviationViewSet, basename="deviation")

routes = router.urls
