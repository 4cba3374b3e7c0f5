"""The map of the site."""

from __future__ import annotations

from django.urls import include, path

from grc import health
from tenants.portal import accounts

handler400 = "grc.errors.bad_request"
handler403 = "grc.errors.not_allowed"
handler404 = "grc.errors.not_found"
handler500 = "grc.errors.server_error"

api = [
    path("", include("tenants.api.urls")),
    path("", include("audits.api.urls")),
    path("", include("evidence.api.urls")),
]

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accounts/email/", accounts.closed),
    path("accounts/logout/", accounts.SignOut.as_view(), name="account_logout"),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include((api, "api"))),
    path("", include("tenants.portal.urls")),
    path("", include("audits.portal.urls")),
    path("", include("evidence.portal.urls")),
]
