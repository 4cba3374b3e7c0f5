"""SAML 2.0: our request by redirect, the provider's signed assertion by POST (AUT-11).

python3-saml checks signature, status, issuer and times. It lets pass what a response leaves out;
`_check_assertion` asks for it: audience, recipient, the request that is answered, an end.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from tenants import outbound
from tenants.errors import Invalid
from tenants.federation.claims import SKEW_SECONDS, Claims, unbelievable

LARGEST = 256 * 1024
NAMES = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
EMAIL = ("email", "mail", "urn:oid:0.9.2342.19200300.100.1.3",
         "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")  # fmt: skip
NAME = ("displayName", "name", "urn:oid:2.16.840.1.113730.3.1.241",
        "http://schemas.microsoft.com/identity/claims/displayname",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Service:
    """We and the provider, as each is known to the other. `certificates` are PEM."""

    entity_id: str
    acs_url: str
    issuer: str
    sso_url: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a provider's metadata says."""

    issuer: str
    sso_url: str
    certificates: tuple[str, ...]


def described(metadata: bytes) -> Description:
    """Read a provider's metadata. Raises Invalid naming the field `metadata`."""
    if len(metadata) > LARGEST:
        raise _unfit("The file is too large for metadata.")
    try:
        OneLogin_Saml2_XML.to_etree(metadata)  # refuses DTDs and entities
        found = OneLogin_Saml2_IdPMetadataParser.parse(metadata).get("idp", {})
    except (etree.XMLSyntaxError, ValueError, TypeError, KeyError, OneLogin_Saml2_Error) as broken:
        raise _unfit("The file is no SAML metadata.") from broken
    several = found.get("x509certMulti", {}).get("signing") or [found.get("x509cert", "")]
    issuer = found.get("entityId", "")
    sso_url = found.get("singleSignOnService", {}).get("url", "")
    if not issuer or not sso_url or not any(several):
        raise _unfit("The metadata lacks an identity provider's entity id, redirect or key.")
    return Description(issuer, sso_url, tuple(pem(each) for each in several if each))


def pem(text: str) -> str:
    """A certificate in PEM, however it was pasted. Raises Invalid when it is none."""
    inner = "".join(line for line in text.split("\n") if "-----" not in line)
    try:
        der = base64.b64decode("".join(inner.split()), validate=True)
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, binascii.Error) as broken:
        raise Invalid(
            "This is no certificate. Paste it with its BEGIN and END lines.",
            code="certificate_unfit", field="certificate",
        ) from broken  # fmt: skip
    lines = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    wrapped = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN CERTIFICATE-----\n{wrapped}\n-----END CERTIFICATE-----"


def good_until(certificate: str) -> datetime:
    """When a certificate in PEM ends."""
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc


def metadata_of(service: Service) -> bytes:
    """Our own metadata, for the provider."""
    settings = OneLogin_Saml2_Settings(_settings(service), sp_validation_only=True)
    return settings.get_sp_metadata().encode()  # type: ignore[no-any-return]


def address(service: Service, state: str) -> tuple[str, str]:
    """(where the person goes to sign in, the id of the request the answer must name)."""
    outbound.check_address(service.sso_url, "sso_url")
    auth = OneLogin_Saml2_Auth(_request(service, ""), _settings(service))
    return auth.login(return_to=state), auth.get_last_request_id()


def accepted(service: Service, response: str, request_id: str) -> Claims:
    """Check a response to the request `request_id`. Raises SignInRefused."""
    if len(response) > 2 * LARGEST:
        raise unbelievable("its answer is too large.", "assertion_unreadable")
    try:
        auth = OneLogin_Saml2_Auth(_request(service, response), _settings(service))
        auth.process_response(request_id=request_id)
    except (OneLogin_Saml2_Error, etree.Error, ValueError, TypeError, AttributeError) as broken:
        raise unbelievable("its answer cannot be read.", "assertion_unreadable") from broken
    if auth.get_errors() or not auth.is_authenticated():
        raise unbelievable(*_explained(str(auth.get_last_error_reason() or "")))
    if auth.get_last_response_in_response_to() != request_id:
        raise unbelievable("it answers another sign-in.", "request_differs")
    document = OneLogin_Saml2_XML.to_etree(auth.get_last_response_xml())
    until = _check_assertion(document, service, request_id)
    return _claims(auth, service, until)


