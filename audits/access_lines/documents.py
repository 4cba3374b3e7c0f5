"""Who may do what with documents: their versions, and signatures on them."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, ON_THE_ENGAGEMENT, Resource, Who
from tenants.permissions import P

CLIENT_TEAM = Who.carrying(P.VIEW_CLIENT_FILE, "the client's people on the engagement")

DOCUMENT = (
    Resource("document", "Document", ON_THE_ENGAGEMENT,
             note="The engagement letter is the firm's; description, assertion and representation "
                  "letter are the client's.")
    .may("list", sees=EVERYBODY, api="GET document-list", note="those in sight")
    .may("view", api="GET document-detail", pages="audits:documents, audits:document")
)  # fmt: skip

DOCUMENT_VERSION = (
    Resource("document_version", "Version of a document", ON_THE_ENGAGEMENT,
             note="What a side has not handed over is that side's alone. The firm's leaders write "
                  "the engagement letter, and the partner makes it final.")
    .may("list", sees=EVERYBODY, api="GET document-version-list", note="those in sight")
    .may("view", api="GET document-version-detail", pages="audits:document_version")
    .may("write", P.PROPOSE_DOCUMENT, api="POST document-version-list",
         pages="audits:document_write", note="a client's document; final by its administrator")
    .may("hand over", P.WRITE_DOCUMENT, sees=CLIENT_TEAM, api="POST document-version-hand-over",
         pages="audits:document_hand_over", note="a draft of a client's document")
    .may("sign", P.SIGN_FOR_CLIENT, api="POST document-version-sign",
         pages="audits:document_sign", note="or refuse; the engagement letter by the partner too")
)  # fmt: skip

DOCUMENT_SIGNATURE = (
    Resource("document_signature", "Signature on a document", ON_THE_ENGAGEMENT)
    .may("list", sees=EVERYBODY, api="GET document-signature-list", note="those in sight")
    .may("view", api="GET document-signature-detail")
)  # fmt: skip

RESOURCES = [DOCUMENT, DOCUMENT_VERSION, DOCUMENT_SIGNATURE]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
