"""Addresses of the opinion."""

from __future__ import annotations

from audits.api.opinions import ModificationViewSet, OpinionViewSet
from tenants.api.base import Router

router = Router()
router.register("opinions", OpinionViewSet, basename="opinion")
router.register("modifications", ModificationViewSet, basename="modification")

routes = router.urls
