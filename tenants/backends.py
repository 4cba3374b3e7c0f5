"""Who may: one query on the access table for an engagement, the membership's role otherwise."""

from __future__ import annotations

from typing import Any

from guardian.backends import ObjectPermissionBackend

from tenants import acting
from tenants.choices import MembershipStatus
from tenants.models import Engagement, Membership, Organization
from tenants.permissions import ENGAGEMENT_GRANTS, P, carries
from tenants.visibility import live_access


class AccessBackend(ObjectPermissionBackend):
    """guardian's backend over our table, which knows the organization and the dates.

    Groups, permissions without an object and objects of other models are answered with no:
    deny is the default (ACC-3). A token narrows the answer to its scopes (ACC-14).
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether `user_obj`, acting in the present organization, holds `perm` on `obj` now."""
        if obj is None or not user_obj.is_active or not within_scopes(user_obj, perm):
            return False
        if isinstance(obj, Organization):
            return self._in_organization(user_obj, perm, obj)
        if not isinstance(obj, Engagement) or perm not in ENGAGEMENT_GRANTS:
            return False
        rows = live_access(user_obj).filter(content_object=obj, permission__codename=perm)
        return bool(rows.exists())

    def _in_organization(self, user: Any, perm: str, organization: Organization) -> bool:
        if acting.current().organization_id != organization.pk or perm not in set(P):
            return False
        role = (
            Membership.objects.filter(
                person=user, organization=organization, status=MembershipStatus.ACTIVE
            )
            .values_list("role", flat=True)
            .first()
        )
        return role is not None and carries(role, P(perm))


def within_scopes(user: Any, perm: str) -> bool:
    """Whether the token in use, if any, covers `perm`; an unscoped token covers all."""
    scopes = getattr(user, "token_scopes", ())
    return not scopes or perm in scopes
