"""Addresses of the client's system and of what an engagement states of it."""

from __future__ import annotations

from audits.api.description import DescriptionPointViewSet
from audits.api.objective_bases import ObjectiveBasisViewSet
from audits.api.statements import ScopeStatementViewSet
from audits.api.subservices import SubserviceIndependenceViewSet, SubserviceViewSet
from audits.api.system_entries import SystemEntryViewSet
from tenants.api.base import Router

router = Router()
router.register("system-entries", SystemEntryViewSet, basename="system-entry")
router.register("scope-statements", ScopeStatementViewSet, basename="scope-statement")
router.register("subservices", SubserviceViewSet, basename="subservice")
router.register(
    "subservice-independence", SubserviceIndependenceViewSet, basename="subservice-independence"
)
router.register("objective-bases", ObjectiveBasisViewSet, basename="objective-basis")
router.register("description-points", DescriptionPointViewSet, basename="description-point")

routes = router.urls
