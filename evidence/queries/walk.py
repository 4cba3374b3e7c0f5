"""What was handed over for controls, and which controls a file carries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from django.urls import reverse

from audits.models import EngagementControl
from audits.queries.walk import Piece, Source
from evidence.models import EvidenceLink, EvidenceRequest
from evidence.models.evidence_requests import RequestControl
from evidence.models.populations import PopulationSource
from tenants.models import Engagement, User


def of_controls(
    engagement: Engagement, person: User, controls: Collection[UUID]
) -> dict[UUID, list[Source]]:
    """Control → the requests for it with the files handed over, by reference: three queries."""
    rows = EvidenceRequest.objects.visible_to(person).filter(engagement=engagement)
    requests = {
        row.pk: row for row in rows.filter(controls__in=controls).distinct().order_by("ref")
    }
    links = EvidenceLink.objects.visible_to(person).filter(
        evidence_request__in=requests, handed_over_at__isnull=False, file_version__erased_at=None
    )
    pieces: dict[UUID, list[Piece]] = defaultdict(list)
    for link in links.select_related("file_version").order_by("added_at"):
        pieces[link.evidence_request_id].append(_piece(engagement, link))
    asked = RequestControl.objects.filter(evidence_request__in=requests, control__in=controls)
    found: dict[UUID, list[Source]] = defaultdict(list)
    for key, control in asked.order_by("evidence_request__ref").values_list(
        "evidence_request", "control"
    ):
        row = requests[key]
        source = Source(
            row.ref, row.title, row.get_status_display(), row.get_absolute_url(),
            tuple(pieces[key]),
        )  # fmt: skip
        found[control].append(source)
    return found


def controls_of(link: EvidenceLink, person: User) -> list[EngagementControl]:
    """The controls a file is evidence for: by its request, and by populations read from it."""
    asked = RequestControl.objects.filter(evidence_request=link.evidence_request_id)
    read = PopulationSource.objects.visible_to(person).filter(link=link)
    keys = {
        *asked.values_list("control", flat=True),
        *read.values_list("population__test__control", flat=True),
    }
    return list(EngagementControl.objects.visible_to(person).filter(pk__in=keys).order_by("ref"))


def _piece(engagement: Engagement, link: EvidenceLink) -> Piece:
    version = link.file_version
    url = reverse("evidence:file_carries", args=[engagement.pk, link.evidence_request_id, link.pk])
    return Piece(version.name, version.sha256, url)
