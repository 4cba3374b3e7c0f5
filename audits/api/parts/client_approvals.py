"""Addresses of the client's approvals."""

from __future__ import annotations

from django.urls import path

from audits.api.client_approvals import ClientApprovalViewSet, ToApproveViewSet
from tenants.api.base import Router

router = Router()
router.register("client-approvals", ClientApprovalViewSet, basename="client-approval")

routes = [
    path(
        "engagements/<uuid:pk>/approvals/",
        ToApproveViewSet.as_view({"get": "show"}),
        name="to-approve",
    ),
    *router.urls,
]