def _claims(auth: OneLogin_Saml2_Auth, service: Service, until: datetime) -> Claims:
    subject = auth.get_nameid() or ""
    if not 1 <= len(subject) <= 255 or auth.get_nameid_format() == TRANSIENT:
        raise unbelievable(
            "it names no lasting subject. Send a persistent NameID.", "subject_missing"
        )
    values = auth.get_attributes()
    return Claims(
        issuer=service.issuer, subject=subject, once=f"assertion {auth.get_last_assertion_id()}",
        until=until, email=_first(values, EMAIL).lower(), name=_first(values, NAME),
    )  # fmt: skip


def _check_assertion(document: Any, service: Service, request_id: str) -> datetime:
    """Ask of the one signed assertion what the library lets a provider leave out.

    Returns when it ends. Raises SignInRefused.
    """
    (assertion,) = document.findall("saml:Assertion", NAMES) or [None]
    if assertion is None:
        raise unbelievable("its assertion is encrypted; send it signed.", "assertion_unreadable")
    audiences = {
        (each.text or "").strip() for each in assertion.iterfind(".//saml:Audience", NAMES)
    }
    if service.entity_id not in audiences:
        raise unbelievable("its assertion is for another program.", "audience_differs")
    confirmations = [
        each.attrib for each in assertion.iterfind(".//saml:SubjectConfirmationData", NAMES)
    ]
    for each in confirmations:
        if each.get("InResponseTo") != request_id:
            raise unbelievable("it answers another sign-in.", "request_differs")
        if each.get("Recipient") != service.acs_url:
            raise unbelievable("its assertion is for another address.", "recipient_differs")
        if not each.get("NotOnOrAfter"):
            raise unbelievable("its assertion has no end.", "assertion_expired")
    if not confirmations:
        raise unbelievable("its assertion confirms no subject.", "request_differs")
    return max(_moment(each["NotOnOrAfter"]) for each in confirmations) + timedelta(
        seconds=10 * SKEW_SECONDS
    )


def _settings(service: Service) -> dict[str, Any]:
    signing = [
        "".join(line for line in each.split("\n") if "-----" not in line)
        for each in service.certificates
    ]
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": service.entity_id,
            "assertionConsumerService": {"url": service.acs_url},
            "NameIDFormat": UNSPECIFIED,
        },
        "idp": {
            "entityId": service.issuer,
            "singleSignOnService": {"url": service.sso_url},
            "x509certMulti": {"signing": signing},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantNameId": True,
            "wantAttributeStatement": False,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
            "allowSingleLabelDomains": True,
            "allowRepeatAttributeName": True,
        },
    }


def _request(service: Service, response: str) -> dict[str, Any]:
    """The request as the library wants it: from our configured address, never from headers."""
    parts = urlsplit(service.acs_url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": {},
        "post_data": {"SAMLResponse": response} if response else {},
    }


def _explained(reason: str) -> tuple[str, str]:
    words: tuple[tuple[str, str, str], ...] = (
        ("audience", "its assertion is for another program.", "audience_differs"),
        ("No Signature", "its assertion is not signed.", "assertion_unsigned"),
        ("not signed", "its assertion is not signed.", "assertion_unsigned"),
        ("ignature", "its signature is not the provider's.", "signature_differs"),
        ("InResponseTo", "it answers another sign-in.", "request_differs"),
        ("expired", "its assertion has expired; compare the clocks.", "assertion_expired"),
        ("imestamp", "its assertion is not valid now; compare the clocks.", "assertion_expired"),
        ("SubjectConfirmation", "its assertion is not for this sign-in now.", "assertion_expired"),
        ("ssuer", "its assertion is from another issuer.", "issuer_differs"),
        ("status code", "the provider said no.", "provider_refused"),
    )  # fmt: skip
    for word, what, code in words:
        if word in reason:
            return what, code
    return "its answer cannot be checked.", "assertion_unreadable"


def _first(values: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((values[name][0] for name in names if values.get(name)), "")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _unfit(message: str) -> Invalid:
    return Invalid(message, code="metadata_unfit", field="metadata")
