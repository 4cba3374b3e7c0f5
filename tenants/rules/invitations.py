"""Who may invite whom: pure decisions."""

from __future__ import annotations

from datetime import datetime, timedelta

from tenants.choices import ROLES_OF, InvitationStatus, OrganizationKind, Role

LASTS = timedelta(days=7)
"""How long an invitation is good (AUT-8)."""

_RANK = {
    Role.PARTNER: 5, Role.FIRM_ADMIN: 5, Role.QUALITY_REVIEWER: 5, Role.MANAGER: 4,
    Role.SENIOR: 3, Role.STAFF: 2, Role.SPECIALIST: 2,
    Role.CLIENT_ADMIN: 5, Role.EXECUTIVE: 5, Role.CONTROL_OWNER: 3, Role.CONTRIBUTOR: 2,
}  # fmt: skip


def rank(role: Role | str) -> int:
    """How high a role stands; 5 is the highest."""
    return _RANK[Role(role)]


def may_grant(own: Role | str, wanted: Role | str) -> bool:
    """Nobody grants a role above their own (ACC-15); roles of equal rank are for administrators."""
    return rank(own) >= rank(wanted)


def fits(kind: OrganizationKind | str, role: Role | str) -> bool:
    """Whether an organization of this kind has this role."""
    return role in ROLES_OF[OrganizationKind(kind)]


def refusal(status: str, expires_at: datetime, now: datetime) -> str:
    """Why an invitation can no longer be used; empty when it can."""
    if status == InvitationStatus.ACCEPTED:
        return "This invitation was used already. Sign in instead."
    if status == InvitationStatus.REVOKED:
        return "This invitation was withdrawn. Ask for a new one."
    if now >= expires_at:
        return "This invitation has expired. Ask for a new one."
    return ""
