"""Addresses of documents."""

from __future__ import annotations

from audits.api.documents import (
    DocumentSignatureViewSet,
    DocumentVersionViewSet,
    DocumentViewSet,
)
from tenants.api.base import Router

router = Router()
router.register("documents", DocumentViewSet, basename="document")
router.register("document-versions", DocumentVersionViewSet, basename="document-version")
router.register("document-signatures", DocumentSignatureViewSet, basename="document-signature")

routes = router.urls
