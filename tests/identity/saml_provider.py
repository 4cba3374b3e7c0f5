"""A SAML 2.0 identity provider: metadata, a login form, signed assertions by POST.

    python -m tests.identity.saml_provider PORT

Signs with xmlsec itself, not with the library that checks. `twist` spoils the next answer.
"""

from __future__ import annotations

import base64
import copy
import zlib
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import xmlsec
from lxml import etree

from tests.identity.certificates import pair
from tests.identity.serving import Provider, serve

P, A = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
NAMES = {"p": P, "a": A}
FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format"


PAIR, OTHER_PAIR = pair(), pair()


def response(person: dict[str, str], request: dict[str, str], issuer: str, twist: str) -> bytes:
    """The response to a request, honest or with one fault."""
    now = datetime.now(UTC)
    end = now - timedelta(minutes=10) if twist == "expired" else now + timedelta(minutes=5)
    start = now - timedelta(minutes=20) if twist == "expired" else now - timedelta(minutes=1)
    answered = "_of_another_sign_in" if twist == "wrong_request" else request["id"]
    recipient = "https://elsewhere.example/acs" if twist == "wrong_recipient" else request["acs"]
    audience = "https://elsewhere.example" if twist == "wrong_audience" else request["entity"]
    kind = "transient" if twist == "transient" else "persistent"
    subject = person["sub"]
    restriction = (
        ""
        if twist == "no_audience"
        else f"<a:AudienceRestriction><a:Audience>{audience}</a:Audience></a:AudienceRestriction>"
    )
    inner = "" if twist == "unsolicited" else f' InResponseTo="{answered}"'
    text = f"""<p:Response xmlns:p="{P}" xmlns:a="{A}" ID="_{uuid4().hex}" Version="2.0"
 IssueInstant="{_at(now)}" Destination="{request["acs"]}" InResponseTo="{request["id"]}">
<a:Issuer>{issuer}</a:Issuer>
<p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status>
<a:Assertion ID="_{uuid4().hex}" Version="2.0" IssueInstant="{_at(now)}">
<a:Issuer>{"https://elsewhere.example" if twist == "wrong_issuer" else issuer}</a:Issuer>
<a:Subject><a:NameID Format="{FORMAT}:{kind}">{subject}</a:NameID>
<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData
 NotOnOrAfter="{_at(end)}" Recipient="{recipient}"{inner}/></a:SubjectConfirmation></a:Subject>
<a:Conditions NotBefore="{_at(start)}" NotOnOrAfter="{_at(end)}">{restriction}</a:Conditions>
<a:AuthnStatement AuthnInstant="{_at(now)}" SessionIndex="_{uuid4().hex}"><a:AuthnContext>
<a:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</a:AuthnContextClassRef>
</a:AuthnContext></a:AuthnStatement>
<a:AttributeStatement>
<a:Attribute Name="email"><a:AttributeValue>{person["email"]}</a:AttributeValue></a:Attribute>
<a:Attribute Name="displayName"><a:AttributeValue>{person["name"]}</a:AttributeValue></a:Attribute>
</a:AttributeStatement></a:Assertion></p:Response>"""
    root = etree.fromstring(text)
    if twist != "unsigned":
        _sign(root.find("a:Assertion", NAMES), OTHER_PAIR if twist == "other_key" else PAIR)
    FORGE.get(twist, lambda _: None)(root)
    return etree.tostring(root)


def _sign(assertion: Any, pair: tuple[bytes, bytes]) -> None:
    """Put an enveloped signature after the issuer."""
    node = xmlsec.template.create(
        assertion, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformRsaSha256, ns="ds"
    )
    assertion.insert(1, node)
    reference = xmlsec.template.add_reference(
        node, xmlsec.constants.TransformSha256, uri=f"#{assertion.get('ID')}"
    )
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, xmlsec.constants.TransformExclC14N)
    info = xmlsec.template.ensure_key_info(node)
    xmlsec.template.add_x509_data(info)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair[0], xmlsec.constants.KeyDataFormatPem)
    context.key.load_cert_from_memory(pair[1], xmlsec.constants.KeyDataFormatPem)
    xmlsec.tree.add_ids(assertion, ["ID"])
    context.sign(node)


