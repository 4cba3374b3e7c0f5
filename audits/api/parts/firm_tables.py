"""Addresses of the firm's tables."""

from __future__ import annotations

from audits.api.firm_tables import FirmTableViewSet
from tenants.api.base import Router

router = Router()
router.register("firm-tables", FirmTableViewSet, basename="firm-table")

routes = router.urls
