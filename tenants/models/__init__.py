"""Who exists, who works on what, and the trail of what was done."""

from tenants.models.engagements import Assignment, Engagement, EngagementAccess, Opening
from tenants.models.independence import Independence
from tenants.models.notices import Digest, Notice
from tenants.models.outbox import IdempotentAnswer, OutboxEntry, Schedule
from tenants.models.people import (
    ApiToken,
    Invitation,
    Membership,
    Organization,
    Relationship,
    User,
)
from tenants.models.trail import TrailEntry

__all__ = [
    "ApiToken",
    "Assignment",
    "Digest",
    "Engagement",
    "EngagementAccess",
    "IdempotentAnswer",
    "Independence",
    "Invitation",
    "Membership",
    "Notice",
    "Opening",
    "Organization",
    "OutboxEntry",
    "Relationship",
    "Schedule",
    "TrailEntry",
    "User",
]
