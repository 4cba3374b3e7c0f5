"""Documents that both sides exchange: versions, handing over, signatures."""

from __future__ import annotations

from typing import Any

from django_filters import BooleanFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from audits.actions import documents
from audits.choices.documents import DocumentKind, SignatureWord
from audits.models.documents import Document, DocumentSignature, DocumentVersion
from audits.rules.documents import LONGEST
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown, VisibleField
from tenants.api.filters import Filters
from tenants.api.requests import Request
from tenants.models import Engagement
from tenants.permissions import P


class DocumentSerializer(Shown):
    """One document of an engagement; its words are versions."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)

    class Meta:
        model = Document
        fields = ("id", "version", "engagement", "kind", "side")


class DocumentFilters(Filters):
    """Which documents to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    kind = ChoiceFilter(choices=DocumentKind.choices)


class DocumentViewSet(VisibleViewSet):
    """Documents of the engagements the caller works on."""

    queryset = Document.objects.select_related("engagement")
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilters
    orderings = {"kind": "kind"}


class DocumentVersionSerializer(Shown):
    """The words of a document at a time; they never change."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    document = serializers.UUIDField(source="document_id", read_only=True)
    kind = serializers.CharField(source="document.kind", read_only=True)
    criteria_cited = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = DocumentVersion
        fields = (
            "id", "version", "engagement", "document", "kind", "side", "number", "text", "sha256",
            "stage", "criteria_cited", "made_by", "made_at", "handed_over_by", "handed_over_at",
        )  # fmt: skip


class DocumentVersionBody(Body):
    """New words of a document; `final` hands them over, to be signed."""

    engagement = VisibleField(Engagement.objects.all())
    kind = serializers.ChoiceField(DocumentKind.choices)
    text = serializers.CharField(max_length=LONGEST)
    final = serializers.BooleanField(required=False, default=False)


class SignatureBody(Body):
    """A word on a final version: signed as of a day, or refused with the reason (OP-03)."""

    dated_on = serializers.DateField(required=False, help_text="By default the client’s today.")
    refused = serializers.BooleanField(required=False, default=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=documents.REASON)


class DocumentVersionFilters(Filters):
    """Which versions to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    document = UUIDFilter(field_name="document_id")
    kind = ChoiceFilter(field_name="document__kind", choices=DocumentKind.choices)
    handed_over = BooleanFilter(field_name="handed_over_at", lookup_expr="isnull", exclude=True)


class DocumentVersionViewSet(VisibleViewSet):
    """Versions of documents: those handed over, and those of one's own side."""

    queryset = DocumentVersion.objects.select_related("engagement__client", "document")
    serializer_class = DocumentVersionSerializer
    filterset_class = DocumentVersionFilters
    orderings = {"made_at": "made_at", "number": "number"}

    @takes(DocumentVersionBody, permission="by the side whose document it is")
    def create(self, request: Request) -> Response:
        """Write a version; the other side reads it once it is handed over."""
        given = self.body()
        row = documents.write(
            given["engagement"], given["kind"], given["text"], final=given["final"],
            by=request.user,
        )  # fmt: skip
        return self.created(row)

    @takes(moves=True, permission="by the side whose document it is")
    @action(detail=True, methods=["post"], url_path="hand-over", url_name="hand-over")
    def hand_over(self, request: Request, pk: Any) -> Response:
        """Let the other side read a draft."""
        row, seen = self.get_object(), self.version(required=False)
        return self.reply(documents.hand_over(row, by=request.user, seen=seen))

    @takes(SignatureBody, permission=str(P.SIGN_FOR_CLIENT))
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: Any) -> Response:
        """Sign the newest final version, or refuse to."""
        row, given = self.get_object(), self.body()
        documents.sign(row, by=request.user, **given)
        return self.reply(row)


class DocumentSignatureSerializer(Shown):
    """A person's word on a final version."""

    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    document_version = serializers.UUIDField(source="document_version_id", read_only=True)

    class Meta:
        model = DocumentSignature
        fields = (
            "id", "version", "engagement", "document_version", "word", "reason", "side", "signer",
            "role", "dated_on", "content_hash", "signed_at",
        )  # fmt: skip


class DocumentSignatureFilters(Filters):
    """Which signatures to list."""

    engagement = UUIDFilter(field_name="engagement_id")
    document_version = UUIDFilter(field_name="document_version_id")
    word = ChoiceFilter(choices=SignatureWord.choices)


class DocumentSignatureViewSet(VisibleViewSet):
    """Signatures and refusals on documents, of the engagements the caller works on."""

    queryset = DocumentSignature.objects.select_related("engagement")
    serializer_class = DocumentSignatureSerializer
    filterset_class = DocumentSignatureFilters
    orderings = {"signed_at": "signed_at"}
