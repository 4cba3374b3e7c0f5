"""Which role a directory gives: pure decisions."""

from __future__ import annotations

from collections.abc import Iterable

from tenants.choices import OrganizationKind, Role
from tenants.rules.invitations import rank

PLAIN = {OrganizationKind.FIRM: Role.STAFF, OrganizationKind.CLIENT: Role.CONTRIBUTOR}
"""What somebody in no group with a role is: what sees least."""


def role_of(kind: OrganizationKind | str, group_roles: Iterable[str]) -> Role:
    """The highest of the groups' roles, or the plain one of this kind of organization.

    Roles of equal rank: the first by name, so that the same groups give the same role.
    """
    roles = sorted({Role(role) for role in group_roles if role})
    if not roles:
        return PLAIN[OrganizationKind(kind)]
    return max(roles, key=rank)
