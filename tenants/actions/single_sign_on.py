"""Setting an organization's identity provider up: connect, test, switch on, require (AUT-11)."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from tenants import outbound, trail
from tenants.choices import SignOnProtocol
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.federation import openid_connect, saml
from tenants.models import Identity, IdentityProvider, Organization, User
from tenants.permissions import P, require
from tenants.queries.connections import blocks, certificates_of, place_of
from tenants.sealing import seal

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
MOST_CERTIFICATES = 4


def connect_openid(
    organization: Organization, *, issuer: str, client_id: str, secret: str, by: User,
    version: int | None = None,
) -> IdentityProvider:  # fmt: skip
    """Connect an OpenID Connect provider, or change the one there is; no secret keeps the old one.

    Raises PermissionDenied, Invalid naming the field, StaleVersion.
    """
    require(by, P.MANAGE_ORGANIZATION, organization)
    issuer, client_id = issuer.strip(), client_id.strip()
    outbound.check_address(issuer, "issuer")
    if not client_id:
        raise Invalid("Write the client id.", code="client_id_required", field="client_id")
    known = _known(organization)
    kept = known.sealed_secret if known and known.protocol == SignOnProtocol.OIDC else ""
    if not secret and (not kept or known is None or known.issuer != issuer):
        raise Invalid(
            "Write the client secret that the provider shows.",
            code="secret_required", field="secret",
        )  # fmt: skip
    return _connected(
        organization, known, by, version, protocol=SignOnProtocol.OIDC, issuer=issuer,
        client_id=client_id, sso_url="", certificates="",
        sealed_secret=secret.strip() or kept,
    )  # fmt: skip


def connect_saml(
    organization: Organization, *, by: User, metadata: bytes = b"", issuer: str = "",
    sso_url: str = "", certificate: str = "", version: int | None = None,
) -> IdentityProvider:  # fmt: skip
    """Connect a SAML provider from its metadata file, or from the three values in it.

    Raises PermissionDenied, Invalid naming the field, StaleVersion.
    """
    require(by, P.MANAGE_ORGANIZATION, organization)
    if metadata:
        found = saml.described(metadata)
        issuer, sso_url, certificates = found.issuer, found.sso_url, found.certificates
    else:
        certificates = tuple(saml.pem(each) for each in blocks(certificate))
    issuer, sso_url = issuer.strip(), sso_url.strip()
    if not issuer or not certificates:
        raise Invalid(
            "Choose the provider's metadata file, or write entity id, address and certificate.",
            code="metadata_required", field="metadata",
        )  # fmt: skip
    outbound.check_address(sso_url, "sso_url")
    if len(certificates) > MOST_CERTIFICATES:
        raise Invalid("These are too many certificates.", code="metadata_unfit", field="metadata")
    if all(saml.good_until(each) <= timezone.now() for each in certificates):
        raise Invalid("The certificate has expired.", code="certificate_over", field="metadata")
    return _connected(
        organization, _known(organization), by, version, protocol=SignOnProtocol.SAML,
        issuer=issuer, sso_url=sso_url, certificates="\n".join(certificates), client_id="",
        sealed_secret="",
    )  # fmt: skip


def check(provider: IdentityProvider, *, by: User) -> None:
    """Ask the provider what it says of itself, without anybody signing in.

    Raises PermissionDenied, Invalid, Unreachable.
    """
    with transaction.atomic():
        require(by, P.MANAGE_ORGANIZATION, provider.organization)
    if provider.protocol == SignOnProtocol.OIDC:
        openid_connect.keys(provider.issuer, openid_connect.discover(provider.issuer))
    elif all(saml.good_until(each) <= timezone.now() for each in certificates_of(provider)):
        raise Invalid("The certificate has expired.", code="certificate_over", field="metadata")


def note_tested(provider: IdentityProvider, *, by: User) -> IdentityProvider:
    """Somebody signed in through it as it is set now. Raises PermissionDenied."""
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    with transaction.atomic():
        row = _locked(provider, None)
        row.tested_at = timezone.now()
        return _saved(row, "tested", by)


def switch_on(
    provider: IdentityProvider, *, by: User, version: int | None = None
) -> IdentityProvider:
    """Let people sign in through it. Raises PermissionDenied, Refused before a test."""
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    with transaction.atomic():
        row = _locked(provider, version)
        if row.tested_at is None:
            raise Refused(
                "Test the connection first: sign in through it once, then switch it on.",
                code="not_tested",
            )
        row.is_on = True
        return _saved(row, "switched_on", by)


def switch_off(
    provider: IdentityProvider, *, by: User, version: int | None = None
) -> IdentityProvider:
    """Let nobody sign in through it, and stop requiring it; who is signed in by it is out.

    Raises PermissionDenied.
    """
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    with transaction.atomic():
        row = _locked(provider, version)
        row.is_on = False
        _demand(row, None)
        _end_sessions(row)
        return _saved(row, "switched_off", by)


def demand(
    provider: IdentityProvider, *, by: User, second_factor: bool, version: int | None = None
) -> IdentityProvider:
    """Require it of everybody in the organization but `by`, who may break out with their factor.

    `second_factor`: whether `by` signed in with a passkey or a second factor of their own, so that
    they can again. Raises PermissionDenied, Refused.
    """
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    if not second_factor:
        raise Refused(
            "Sign in with your own passkey, or your password and second factor, then require it: "
            "you are the one who still gets in if the provider fails.",
            code="second_factor_needed",
        )
    with transaction.atomic():
        row = _locked(provider, version)
        if not row.is_on:
            raise Refused("Switch single sign-on on first.", code="not_on")
        _demand(row, by)
        return _saved(row, "required", by)


def release(
    provider: IdentityProvider, *, by: User, version: int | None = None
) -> IdentityProvider:
    """Let people use their own sign-in again. Raises PermissionDenied."""
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    with transaction.atomic():
        row = _locked(provider, version)
        _demand(row, None)
        return _saved(row, "released", by)


def disconnect(provider: IdentityProvider, *, by: User, version: int | None = None) -> None:
    """Forget the provider and everybody's links to it. Raises PermissionDenied."""
    require(by, P.MANAGE_ORGANIZATION, provider.organization)
    with transaction.atomic():
        row = _locked(provider, version)
        _demand(row, None)
        _end_sessions(row)
        trail.record("disconnected", row, by=by, organization_id=row.organization_id)
        row.delete()


