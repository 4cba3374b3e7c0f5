"""Who exists, who works on what, and the trail of what was done."""

from tenants.models.access import EngagementAccess, Opening
from tenants.models.engagements import Assignment, Engagement
from tenants.models.ethics import EthicsWall, TeamRole, WalledSide
from tenants.models.independence import Independence
from tenants.models.introductions import Introduction
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
from tenants.models.phases import PhaseReturn
from tenants.models.provisioning import (
    DirectoryGroup,
    DirectoryMember,
    DirectoryUser,
    ProvisioningToken,
)
from tenants.models.signing_in import AddressChange, FailedTries, Session
from tenants.models.single_sign_on import Identity, IdentityProvider, SpentAssertion
from tenants.models.support import Operator, SupportAccess
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
    "EthicsWall",
    "FailedTries",
    "IdempotentAnswer",
    "Identity",
    "IdentityProvider",
    "Independence",
    "Introduction",
    "Invitation",
    "Membership",
    "MissedLook",
    "Notice",
    "Opening",
    "Operator",
    "Organization",
    "OutboxEntry",
    "PhaseReturn",
    "ProvisioningToken",
    "Relationship",
    "Schedule",
    "Session",
    "SpentAssertion",
    "SupportAccess",
    "TeamRole",
    "TrailCheckpoint",
    "TrailEntry",
    "TrailLeaf",
    "TrailPlace",
    "TrailPulse",
    "TrailTree",
    "User",
    "WalledSide",
]
