"""Who may do what with the client's approvals."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, ON_THE_ENGAGEMENT, Resource
from tenants.permissions import P

CLIENT_APPROVAL = (
    Resource("client_approval", "Approval by the client", ON_THE_ENGAGEMENT,
             note="It holds for the content it was given to.")
    .may("list", sees=EVERYBODY, api="GET client-approval-list", note="those in sight")
    .may("view", api="GET client-approval-detail")
    .may("view what is to be approved", api="GET to-approve", pages="audits:approvals")
    .may("approve", P.APPROVE_FOR_CLIENT, api="POST client-approval-list", pages="audits:approve",
         note="not the description one wrote last oneself")
)  # fmt: skip

RESOURCES = [CLIENT_APPROVAL]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
