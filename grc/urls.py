"""The map of the site."""

from __future__ import annotations

from allauth.mfa.base import views as mfa
from allauth.mfa.webauthn import views as passkeys
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

signing_in = [
    path("email/", accounts.closed),
    path("confirm-email/", accounts.closed),
    path("confirm-email/<str:key>/", accounts.closed),
    path("password/set/", accounts.closed),
    path("logout/", accounts.SignOut.as_view(), name="account_logout"),
    path("", include("allauth.account.urls")),
    path("code/", mfa.authenticate, name="mfa_authenticate"),
    path("passkey/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("reauthenticate/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "reauthenticate/passkey/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
]

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accounts/", include(signing_in)),
    path("api/v1/", include((api, "api"))),
    path("scim/v2/", include("tenants.scim.urls")),
    path("", include("tenants.portal.urls")),
    path("", include("audits.portal.urls")),
    path("", include("evidence.portal.urls")),
]
