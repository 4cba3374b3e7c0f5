"""Asking another server over HTTPS: public addresses alone, dialled as they were checked.

A name is resolved once; if any of its addresses is not public the request is not made. The
connection goes to a checked address, so a name that changes its answer gains nothing. Redirects
are not followed, time and size are capped.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from tenants.errors import Invalid, Unreachable

SECONDS = 5
LARGEST = 2**20
Address = IPv4Address | IPv6Address


def check_address(url: str, field: str = "") -> None:
    """Refuse an address that is not https, or holds a user, a fragment or no host. Raises Invalid.

    Plain http is for loopback, on an installation that itself runs there.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    plain = parts.scheme == "http" and settings.LOCAL and host in ("localhost", "127.0.0.1", "::1")
    if not host or parts.username or parts.fragment or not (parts.scheme == "https" or plain):
        raise Invalid("Write an https:// address.", code="address_unfit", field=field)


def get_json(url: str) -> dict[str, Any]:
    """The JSON object at `url`. Raises Invalid, Unreachable."""
    return _ask("GET", url, None, {})


def post_form(
    url: str, values: Mapping[str, str], basic: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The JSON object that answers a form; `basic` is a user and a password to sign in with."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if basic:
        pair = ":".join(urlencode({"": each})[1:] for each in basic)
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return _ask("POST", url, urlencode(values), headers)


def _ask(method: str, url: str, body: str | None, headers: dict[str, str]) -> dict[str, Any]:
    check_address(url)
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = _connection(parts.scheme, host, parts.port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path, body, {"Accept": "application/json", **headers})
        response = connection.getresponse()
        content = response.read(LARGEST + 1)
    except (OSError, http.client.HTTPException) as failed:
        raise Unreachable(f"{host} did not answer.", code="provider_unreachable") from failed
    finally:
        connection.close()
    if response.status != 200 or len(content) > LARGEST:
        raise Unreachable(
            f"{host} answered with status {response.status}.", code="provider_refused"
        )
    try:
        found = json.loads(content)
    except ValueError as broken:
        raise Unreachable(f"{host} answered no JSON.", code="provider_refused") from broken
    if not isinstance(found, dict):
        raise Unreachable(f"{host} answered no JSON object.", code="provider_refused")
    return found


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    """A connection whose socket goes to the address that was checked."""
    address = checked(host, port or (443 if scheme == "https" else 80))
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(
            host, port, timeout=SECONDS, context=ssl.create_default_context()
        )
        if scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=SECONDS)
    )
    connection._create_connection = (  # type: ignore[attr-defined]  # the seam of http.client
        lambda target, *args, **more: socket.create_connection((address, target[1]), *args, **more)
    )
    return connection


def checked(host: str, port: int) -> str:
    """One address of `host`, after all of them were found fit. Raises Invalid, Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as unknown:
        raise Unreachable(f"{host} is not known.", code="provider_unreachable") from unknown
    addresses = [ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    if not all(_fit(address, host) for address in addresses):
        raise Invalid(
            f"{host} is not on a public address. Whoever runs the platform can allow it by name.",
            code="address_not_public",
        )
    return str(addresses[0])


def _fit(address: Address, host: str) -> bool:
    if host in settings.SINGLE_SIGN_ON_HOSTS:
        return True
    if settings.LOCAL and address.is_loopback:
        return True
    return is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address is reached from everywhere, also behind its mapped forms."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast


_TRANSLATED = ip_network("64:ff9b::/96")
"""IPv4 behind a NAT64: the last 32 bits are what is reached."""
