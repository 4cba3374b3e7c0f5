"""Whose token is presented: asked by each call of the API, so by one statement written once."""

from __future__ import annotations

from functools import cache

from django.db.models import Model

from tenants.choices import MembershipStatus
from tenants.models import ApiToken, Membership, Organization, User
from tenants.statements import columns, instance, planned

_PARTS: dict[str, type[Model]] = {"t": ApiToken, "m": Membership, "p": User, "o": Organization}


def live_token(presented: str) -> tuple[ApiToken, Membership] | None:
    """The token whose secret has this hash, and its person's membership (1 query).

    None for a token that is unknown, expired or revoked, and for one whose person is switched
    off or no member any more. Asked while that hash is presented (`Actor.presented`).
    """
    with planned() as cursor:
        cursor.execute(_statement(), [presented, MembershipStatus.ACTIVE])
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    token, membership, person, organization = (instance(model, values) for model in _PARTS.values())
    for held in (token, membership):
        held.person, held.organization = person, organization
    return token, membership


@cache
def _statement() -> str:
    wanted = ", ".join(columns(model, part) for part, model in _PARTS.items())
    return f"""select {wanted} from tenants_apitoken t
      join tenants_membership m using (person_id, organization_id)
      join tenants_user p on p.id = t.person_id
      join tenants_organization o on o.id = t.organization_id
      where t.secret_hash = %s and t.revoked_at is null and t.expires_at > now()
        and m.status = %s and p.is_active"""
