"""An OpenID Connect provider: discovery, keys, a login form, codes with PKCE, ID tokens.

    python -m tests.identity.openid_provider PORT

`twist` spoils the next ID token in one way; see `TWISTS`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.identity.serving import Provider, serve

CLIENT, SECRET, KEY_ID = "tickmark-client", "a client secret of the provider", "key-1"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
CODES: dict[str, dict[str, str]] = {}

TWISTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "wrong_audience": lambda claims: claims.update(aud="another-program"),
    "two_audiences": lambda claims: claims.update(aud=[CLIENT, "another-program"]),
    "other_party": lambda claims: claims.update(azp="another-program"),
    "wrong_issuer": lambda claims: claims.update(iss="https://elsewhere.example"),
    "wrong_nonce": lambda claims: claims.update(nonce="of another sign-in"),
    "no_nonce": lambda claims: claims.pop("nonce"),
    "no_subject": lambda claims: claims.pop("sub"),
    "no_end": lambda claims: claims.pop("exp"),
    "expired": lambda claims: claims.update(exp=int(time.time()) - 120),
    "not_yet": lambda claims: claims.update(nbf=int(time.time()) + 600),
}


def id_token(claims: dict[str, Any], twist: str) -> str:
    """The ID token, honest or with one fault."""
    TWISTS.get(twist, lambda _: None)(claims)
    if twist == "unsigned":
        return jwt.encode(claims, None, algorithm="none")
    if twist == "shared_secret":  # the public key as if it were a secret: the classic confusion
        head, body = (
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
            for part in ({"alg": "HS256", "kid": KEY_ID}, claims)
        )
        import hmac

        proof = hmac.new(PUBLIC, head + b"." + body, hashlib.sha256).digest()
        return (head + b"." + body + b"." + base64.urlsafe_b64encode(proof).rstrip(b"=")).decode()
    key = OTHER_KEY if twist == "other_key" else KEY
    token = jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})
    if twist == "swapped_signature":
        other = jwt.encode({**claims, "sub": "s-bo-002"}, KEY, algorithm="RS256")
        return ".".join((*token.split(".")[:2], other.split(".")[2]))
    if twist == "no_signature":
        return ".".join((*token.split(".")[:2], ""))
    return token


class OpenID(Provider):
    """The provider's addresses."""

    def answer(self, method: str, values: dict[str, str]) -> None:
        here = f"http://{self.headers['Host']}"
        path = urlsplit(self.path).path
        if path == "/.well-known/openid-configuration":
            issuer = self.state.get("issuer") or here
            self.json({
                "issuer": issuer, "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/keys",
            })  # fmt: skip
        elif path == "/keys":
            key = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
            self.json({"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]})
        elif path == "/authorize" and "username" not in values:
            self.login_form(values)
        elif path == "/authorize":
            self.authorize(values)
        elif path == "/token" and method == "POST":
            self.token(values, here)
        else:
            self.send("nothing here", status=404)

    def authorize(self, values: dict[str, str]) -> None:
        person = self.state["people"].get(values["username"])
        if person is None or values["client_id"] != CLIENT or values["response_type"] != "code":
            return self.send("who is that?", status=403)
        code = secrets.token_urlsafe(24)
        CODES[code] = {**values, **person}
        back = urlencode({"code": code, "state": values["state"]})
        return self.redirect(f"{values['redirect_uri']}?{back}")

    def token(self, values: dict[str, str], here: str) -> None:
        kind, _, pair = self.headers.get("Authorization", "").partition(" ")
        user, _, secret = base64.b64decode(pair or "Og==").decode().partition(":")
        known = CODES.get(values["code"])
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(values["code_verifier"].encode()).digest()
        ).decode().rstrip("=")  # fmt: skip
        proved = (unquote_plus(user), unquote_plus(secret)) == (CLIENT, SECRET) and kind == "Basic"
        if not self.state.get("generous"):
            CODES.pop(values["code"], None)
        if not proved or known is None or known["code_challenge"] != challenge:
            return self.send('{"error": "invalid_grant"}', "application/json", 400)
        now = int(time.time())
        claims = {
            "iss": here, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": known["nonce"],
            **{name: known[name] for name in ("sub", "email", "name") if name in known},
        }  # fmt: skip
        token = id_token(claims, self.state["twist"])
        return self.json({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def json(self, value: Any) -> None:
        self.send(json.dumps(value), "application/json")


if __name__ == "__main__":
    serve(OpenID)
