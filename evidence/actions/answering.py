"""Whether the person acting is one of those who answer a request."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from evidence.choices import Part
from evidence.models import EvidenceRequest, RequestPerson
from evidence.rules.answering import may_submit
from tenants.models import User
from tenants.permissions import P
from tenants.visibility import reach


def answers(by: User, row: EvidenceRequest) -> bool:
    """Its owner, a contributor, or the client's administrator; a watcher only reads along.

    1 query for whoever is named without being the owner, else none.
    """
    held = reach(by).get(row.engagement_id, frozenset())
    if P.UPLOAD_EVIDENCE not in held:
        return False
    if may_submit(by.pk, row.owner_id, held):
        return True
    contributors = RequestPerson.objects.filter(evidence_request=row, part=Part.CONTRIBUTOR)
    return by.pk in row.named and contributors.filter(person=by).exists()


def require_answering(by: User, row: EvidenceRequest) -> None:
    """Raise PermissionDenied for anybody else."""
    if not answers(by, row):
        raise PermissionDenied("Only its owner, its contributors or the administrator answer it.")
