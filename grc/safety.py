"""The settings a process refuses to start with (OPS-1). Safe is the default; loopback is exempt.

What stays on this machine needs no TLS. As soon as a service, or the site itself, is elsewhere, it
must be reached by TLS, with its certificate checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

SHORTEST_KEY, FEWEST_LETTERS = 50, 12
SHORTEST_LOCAL_KEY = 40
CHECKED_TLS = {"verify-ca", "verify-full"}
"""Values of PostgreSQL's `sslmode` under which the server has to prove who it is."""
UNCHECKED_REDIS = {"none", "optional", "cert_none", "cert_optional"}

Settings = Mapping[str, Any]


def refuse_unsafe(settings: Settings) -> None:
    """Raise ImproperlyConfigured with everything that is unsafe about `settings` (upper case)."""
    found = [*_unsafe_basics(settings), *_unsafe_addresses(settings), *_unsafe_services(settings)]
    if found:
        raise ImproperlyConfigured("Tickmark does not start like this:\n- " + "\n- ".join(found))


def is_here(host: str | None) -> bool:
    """Whether a host is this machine: a socket (no host), a loopback address, or localhost."""
    if not host or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _unsafe_basics(settings: Settings) -> Iterator[str]:
    key = settings["SECRET_KEY"]
    if settings["DEBUG"]:
        yield "DEBUG is on: pages of errors would show code and data. Leave it off."
    shortest = SHORTEST_LOCAL_KEY if settings["LOCAL"] else SHORTEST_KEY
    if len(key) < shortest or len(set(key)) < FEWEST_LETTERS:
        yield f"Set SECRET_KEY to at least {shortest} random characters."
    if settings["LOCAL"] and not is_here(settings["HOST"]):
        yield f"TICKMARK_LOCAL is for loopback addresses only, not {settings['HOST']}."
    if any("*" in host or host.startswith(".") for host in settings["ALLOWED_HOSTS"]):
        yield "A host is named with a wildcard: name each one exactly."


def _unsafe_addresses(settings: Settings) -> Iterator[str]:
    site, evidence = settings["SITE_ADDRESS"], settings["EVIDENCE_ADDRESS"]
    local = settings["LOCAL"]
    if not site:
        yield "Set SITE_ADDRESS, such as https://audit.example.com."
    elif not _is_an_address(site, local):
        yield "SITE_ADDRESS must be https://, a host and nothing after it."
    if not evidence and not local:
        yield (
            "Set EVIDENCE_ADDRESS to a second https address of this server, such as "
            "https://evidence.example.com: uploaded files are given out from there alone."
        )
    elif evidence and not _is_an_address(evidence, local):
        yield "EVIDENCE_ADDRESS must be https://, a host and nothing after it."
    elif evidence and urlsplit(evidence).hostname == urlsplit(site).hostname:
        yield "EVIDENCE_ADDRESS must name another host than SITE_ADDRESS, not another port."


def _is_an_address(address: str, local: bool) -> bool:
    parts = urlsplit(address)
    schemes = {"https", "http"} if local else {"https"}
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in schemes and bool(parts.hostname) and bare and "*" not in address


def _unsafe_services(settings: Settings) -> Iterator[str]:
    database = settings["DATABASES"]["default"]
    mode = database.get("OPTIONS", {}).get("sslmode", "")
    if not is_here(database.get("HOST")) and mode not in CHECKED_TLS:
        yield (
            "DATABASE_URL leads to another machine without checked TLS: add ?sslmode=verify-full "
            "(and sslrootcert=system, or your own authority's file)."
        )
    yield from _unsafe_redis("REDIS_URL", settings["CELERY_BROKER_URL"])
    yield from _unsafe_redis("CACHE_URL", settings["CACHE_URL"])
    encrypted = settings["EMAIL_USE_TLS"] or settings["EMAIL_USE_SSL"]
    if not is_here(settings["EMAIL_HOST"]) and not encrypted:
        yield "SMTP_HOST is another machine: leave SMTP_STARTTLS on, or set SMTP_TLS."
    if settings["EMAIL_USE_TLS"] and settings["EMAIL_USE_SSL"]:
        yield "Set one of SMTP_STARTTLS and SMTP_TLS, not both."


def _unsafe_redis(name: str, url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme in ("unix", "redis+socket") or is_here(parts.hostname):
        return
    asked = parse_qs(parts.query).get("ssl_cert_reqs", ["required"])[0].lower()
    if parts.scheme != "rediss" or asked in UNCHECKED_REDIS:
        yield f"{name} leads to another machine without checked TLS: begin it with rediss://."
    if not parts.password:
        yield f"{name} leads to another machine without a password: set one there and here."
