"""The Content-Security-Policy of pages, and of everything else (HDR-1)."""

from __future__ import annotations

from csp.constants import NONCE, NONE, SELF

PAGE_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
"""What a page may load and where its forms may go, for django-csp."""
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The same for what is no page: a static file, a redirect of the server's own."""
