"""The requests of an engagement as a file that imports back unchanged."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema

from evidence.actions.request_bulk import note_export
from evidence.models import EvidenceRequest
from evidence.queries.request_facts import facts_of
from evidence.rules.file_names import content_disposition
from evidence.rules.request_list_export import write_csv, write_xlsx
from tenants.api.base import BaseViewSet, takes
from tenants.api.requests import Request
from tenants.errors import Invalid
from tenants.models import Engagement

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
KINDS = {"xlsx": XLSX, "csv": CSV}


class RequestExportViewSet(BaseViewSet):
    """The requests the caller sees, as a workbook or as CSV."""

    queryset = EvidenceRequest.objects.all()
    versioned = False

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """A download is what it is, whatever kinds the caller says it accepts."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(responses={(200, XLSX): OpenApiTypes.BINARY, (200, CSV): OpenApiTypes.BINARY})
    @takes(
        cost=10,
        parameters={
            "engagement": "The engagement whose requests to write.",
            "as": "xlsx (the default) or csv.",
        },
    )
    def export(self, request: Request) -> HttpResponse:
        """The engagement's requests as a file; imported again, it changes nothing."""
        kind = request.query_params.get("as", "xlsx")
        if kind not in KINDS:
            raise Invalid("as: choose from xlsx, csv.", code="kind_unknown", field="as")
        if not (asked := request.query_params.get("engagement")):
            raise Invalid("engagement: name one.", code="required", field="engagement")
        anchor: Engagement = Engagement.objects.find(request.user, asked)
        facts = facts_of(anchor, request.user)
        note_export(anchor, by=request.user, count=len(facts), kind=kind)
        title = f"{anchor.client.name} · {anchor.title}"
        with timezone.override(request.organization.zone):
            note = (
                f"{len(facts)} evidence requests, written {timezone.localtime():%Y-%m-%d %H:%M %Z}"
            )
        content = write_csv(facts) if kind == "csv" else write_xlsx(facts, title=title, note=note)
        response = HttpResponse(content, content_type=KINDS[kind])
        response["Content-Disposition"] = content_disposition(f"{anchor.title} requests.{kind}")
        return response
