"""Giving out the trail: each export is told in it, then made up to a signed checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.http import HttpResponse

from tenants import trail
from tenants.choices import OrganizationKind, TrailZone
from tenants.errors import Invalid, Refused
from tenants.models import Engagement, Organization, TrailCheckpoint, User
from tenants.permissions import P, require
from tenants.queries import trail as reading
from tenants.queries import trail_copies

KINDS = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}


def answer(engagement: Engagement, content: bytes, kind: str) -> HttpResponse:
    """An export as an attachment."""
    disposition = f'attachment; filename="trail-{engagement.pk}.{kind}"'
    return HttpResponse(
        content, content_type=KINDS[kind], headers={"Content-Disposition": disposition}
    )


@transaction.atomic
def note(
    engagement: Engagement, *, by: User, organization: Organization, kind: str,
    asked: Mapping[str, str],
) -> None:  # fmt: skip
    """Write down who takes what out. Raises PermissionDenied, Invalid for an unknown kind."""
    if kind not in KINDS:
        raise Invalid("as: choose from csv, jsonl.", code="kind_unknown", field="as")
    require(by, P.VIEW_TRAIL, engagement)
    firm = organization.kind == OrganizationKind.FIRM
    trail.record(
        "trail_exported", engagement, by=by, engagement_id=engagement.pk,
        zone=TrailZone.FIRM if firm else TrailZone.CLIENT,
        detail={"kind": kind, "asked": {name: text for name, text in asked.items() if text}},
    )  # fmt: skip


@transaction.atomic
def made(
    engagement: Engagement, checkpoint: TrailCheckpoint | None, *, by: User,
    organization: Organization, kind: str, asked: Mapping[str, str],
) -> bytes:  # fmt: skip
    """The export, whole: nothing of it is asked of the database afterwards (TEN-9).

    As JSON lines it ends at the checkpoint: whole when nothing is `asked`, else a selection with
    proofs. As CSV it holds all there is. Raises Refused without a checkpoint.
    """
    rows = reading.narrowed(reading.of_engagement(by, engagement), **asked)
    view = trail_copies.view_of(engagement, organization)
    if kind == "csv":
        lines = trail_copies.as_csv(engagement.pk, rows)
    elif checkpoint is None:
        raise Refused("Nothing of this trail is signed yet; that happens within the hour.",
                      code="no_checkpoint")  # fmt: skip
    elif any(asked.values()):
        lines = trail_copies.selection(checkpoint, rows, view)
    else:
        lines = trail_copies.whole(checkpoint, rows, view)
    return b"".join(lines)
