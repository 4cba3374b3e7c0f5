"""A connected provider as the protocols want it, and the addresses of ours it is told."""

from __future__ import annotations

from django.conf import settings

from tenants.federation import openid_connect, saml
from tenants.models import IdentityProvider
from tenants.sealing import unseal


def client_of(provider: IdentityProvider) -> openid_connect.Client:
    """We, as an OpenID Connect provider knows us."""
    secret = unseal(provider.sealed_secret, place_of(provider))
    return openid_connect.Client(
        provider.issuer, provider.client_id, secret, address_of(provider, "callback")
    )


def service_of(provider: IdentityProvider) -> saml.Service:
    """We, as a SAML provider knows us."""
    return saml.Service(
        entity_id=address_of(provider, "metadata"), acs_url=address_of(provider, "acs"),
        issuer=provider.issuer, sso_url=provider.sso_url,
        certificates=tuple(certificates_of(provider)),
    )  # fmt: skip


def address_of(provider: IdentityProvider, part: str = "") -> str:
    """An address of ours that the provider is told; without `part`, where a sign-in begins."""
    start = f"{settings.SITE_ADDRESS}/sso/{provider.sign_in_name}/"
    return f"{start}{part}/" if part else start


def scim_address() -> str:
    """Where an organization's directory sends its people and groups; its key says whose."""
    return f"{settings.SITE_ADDRESS}/scim/v2"


def certificates_of(provider: IdentityProvider) -> list[str]:
    """The provider's certificates, each in PEM."""
    return blocks(provider.certificates)


def blocks(text: str) -> list[str]:
    """The certificates in a text, each with its end; a bare one as it is."""
    end = "-----END CERTIFICATE-----"
    if end not in text:
        return [text] if text.strip() else []
    return [(each + end).strip() for each in text.split(end) if each.strip()]


def place_of(provider: IdentityProvider) -> str:
    """What the provider's secret is sealed for: it opens in its own row alone (DAT-3)."""
    return f"identity_provider:{provider.pk}"
