"""What every answer tells a browser, and which requests of a browser are refused unread.

`Answers` is the outermost middleware, so that static files, redirects and pages of errors carry
its headers too (HDR-3); `Requests` refuses strange hosts (HDR-8) and other websites (HDR-6).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from grc.policy import FILE_POLICY
from tenants.middleware import API
from tenants.visibility import new_key

UNUSED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "fullscreen", "geolocation",
    "gyroscope", "hid", "magnetometer", "microphone", "midi", "payment", "screen-wake-lock",
    "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS = {
    "Content-Security-Policy": FILE_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED_FEATURES),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every answer that does not set its own."""
UNSEEN = "no-store, private"
OWN = {"same-origin", "none"}
FRAMED = {"embed", "frame", "iframe", "object"}

Answer = Callable[[HttpRequest], HttpResponseBase]


class Answers:
    """Gives each request its id, and each answer the headers above.

    What is no static file is kept by no cache, unless its view says otherwise (HDR-4).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = str(new_key())
        response = self.get_response(request)
        for name, value in ALWAYS.items():
            response.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", UNSEEN)
            by = ("Authorization",) if request.path.startswith(API) else ("Cookie", "HX-Request")
            patch_vary_headers(response, by)
        if request.is_secure() and settings.SECURE_HSTS_SECONDS:
            response.setdefault("Strict-Transport-Security", _hsts())
        response["X-Request-Id"] = request.id
        return response


class Requests:
    """Refuses a host that is not exactly ours, and what another website has a browser send.

    The session's cookie is Lax, and forms carry a token; this is a third wall before both. A view
    that other sites are meant to reach (`csrf_exempt`) is left alone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _refuse_strange_host(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Raise PermissionDenied for a request that a page of another website began."""
        if getattr(view, "csrf_exempt", False) and not request.path.startswith(API):
            return None
        if is_of_another_site(request):
            raise PermissionDenied(
                "Another website sent your browser here with this request, so it was not carried "
                "out. Open Tickmark yourself and do it there."
            )
        return None


def is_of_another_site(request: HttpRequest) -> bool:
    """Whether a page that is not ours began the request; following a link to us is fine."""
    if request.headers.get("Sec-Fetch-Site", "none") in OWN:
        return False
    follows = request.headers.get("Sec-Fetch-Mode") == "navigate"
    framed = request.headers.get("Sec-Fetch-Dest") in FRAMED
    return request.method not in ("GET", "HEAD") or not follows or framed


def _refuse_strange_host(request: HttpRequest) -> None:
    """Only the configured name, with its port; on loopback Django's own list is enough.

    Raises DisallowedHost.
    """
    host = request.get_host().lower()
    if settings.LOCAL:
        return
    known = {urlsplit(address).netloc.lower() for address in settings.ADDRESSES}
    if host.removesuffix(":443") not in known:
        raise DisallowedHost("The Host header names another host or port.")


def _hsts() -> str:
    """The header that Django's SecurityMiddleware writes, for answers it never sees."""
    return f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
