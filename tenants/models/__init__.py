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
from tenants.models.provisioning import (
    DirectoryGroup,
    DirectoryMember,
    DirectoryUser,
    ProvisioningToken,
)
from tenants.models.signing_in import AddressChange, FailedTries, Session
from tenants.models.single_sign_on import Identity, IdentityProvider, SpentAssertion
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
    "DirectoryGroup",
    "DirectoryMember",
    "DirectoryUser",
    "Engagement",
    "EngagementAccess",
    "FailedTries",
    "IdempotentAnswer",
    "Identity",
    "IdentityProvider",
    "Independence",
    "Invitation",
    "Membership",
    "MissedLook",
    "Notice",
    "Opening",
    "Organization",
    "OutboxEntry",
    "ProvisioningToken",
    "Relationship",
    "Schedule",
    "Session",
    "SpentAssertion",
    "TrailCheckpoint",
    "TrailEntry",
    "TrailLeaf",
    "TrailPlace",
    "TrailPulse",
    "TrailTree",
    "User",
]
