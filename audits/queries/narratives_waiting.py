"""Narratives that wait for somebody: proposals to decide, versions to approve."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from audits.choices.narratives import ProposalStatus
from audits.models import Control, Narrative
from audits.models.narratives import NarrativeApproval, NarrativeProposal
from tenants import acting
from tenants.choices import MembershipStatus
from tenants.models import Membership, User
from tenants.permissions import P, carries
from tenants.queries.waiting import SHOWN, WaitingGroup, WaitingItem


def proposals(user: User) -> list[WaitingGroup]:
    """For those who keep the library: narratives that somebody proposed (2 queries)."""
    if not _holds(user, P.EDIT_LIBRARY):
        return []
    rows = NarrativeProposal.objects.visible_to(user).filter(status=ProposalStatus.PROPOSED)
    found = list(rows.select_related("control", "proposed_by").order_by("proposed_at"))
    items = [
        WaitingItem(
            f"{row.proposed_by.name} proposes how {row.control.ref} is told",
            reverse("audits:proposal", args=[row.pk]), note=row.control.title,
        )
        for row in found
    ]  # fmt: skip
    if not items:
        return []
    url = reverse("audits:narratives")
    return [
        WaitingGroup("Proposed narratives", "Narratives to decide", items[:SHOWN], len(items),
                     url=url, icon="notes")
    ]  # fmt: skip


def approvals(user: User) -> list[WaitingGroup]:
    """For those who may approve: how many narratives somebody else wrote (2 queries)."""
    if not _holds(user, P.APPROVE_NARRATIVE):
        return []
    count = _unapproved(user).count()
    if not count:
        return []
    url = reverse("audits:narratives")
    said = "1 narrative waits" if count == 1 else f"{count} narratives wait"
    item = WaitingItem(f"{said} for a second person", url, note="Read each, and approve it")
    return [
        WaitingGroup("Narratives without approval", "Narratives to approve", [item], count,
                     url=url, icon="notes")
    ]  # fmt: skip


def _unapproved(user: User) -> QuerySet[Narrative]:
    """The newest versions of controls that run, written by others and approved by nobody."""
    newer = Narrative.objects.filter(control=OuterRef("control"), number__gt=OuterRef("number"))
    approved = NarrativeApproval.objects.filter(narrative=OuterRef("pk"))
    mine = Control.objects.filter(client=acting.current().organization_id, retired_on=None)
    rows: QuerySet[Narrative] = Narrative.objects.visible_to(user).filter(control__in=mine)
    return rows.exclude(written_by=user).filter(~Exists(newer), ~Exists(approved))


def _holds(user: User, permission: P) -> bool:
    organization = acting.current().organization_id
    if organization is None:
        return False
    rows = Membership.objects.filter(
        organization_id=organization, person=user, status=MembershipStatus.ACTIVE
    )
    role = rows.values_list("role", flat=True).first()
    return role is not None and carries(role, permission)