def _tampered(root: Any) -> None:
    """Another subject under the same signature."""
    root.find(".//a:NameID", NAMES).text = "s-bo-002"


def _swapped(root: Any) -> None:
    """The signature of another assertion of the same provider."""
    assertion = root.find("a:Assertion", NAMES)
    other = copy.deepcopy(assertion)
    other.remove(other[1])
    other.find(".//a:NameID", NAMES).text = "s-bo-002"
    _sign(other, PAIR)
    assertion.replace(assertion[1], copy.deepcopy(other[1]))


def _wrapped(root: Any) -> None:
    """A forged assertion in front, the signed one hidden behind it (signature wrapping)."""
    signed = root.find("a:Assertion", NAMES)
    forged = copy.deepcopy(signed)
    forged.remove(forged[1])
    forged.set("ID", f"_{uuid4().hex}")
    forged.find(".//a:NameID", NAMES).text = "s-bo-002"
    root.insert(list(root).index(signed), forged)
    extensions = etree.SubElement(root, f"{{{P}}}Extensions")
    extensions.append(signed)


def _wrapped_inside(root: Any) -> None:
    """A forged assertion that carries the signed one in its own signature."""
    signed = root.find("a:Assertion", NAMES)
    forged = copy.deepcopy(signed)
    forged.set("ID", f"_{uuid4().hex}")
    forged.find(".//a:NameID", NAMES).text = "s-bo-002"
    root.replace(signed, forged)
    holder = etree.SubElement(forged[1], "{http://www.w3.org/2000/09/xmldsig#}Object")
    holder.append(signed)


def _twice(root: Any) -> None:
    """Two assertions."""
    root.append(copy.deepcopy(root.find("a:Assertion", NAMES)))


FORGE = {
    "tampered": _tampered, "swapped_signature": _swapped, "wrapped": _wrapped,
    "wrapped_inside": _wrapped_inside, "two_assertions": _twice,
}  # fmt: skip


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class SAML(Provider):
    """The provider's addresses."""

    def answer(self, method: str, values: dict[str, str]) -> None:
        here = f"http://{self.headers['Host']}"
        path = urlsplit(self.path).path
        if path == "/metadata":
            self.send(_metadata(here), "application/samlmetadata+xml")
        elif path == "/sso" and "username" not in values:
            self.login_form(values)
        elif path == "/sso":
            self.sign_on(values, f"{here}/entity")
        else:
            self.send("nothing here", status=404)

    def sign_on(self, values: dict[str, str], issuer: str) -> None:
        person = self.state["people"].get(values["username"])
        if person is None:
            return self.send("who is that?", status=403)
        asked = etree.fromstring(zlib.decompress(base64.b64decode(values["SAMLRequest"]), -15))
        request = {
            "id": asked.get("ID"), "acs": asked.get("AssertionConsumerServiceURL"),
            "entity": asked.findtext("a:Issuer", namespaces=NAMES).strip(),
        }  # fmt: skip
        signed = base64.b64encode(response(person, request, issuer, self.state["twist"])).decode()
        return self.send(
            f'<!doctype html><title>Back</title><form method="post" action="{request["acs"]}">'
            f'<input type="hidden" name="SAMLResponse" value="{signed}">'
            f'<input type="hidden" name="RelayState" value="{escape(values["RelayState"])}">'
            "<button>Continue</button></form>"
        )


def _metadata(here: str) -> str:
    inner = "".join(PAIR[1].decode().split("\n")[1:-2])
    return (
        f'<m:EntityDescriptor xmlns:m="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:d="http://www.w3.org/2000/09/xmldsig#" entityID="{here}/entity">'
        f'<m:IDPSSODescriptor protocolSupportEnumeration="{P}"><m:KeyDescriptor use="signing">'
        f"<d:KeyInfo><d:X509Data><d:X509Certificate>{inner}</d:X509Certificate></d:X509Data>"
        "</d:KeyInfo></m:KeyDescriptor><m:SingleSignOnService "
        'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        f'Location="{here}/sso"/></m:IDPSSODescriptor></m:EntityDescriptor>'
    )


if __name__ == "__main__":
    serve(SAML)
