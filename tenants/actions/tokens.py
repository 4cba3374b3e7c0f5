"""Keys for programs: made once, shown once, revoked at once (API-1, API-2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from tenants import trail
from tenants.errors import Invalid, Refused
from tenants.models import ApiToken, Membership, Organization, User
from tenants.permissions import P, require
from tenants.queries.second_factor import owes_factor
from tenants.queries.single_sign_on import is_linked
from tenants.secrets import TOKEN_PREFIX, new_secret

USUAL_DAYS = 90
MOST_DAYS = 365


def create(
    organization: Organization,
    *,
    name: str,
    by: User,
    days: int = USUAL_DAYS,
    scopes: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """A token that acts as `by` in `organization` for `days` days; returns it and its secret.

    The secret is shown this once. `scopes` are permissions; none means all the person has.
    Raises PermissionDenied, Invalid naming the field, Refused without the second factor asked for.
    """
    require(by, P.VIEW_ORGANIZATION, organization)
    if not name.strip():
        raise Invalid(
            "Name the program that will use the token.", code="name_required", field="name"
        )
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(
            f"A token lives 1 to {MOST_DAYS} days.", code="days_out_of_range", field="days"
        )
    if unknown := sorted(set(scopes) - set(P)):
        raise Invalid(f"“{unknown[0]}” is no permission.", code="scope_unknown", field="scopes")
    held = set(getattr(by, "token_scopes", ()))
    if held and (not scopes or not held.issuperset(scopes)):
        raise Invalid(
            "A token cannot make one that may do more than itself.",
            code="scope_above", field="scopes",
        )  # fmt: skip
    _require_factor(organization, by)
    secret = new_secret(TOKEN_PREFIX)
    token = ApiToken.objects.create(
        organization=organization, person=by, name=name.strip(), hint=secret.hint,
        secret_hash=secret.hash, scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    trail.record("token_made", token, by=by, organization_id=organization.pk)
    return token, secret.text


def _require_factor(organization: Organization, by: User) -> None:
    """A token opens without a second factor, so only who has the one asked for makes it (AUT-1).

    Whom the organization's own provider signs in proves it there.
    """
    place = Membership.objects.select_related("organization", "person").get(
        organization=organization, person=by
    )
    if owes_factor(place) and not is_linked(by, organization):
        raise Refused(
            f"{organization} asks for a second factor. Add one to your account first.",
            code="second_factor_owed",
        )


def revoke(token: ApiToken, *, by: User) -> None:
    """End one's own token at once; doing it twice changes nothing. Raises PermissionDenied."""
    require(by, P.VIEW_ORGANIZATION, token.organization)
    changed = ApiToken.objects.filter(pk=token.pk, person=by, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if changed:
        trail.record("token_revoked", token, by=by, organization_id=token.organization_id)
