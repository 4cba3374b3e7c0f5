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
from tenants.models.signing_in import AddressChange, FailedTries, Session
from tenants.models.trail import (
    MissedLook,
    TrailCheckpoint,
    TrailEntry,
    TrailLeaf,
    TrailPlace,
    TrailPulse,
    TrailTree,
)

__all__ = [
    "AddressChange",
    "ApiToken",
    "Assignment",
    "Digest",
    "Engagement",
    "EngagementAccess",
    "FailedTries",
    "IdempotentAnswer",
    "Independence",
    "Invitation",
    "Membership",
    "MissedLook",
    "Notice",
    "Opening",
    "Organization",
    "OutboxEntry",
    "Relationship",
    "Schedule",
    "Session",
    "TrailCheckpoint",
    "TrailEntry",
    "TrailLeaf",
    "TrailPlace",
    "TrailPulse",
    "TrailTree",
    "User",
]
