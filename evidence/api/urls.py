"""The API's addresses of this app."""

from __future__ import annotations

from django.urls import path

from evidence.api import request_talk
from evidence.api.evidence_links import EvidenceLinkViewSet, FileVersionViewSet
from evidence.api.evidence_requests import EvidenceRequestViewSet
from evidence.api.imports import RequestImportViewSet
from evidence.api.packages import PackageViewSet
from evidence.api.request_exports import RequestExportViewSet
from evidence.api.uploads import UploadViewSet
from tenants.api.base import Router
from tenants.parts import parts_of

OF_A_REQUEST = "evidence-requests/<uuid:evidence_request>"

router = Router()
router.register("evidence-requests", EvidenceRequestViewSet, basename="evidence-request")
router.register(f"{OF_A_REQUEST}/files", UploadViewSet, basename="request-file")
router.register(f"{OF_A_REQUEST}/messages", request_talk.MessageViewSet, basename="request-message")
router.register(
    f"{OF_A_REQUEST}/firm-notes", request_talk.FirmNoteViewSet, basename="request-firm-note"
)
router.register(
    f"{OF_A_REQUEST}/submissions", request_talk.SubmissionViewSet, basename="request-submission"
)
router.register(f"{OF_A_REQUEST}/history", request_talk.HistoryViewSet, basename="request-history")
router.register("evidence-links", EvidenceLinkViewSet, basename="evidence-link")
router.register("file-versions", FileVersionViewSet, basename="file-version")
router.register("packages", PackageViewSet, basename="package")
router.register("request-imports", RequestImportViewSet, basename="request-import")

export = RequestExportViewSet.as_view({"get": "export"})

urlpatterns = [
    path("evidence-requests/export/", export, name="evidence-request-export"),
    *router.urls,
    *(route for part in parts_of("evidence.api.parts") for route in part.routes),
]
