"""Addresses of changes of scope."""

from __future__ import annotations

from audits.api.scope_changes import ScopeChangeViewSet, ScopeProposalViewSet
from tenants.api.base import Router

router = Router()
router.register("scope-changes", ScopeChangeViewSet, basename="scope-change")
router.register("scope-proposals", ScopeProposalViewSet, basename="scope-proposal")

routes = router.urls
