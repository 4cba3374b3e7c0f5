"""Who may do what with deviations the client was told of, and with management's responses."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, ON_THE_ENGAGEMENT, Resource, Who
from tenants.permissions import P

READERS = Who(
    "the firm's team; of the client administrators, executives and the control's owner",
    lambda who, state: (
        who.holds(P.VIEW_FIRM_FILE) or who.holds(P.APPROVE_FOR_CLIENT) or who.part == "owner"
    ),
)
RESPONDERS = Who(
    "administrators and executives of the client, and the control's owner",
    lambda who, state: who.is_client and READERS.holds(who, state),
)

TOLD = (
    Resource("communicated_deviation", "Deviation the client was told of", READERS,
             note="The words stay as they were told.")
    .may("list", sees=EVERYBODY, page_sees=ON_THE_ENGAGEMENT, api="GET communicated-deviation-list",
         pages="audits:told_deviations", note="those in sight")
    .may("view", api="GET communicated-deviation-detail", pages="audits:told_deviation")
    .may("waive", P.COMMUNICATE_DEVIATION, api="POST communicated-deviation-waive",
         pages="audits:told_deviation_waive", label="Waive the response")
)  # fmt: skip

RESPONSE = (
    Resource("management_response", "Response of management", RESPONDERS,
             note="A draft is the client's alone until it is handed over.")
    .may("list", sees=EVERYBODY, api="GET management-response-list", note="those in sight")
    .may("view", api="GET management-response-detail")
    .may("write", P.RESPOND_TO_DEVIATION, sees=READERS, api="POST management-response-list",
         pages="audits:response_write")
    .may("hand over", P.RESPOND_TO_DEVIATION, api="POST management-response-hand-over",
         pages="audits:response_hand_over")
)  # fmt: skip

RESOURCES = [TOLD, RESPONSE]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
