"""Pages of documents."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import documents

ONE: Final = "documents/versions/<uuid:document_version>"
routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("documents/", documents.index, name="documents"),
    path(f"{ONE}/", documents.version, name="document_version"),
    path(f"{ONE}/hand-over/", documents.hand_over, name="document_hand_over"),
    path(f"{ONE}/sign/", documents.sign, name="document_sign"),
    path("documents/<slug:document_kind>/", documents.document, name="document"),
    path("documents/<slug:document_kind>/write/", documents.write, name="document_write"),
]

PHRASES: Final = {
    "documentversion.drafted": "drafted {label}",
    "documentversion.made_final": "made {label} final",
    "documentversion.handed_over": "handed over {label}",
    "documentversion.signed": "signed {label}",
    "documentversion.signature_refused": "refused to sign {label}",
}
ICONS: Final = {
    "documentversion.signed": "writing", "documentversion.signature_refused": "hand-stop",
    "documentversion.made_final": "file-certificate",
}  # fmt: skip
