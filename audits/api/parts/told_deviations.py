"""Addresses of deviations the client was told of, and of responses."""

from __future__ import annotations

from audits.api.told_deviations import CommunicatedDeviationViewSet, ManagementResponseViewSet
from tenants.api.base import Router

router = Router()
router.register(
    "communicated-deviations", CommunicatedDeviationViewSet, basename="communicated-deviation"
)
router.register("management-responses", ManagementResponseViewSet, basename="management-response")

routes = router.urls
