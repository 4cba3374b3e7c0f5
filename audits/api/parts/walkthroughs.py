"""Addresses of walkthroughs."""

from __future__ import annotations

from audits.api.walkthroughs import WalkthroughViewSet
from tenants.api.base import Router

router = Router()
router.register("walkthroughs", WalkthroughViewSet, basename="walkthrough")

routes = router.urls
