"""Pages of narratives: the check while one writes, versions, approvals, proposals, documents."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import mapping_reasons, narrative_documents, narratives

routes: list[Any] = []
own_library = [
    path("check/", narratives.check, name="library_check"),
    path("narratives/", narratives.index, name="narratives"),
    path("narratives/import/", narrative_documents.bring_in, name="narratives_import"),
    path("narratives.md", narrative_documents.export, {"kind": "md"}, name="narratives_markdown"),
    path("narratives.docx", narrative_documents.export, {"kind": "docx"}, name="narratives_word"),
    path("proposals/<uuid:proposal>/", narratives.proposal, name="proposal"),
    path("proposals/<uuid:proposal>/take/", narratives.take, name="proposal_take"),
    path("proposals/<uuid:proposal>/refuse/", narratives.refuse, name="proposal_refuse"),
    path("<uuid:control>/narrative/", narratives.tell, name="library_narrative"),
    path("<uuid:control>/check/", narratives.check, name="library_check_one"),
    path("<uuid:control>/propose/", narratives.propose, name="library_propose"),
    path("<uuid:control>/approve/", narratives.approve, name="library_approve"),
    path("<uuid:control>/versions/", narratives.side_by_side, name="library_versions"),
]
of_an_engagement = [
    path("controls/reasons/", mapping_reasons.index, name="mapping_reasons"),
    path(
        "controls/library/<uuid:control>/versions/",
        narratives.side_by_side,
        name="client_control_versions",
    ),
]

PHRASES: Final = {
    "control.narrative_proposed": "proposed how {label} is told",
    "control.proposal_taken": "took a proposal for {label}",
    "control.proposal_refused": "did not take a proposal for {label}",
    "control.narrative_approved": "approved how {label} is told",
    "engagement.mappings_explained": "said why controls answer to what is examined",
    "organization.narratives_imported": "brought narratives in from a document",
    "organization.narratives_exported": "took the narratives out as a document",
}
ICONS: Final = {
    "control.narrative_proposed": "notes",
    "control.narrative_approved": "check",
}
