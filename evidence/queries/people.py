"""Who is concerned by a request, and who holds a permission on its engagement."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models.functions import Now

from evidence.choices import Part
from evidence.models import EvidenceRequest, Handling, RequestPerson
from tenants.choices import CLIENT_ROLES, Role
from tenants.models import Assignment, EngagementAccess, User
from tenants.permissions import P


def holding(permission: P, engagement_id: UUID) -> list[UUID]:
    """Ids of the people who hold `permission` on the engagement now."""
    rows = EngagementAccess.objects.filter(
        content_object_id=engagement_id, permission__codename=permission, user__is_active=True
    )
    return list(rows.filter(since__lte=Now(), until__gt=Now()).values_list("user_id", flat=True))


def with_roles(engagement_id: UUID, *roles: Role) -> list[UUID]:
    """Ids of the people assigned to the engagement in one of these roles."""
    rows = Assignment.objects.filter(engagement_id=engagement_id, role__in=roles)
    return list(rows.values_list("person_id", flat=True))


def client_people(engagement_id: UUID) -> list[User]:
    """The client's people on the engagement, by name: who can own a request."""
    return list(
        User.objects.filter(
            assignments__engagement_id=engagement_id, assignments__role__in=CLIENT_ROLES
        ).order_by("name")
    )


def firm_people(engagement_id: UUID) -> list[User]:
    """The firm's people on the engagement, by name: who can look after a request."""
    return list(
        User.objects.filter(assignments__engagement_id=engagement_id)
        .exclude(assignments__engagement_id=engagement_id, assignments__role__in=CLIENT_ROLES)
        .order_by("name")
        .distinct()
    )


def answering(evidence_request: EvidenceRequest) -> list[UUID]:
    """Owner and contributors."""
    people = RequestPerson.objects.filter(
        evidence_request=evidence_request, part=Part.CONTRIBUTOR
    ).values_list("person_id", flat=True)
    owner = [evidence_request.owner_id] if evidence_request.owner_id else []
    return list(dict.fromkeys([*owner, *people]))


def reviewing(evidence_request: EvidenceRequest) -> list[UUID]:
    """The reviewer or assignee of the firm; without either, its seniors, else who may review."""
    handling = Handling.objects.filter(evidence_request=evidence_request).first()
    chosen = [
        person
        for person in (handling and handling.reviewer_id, handling and handling.assignee_id)
        if person
    ]
    if chosen:
        return list(dict.fromkeys(chosen))
    engagement_id = evidence_request.engagement_id
    return with_roles(engagement_id, Role.SENIOR) or holding(P.REVIEW_EVIDENCE, engagement_id)


def named_on(evidence_request: EvidenceRequest) -> list[UUID]:
    """Everybody a request names, for its `named` column."""
    people: Iterable[UUID | None] = RequestPerson.objects.filter(
        evidence_request=evidence_request
    ).values_list("person_id", flat=True)
    handling = Handling.objects.filter(evidence_request=evidence_request).first()
    everybody = [
        evidence_request.owner_id,
        evidence_request.created_by_id,
        *people,
        handling.assignee_id if handling else None,
        handling.reviewer_id if handling else None,
    ]
    return sorted({person for person in everybody if person})
