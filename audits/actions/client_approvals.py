"""Approving for the client what is examined, and its description."""

from __future__ import annotations

from django.db import transaction

from audits.approvals import APPROVABLES
from audits.models.client_approvals import ClientApproval
from audits.queries.client_approvals import ApprovalStanding, standing
from audits.rules.scope import refuse_closed
from tenants import trail
from tenants.choices import Role
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.lifecycle import locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import P, require

APPROVING = (Role.CLIENT_ADMIN, Role.EXECUTIVE)


def approve(engagement: Engagement, kind: str, *, seen: str, by: User) -> ClientApproval:
    """Approve what there is of a kind; `seen` is the hash of the content that was looked at.

    Raises PermissionDenied, Invalid for an unknown kind, NotVisible where nothing is to be
    approved, StaleVersion when it has changed since, Refused for one's own description (SO-08)
    and for what is approved as it is.
    """
    require(by, P.APPROVE_FOR_CLIENT, engagement)
    if kind not in APPROVABLES:
        raise Invalid("There is nothing of this kind to approve.", code="kind_unknown",
                      field="kind")  # fmt: skip
    with transaction.atomic():
        row = locked(engagement)
        refuse_closed(row.status)
        now = _standing(row, kind)
        if now.content_hash != seen:
            raise StaleVersion("This has changed since you looked at it; look again first.")
        if now.is_current:
            raise Refused("It is approved as it is.", code="approved_already")
        if own_words(row, now, by):
            raise Refused(
                "SO-08: you wrote this last. Ask another administrator or executive to approve "
                "it.", code="own_words",
            )  # fmt: skip
        approval = ClientApproval(
            engagement=row, subject_kind=kind, subject_id=now.subject.id, content=now.content,
            content_hash=now.content_hash, approved_by=by, role=_role(row, by),
        )  # fmt: skip
        approval.save(force_insert=True)
        trail.record("approved", approval, by=by, engagement_id=row.pk)
    return approval


def own_words(engagement: Engagement, now: ApprovalStanding, by: User) -> bool:
    """Whether `by` wrote last what somebody else could approve (SO-08)."""
    if now.subject.written_by != by.pk:
        return False
    others = Assignment.objects.filter(engagement=engagement, role__in=APPROVING)
    found: bool = others.exclude(person=by).exists()
    return found


def _standing(engagement: Engagement, kind: str) -> ApprovalStanding:
    for each in standing(engagement):
        if each.approvable.kind == kind:
            return each
    raise NotVisible("There is nothing of this kind to approve yet.")


def _role(engagement: Engagement, by: User) -> str:
    """The role at this time, which an approval keeps."""
    return str(Assignment.objects.get(engagement=engagement, person=by).role)