def unlink(identity: Identity, *, by: User) -> None:
    """Let go of one's own link, or, as an administrator, of a member's. Raises PermissionDenied."""
    own = identity.person_id == by.pk
    require(by, P.VIEW_ORGANIZATION if own else P.MANAGE_PEOPLE, identity.organization)
    trail.record("unlinked", identity, by=by, organization_id=identity.organization_id)
    identity.delete()


def _known(organization: Organization) -> IdentityProvider | None:
    return IdentityProvider.objects.filter(organization=organization).first()


def _connected(
    organization: Organization, known: IdentityProvider | None, by: User, version: int | None,
    **values: Any,
) -> IdentityProvider:  # fmt: skip
    """Save what was checked. Another issuer or client is another provider: off until tested."""
    with transaction.atomic():
        row = _locked(known, version) if known else IdentityProvider(organization=organization)
        if not known:
            row.sign_in_name = _new_name(organization)
        secret = values.pop("sealed_secret")
        if secret and secret != row.sealed_secret:
            secret = seal(secret, place_of(row))
        values["sealed_secret"] = secret
        identifying = ("protocol", "issuer", "client_id", "sso_url")
        if any(getattr(row, name) != values[name] for name in identifying):
            row.tested_at, row.is_on = None, False
            if known:
                _demand(row, None)
                _end_sessions(row)
        for name, value in values.items():
            setattr(row, name, value)
        if known:
            return _saved(row, "changed", by)
        row.save(force_insert=True)
        trail.record("connected", row, by=by, organization_id=organization.pk)
    return row


def _locked(provider: IdentityProvider, version: int | None) -> IdentityProvider:
    row = (
        IdentityProvider.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=provider.pk)
    )
    if version is not None and version != row.version:
        raise StaleVersion("Somebody changed this since you opened it; look again first.")
    return row


def _saved(row: IdentityProvider, verb: str, by: User) -> IdentityProvider:
    row.version += 1
    row.save()
    trail.record(verb, row, by=by, organization_id=row.organization_id)
    return row


def _demand(row: IdentityProvider, breaks_out: User | None) -> None:
    """Require it of everybody but `breaks_out`; None: of nobody."""
    row.breaks_out = breaks_out
    row.organization.requires_single_sign_on = breaks_out is not None
    row.organization.save(update_fields=["requires_single_sign_on"])


def _end_sessions(row: IdentityProvider) -> None:
    """End what the provider began, at the next request of each."""
    row.organization.sign_on_epoch += 1
    row.organization.save(update_fields=["sign_on_epoch"])


def _new_name(organization: Organization) -> str:
    """A name nobody guesses from the organization's: asking for names finds none (AUT-3)."""
    tail = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{slugify(organization.name)[:40].strip('-') or 'team'}-{tail}"
