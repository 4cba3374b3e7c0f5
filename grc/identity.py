"""Settings of who people are and how they sign in; `grc/settings.py` takes them all."""

from __future__ import annotations

import os

from grc.environment import flag, number

LOCAL = flag("TICKMARK_LOCAL")
"""Plain HTTP on this machine only: no TLS, no Secure cookies. Ends at the loopback address."""
COLUMN_KEYS = [key for key in os.environ.get("COLUMN_KEYS", "").split(",") if key] or [
    os.environ.get("SECRET_KEY", "")
]
"""Seal what lies sealed in columns, the newest first (tenants/sealing.py)."""

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = [
    "tenants.backends.AccessBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["tenants.passwords.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "tenants.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "tenants.passwords.GuessableValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600

# --- sessions --------------------------------------------------------------------------------
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_AGE = 12 * 3600
"""A session ends so many seconds after signing in …"""
SESSION_IDLE_SECONDS = 3600
"""… and so many after it was last used, on the server (AUT-5)."""
SESSION_COOKIE_NAME = "tickmark" if LOCAL else "__Host-tickmark"
CSRF_COOKIE_NAME = "tickmark-csrf" if LOCAL else "__Host-tickmark-csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- allauth: signing in -----------------------------------------------------------------------
ACCOUNT_ADAPTER = "tenants.portal.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "tenants.portal.account_forms.SignInForm",
    "reset_password": "tenants.portal.account_forms.ResetForm",
    "reset_password_from_key": "tenants.portal.account_forms.NewPasswordForm",
    "change_password": "tenants.portal.account_forms.ChangePasswordForm",
    "reauthenticate": "tenants.portal.account_forms.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "tenants.passwords.ResetTokens"  # noqa: S105  (a path)
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(number("REAUTHENTICATION_SECONDS", 600))
"""For so long after signing in or confirming it, dangerous acts are not asked about (AUT-7)."""
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "",
    "reset_password": "20/m/ip",
    "reset_password_from_key": "60/m/ip",
}
"""Counted in the cache, against floods. Failures are counted in a table (AUT-4)."""

# --- allauth: the second factor ------------------------------------------------------------------
MFA_ADAPTER = "tenants.portal.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "tenants.portal.account_forms.CodeForm",
    "reauthenticate": "tenants.portal.account_forms.ConfirmCodeForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Tickmark"
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
