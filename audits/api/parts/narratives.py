"""Addresses of narratives: proposals, and the whole library as a document."""

from __future__ import annotations

from django.urls import path

from audits.api.narrative_documents import NarrativeDocumentViewSet
from audits.api.narratives import NarrativeProposalViewSet
from tenants.api.base import Router

router = Router()
router.register("narrative-proposals", NarrativeProposalViewSet, basename="narrative-proposal")

routes = [
    path(
        "controls/narratives/",
        NarrativeDocumentViewSet.as_view({"get": "export", "post": "bring_in"}),
        name="narratives",
    ),
    *router.urls,
]
