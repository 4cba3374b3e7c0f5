"""Of whom an organization's policy asks a second factor."""

from __future__ import annotations

from tenants.choices import OrganizationKind, Role, SecondFactor
from tenants.permissions import ORGANIZATION_GRANTS, P


def requires(policy: SecondFactor | str, role: Role | str) -> bool:
    """Whether `policy` asks somebody of this role; administrators are those who manage people."""
    if policy == SecondFactor.EVERYBODY:
        return True
    return policy == SecondFactor.ADMINISTRATORS and role in ORGANIZATION_GRANTS[P.MANAGE_PEOPLE]


def usual(kind: OrganizationKind | str) -> SecondFactor:
    """The policy a new organization starts with: a firm asks everybody, a client its
    administrators (AUT-1)."""
    firm = kind == OrganizationKind.FIRM
    return SecondFactor.EVERYBODY if firm else SecondFactor.ADMINISTRATORS
