"""The narratives of one's own library as Markdown or DOCX, out and in."""

from __future__ import annotations

from typing import IO, Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.response import Response

from audits.actions import narrative_documents
from audits.actions.narrative_documents import KINDS
from audits.models import Control
from audits.rules.delimited import MOST_BYTES
from tenants.api.base import BaseViewSet, takes
from tenants.api.requests import Request
from tenants.permissions import P


class MarkdownParser(BaseParser):
    """Reads a Markdown body as bytes, one more than is taken at most."""

    media_type = "text/markdown"

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        """The body as it came, in bytes."""
        return stream.read(MOST_BYTES + 1)


class WordParser(MarkdownParser):
    """Reads a DOCX body as bytes; it is opened by the guarded reader alone."""

    media_type = KINDS["docx"]


class NarrativeChangeShape(serializers.Serializer[Any]):
    """What a document does to one control; line: of its heading."""

    line = serializers.IntegerField()
    ref = serializers.CharField()
    outcome = serializers.ChoiceField(["update", "unchanged", "error"])
    problem = serializers.CharField()


class BroughtInShape(serializers.Serializer[Any]):
    """What a document did, or with `dry_run` would do."""

    dry_run = serializers.BooleanField()
    changes = NarrativeChangeShape(many=True)


class NarrativeDocumentViewSet(BaseViewSet):
    """All narratives of one's own library as one document that a person edits."""

    queryset = Control.objects.all()
    versioned = False
    parser_classes = (MarkdownParser, WordParser)

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever kinds the caller says it accepts."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(responses={(200, kind): OpenApiTypes.BINARY for kind in KINDS.values()})
    @takes(
        cost=10, permission=str(P.PROPOSE_NARRATIVE),
        parameters={"as": "md (the default) or docx."},
    )  # fmt: skip
    def export(self, request: Request) -> HttpResponse:
        """Every control that runs, with its narrative; brought in again, it changes nothing."""
        kind = request.query_params.get("as", "md")
        content = narrative_documents.export(request.organization, kind, by=request.user)
        return HttpResponse(
            content, content_type=KINDS[kind],
            headers={"Content-Disposition": f'attachment; filename="narratives.{kind}"'},
        )  # fmt: skip

    @takes(
        None, answers=BroughtInShape, permission=str(P.EDIT_LIBRARY), cost=10,
        parameters={"dry_run": "`true` says what would happen and writes nothing."},
    )  # fmt: skip
    def bring_in(self, request: Request) -> Response:
        """Make each narrative told otherwise the next version of its control: all or nothing."""
        dry = request.query_params.get("dry_run") == "true"
        act = narrative_documents.preview if dry else narrative_documents.bring_in
        is_word = str(request.content_type).startswith(KINDS["docx"])
        content: Any = request.data or b""  # by the parsers above, which no empty body reaches
        name = "narratives.docx" if is_word else "narratives.md"
        changes = act(request.organization, content, name, by=request.user)
        return self.answer({"dry_run": dry, "changes": changes})
