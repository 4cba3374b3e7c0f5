"""Pages of the client's approvals."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import client_approvals

routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("approvals/", client_approvals.index, name="approvals"),
    path("approvals/approve/", client_approvals.approve, name="approve"),
]

PHRASES: Final = {"clientapproval.approved": "approved for the client: {label}"}
ICONS: Final = {"clientapproval.approved": "check"}
