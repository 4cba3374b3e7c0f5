"""Addresses of testing."""

from __future__ import annotations

from audits.api.control_plans import ControlPlanViewSet, IpeCheckViewSet
from audits.api.control_tests import ControlTestViewSet
from tenants.api.base import Router

router = Router()
router.register("control-plans", ControlPlanViewSet, basename="control-plan")
router.register("control-tests", ControlTestViewSet, basename="control-test")
router.register("ipe-checks", IpeCheckViewSet, basename="ipe-check")

routes = router.urls
