"""Documents in the generated tests: a final one of the client with a signature, and a draft."""

from __future__ import annotations

from typing import Any

from audits.actions import documents
from audits.models.documents import DocumentVersion
from tests.access.scenes import acts

KIND = "assertion"
SHOWN = "id version engagement document kind side number text sha256 stage criteria_cited"
FIELDS_TXT = f"""
shown both audits.api.documents.DocumentSerializer: id version engagement kind side
shown both audits.api.documents.DocumentSignatureSerializer: id version engagement document_version word reason side signer role dated_on content_hash signed_at
shown both audits.api.documents.DocumentVersionSerializer: {SHOWN} made_by made_at handed_over_by handed_over_at
sent both audits.api.documents.DocumentVersionBody: engagement kind text final
sent both audits.api.documents.SignatureBody: dated_on refused reason
form both audits.portal.documents.DocumentForm: text final
form both audits.portal.documents.SignatureForm: dated_on refused reason
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {"document_version": "audits.DocumentVersion"}
FILTERED = {
    "document": "audits.Document",
    "document_version": "audits.DocumentVersion",
}
WORDS = {"document_kind": (KIND,)}


def play(world: Any) -> dict[str, Any]:
    """A signed assertion, and a description that is not handed over."""
    with acts(world.client, world.client_organization):
        final = documents.write(world.engagement, KIND, "We assert it.", final=True,
                                by=world.client)  # fmt: skip
        draft = documents.write(world.engagement, "description", "A draft.", by=world.client)
    with acts(world.executive, world.client_organization):
        held = _held(final.pk)
        signature = documents.sign(held, by=world.executive)
    return {
        "audits.DocumentVersion": final.pk, "audits.Document": final.document_id,
        "audits.DocumentSignature": signature.pk, "draft version": draft.pk,
    }  # fmt: skip


def furnish(world: Any, word: str) -> None:
    """Words of the client for both sides; a letter of the firm that it has not handed over."""
    with acts(world.client, world.client_organization):
        documents.write(world.engagement, KIND, word, final=True, by=world.client)
    with acts(world.partner, world.firm):
        documents.write(world.engagement, "engagement_letter", f"{word}-firm", by=world.partner)


def _held(key: Any) -> Any:
    return DocumentVersion.objects.select_related("engagement__client", "document").get(pk=key)


def _on_the_final_one(world: Any) -> dict[str, Any]:
    from tests.probe.planting import owner

    query = """SELECT id, sha256 FROM audits_documentversion
        WHERE engagement_id = %s AND stage = 'final' LIMIT 1"""
    ((key, sha256),) = owner(query, world.engagement.pk)
    return {
        "document_version_id": key, "content_hash": sha256, "side": "client", "role": "executive",
    }  # fmt: skip


PARTICULAR = {"audits_documentsignature": _on_the_final_one}
LABELS = {
    "document_version.hand_over": {"pk": "draft version", "document_version": "draft version"},
}
FIELDS = {
    "document_version": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "kind": KIND, "text": "We assert it again.",
        "final": False, "refused": False, "reason": "", "dated_on": "2026-11-20", "version": "1",
    },
}  # fmt: skip
