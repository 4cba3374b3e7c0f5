"""OpenID Connect: code flow with PKCE, and an ID token checked to the last claim (AUT-11)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt

from tenants import outbound
from tenants.errors import Invalid
from tenants.federation.claims import SKEW_SECONDS, Claims, unbelievable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA")  # fmt: skip
"""Signatures by a private key of the provider; "none" and shared secrets are no proof."""
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
WELL_KNOWN = "/.well-known/openid-configuration"
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Client:
    """We, as the provider knows us."""

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one sign-in keeps in the session until its answer comes."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def fresh(cls) -> Attempt:
        """Three secrets of 256 bits."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))


def discover(issuer: str) -> dict[str, Any]:
    """The provider's own description. Raises Invalid when it speaks for another issuer."""
    found = outbound.get_json(issuer.rstrip("/") + WELL_KNOWN)
    if found.get("issuer") != issuer:
        raise Invalid(
            f"The server calls itself “{found.get('issuer')}”; write the issuer exactly so.",
            code="issuer_differs", field="issuer",
        )  # fmt: skip
    for name in NEEDED:
        outbound.check_address(str(found.get(name, "")), field="issuer")
    return found


def keys(issuer: str, description: dict[str, Any]) -> list[jwt.PyJWK]:
    """The provider's public keys for signing. Raises Invalid when there is none to use."""
    found = outbound.get_json(description["jwks_uri"])
    usable = []
    for each in found.get("keys", []):
        if each.get("use", "sig") != "sig" or each.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        try:
            usable.append(jwt.PyJWK.from_dict(each))
        except jwt.PyJWTError:
            continue
    if not usable:
        raise Invalid(f"{issuer} publishes no key to check signatures with.", code="no_keys")
    return usable


def address(client: Client, attempt: Attempt) -> str:
    """Where the person goes to sign in."""
    challenge = hashlib.sha256(attempt.verifier.encode()).digest()
    description = discover(client.issuer)
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid profile email",
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    start = str(description["authorization_endpoint"])
    return f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}"


def redeem(client: Client, attempt: Attempt, code: str) -> Claims:
    """Exchange the code and check the ID token. Raises SignInRefused, Invalid, Unreachable."""
    description = discover(client.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    methods = description.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in methods:
        basic = (client.client_id, client.secret)
        answer = outbound.post_form(description["token_endpoint"], form, basic)
    else:
        form |= {"client_id": client.client_id, "client_secret": client.secret}
        answer = outbound.post_form(description["token_endpoint"], form)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise unbelievable("it brought no ID token.", "id_token_missing")
    values = verified(token, client, attempt.nonce, keys(client.issuer, description))
    return Claims(
        issuer=client.issuer,
        subject=values["sub"],
        once=f"code {code}",
        until=datetime.fromtimestamp(values["exp"] + SKEW_SECONDS, UTC),
        email=_text(values.get("email")).lower(),
        name=_text(values.get("name")),
    )


def verified(token: str, client: Client, nonce: str, known: list[jwt.PyJWK]) -> dict[str, Any]:
    """The claims of an ID token: signature, issuer, audience, time, nonce. Raises SignInRefused."""
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as broken:
        raise unbelievable("its ID token cannot be read.", "id_token_unreadable") from broken
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise unbelievable("its ID token is not signed.", "id_token_unsigned")
    fitting = [key for key in known if header.get("kid") in (None, key.key_id)]
    fault: jwt.PyJWTError = jwt.InvalidSignatureError("no such key")
    for key in fitting:
        try:
            values: dict[str, Any] = jwt.decode(
                token, key=key, algorithms=[algorithm], audience=client.client_id,
                issuer=client.issuer, leeway=SKEW_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "nonce"]},
            )  # fmt: skip
        except jwt.InvalidSignatureError as other:
            fault = other
        except jwt.PyJWTError as wrong:
            raise _explained(wrong) from wrong
        else:
            return _checked(values, client, nonce)
    raise _explained(fault) from fault


def _checked(values: dict[str, Any], client: Client, nonce: str) -> dict[str, Any]:
    """What the library does not ask: nonce, authorized party, a subject that can be kept."""
    if not hmac.compare_digest(_text(values["nonce"]).encode(), nonce.encode()):
        raise unbelievable("its ID token answers another sign-in.", "nonce_differs")
    several = isinstance(values["aud"], list) and len(values["aud"]) > 1
    party = values.get("azp")
    if (several and party is None) or party not in (None, client.client_id):
        raise unbelievable("its ID token is for another program.", "audience_differs")
    subject = values["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise unbelievable("it names no subject.", "subject_missing")
    return values


def _explained(wrong: jwt.PyJWTError) -> Exception:
    kinds: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
        (jwt.InvalidSignatureError, "its ID token's signature is not the provider's.",
         "signature_differs"),
        (jwt.InvalidAudienceError, "its ID token is for another program.", "audience_differs"),
        (jwt.InvalidIssuerError, "its ID token is from another issuer.", "issuer_differs"),
        (jwt.ExpiredSignatureError, "its ID token has expired.", "assertion_expired"),
        (jwt.ImmatureSignatureError, "its ID token is not valid yet; compare the clocks.",
         "assertion_early"),
        (jwt.MissingRequiredClaimError, "its ID token lacks a claim.", "claim_missing"),
    )  # fmt: skip
    for kind, what, code in kinds:
        if isinstance(wrong, kind):
            return unbelievable(what, code)
    return unbelievable("its ID token cannot be checked.", "id_token_unreadable")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
