"""Every setting, read from the environment once, grouped by subject.

docs/operations.md lists each with its meaning; a test keeps the two together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from grc import logs, policy, safety, single_sign_on
from grc.environment import flag, number
from grc.identity import *  # noqa: F403  (settings of signing in)
from grc.identity import LOCAL

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "var")).resolve()
TRAIL_KEY_FILE = Path(os.environ.get("TRAIL_KEY_FILE", DATA_DIR / "trail-key.pem"))

# --- where it runs ---------------------------------------------------------------------------
HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
ADDRESS = f"[{HOST}]" if ":" in HOST else HOST
SITE_ADDRESS = os.environ.get("SITE_ADDRESS", f"http://{ADDRESS}:{PORT}" if LOCAL else "")
SITE_ADDRESS = SITE_ADDRESS.rstrip("/")
EVIDENCE_ADDRESS = os.environ.get("EVIDENCE_ADDRESS", "").rstrip("/")
"""Where stored bytes are given out, and nothing else; none on loopback, unless it is set."""
ADDRESSES = [address for address in (SITE_ADDRESS, EVIDENCE_ADDRESS) if address]
ALLOWED_HOSTS = [urlsplit(address).hostname or "" for address in ADDRESSES]
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [SITE_ADDRESS]
SECRET_KEY = os.environ.get("SECRET_KEY", "")
DEBUG = False
ROOT_URLCONF = "grc.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

# --- apps ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "csp",
    "django_htmx",
    "tenants",
    "audits",
    "evidence",
    "grc",
]
MIDDLEWARE = [
    "grc.browser.Answers",
    "grc.browser.Requests",
    "django.middleware.security.SecurityMiddleware",
    "evidence.host.EvidenceHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.ActingMiddleware",
    "tenants.portal.errors.PortalErrorsMiddleware",
    "tenants.portal.own_account.OwnAccountMiddleware",
    "tenants.portal.second_factor.FactorGate",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "grc" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.portal.base.page",
            ],
            "builtins": ["tenants.templatetags.kit"],
        },
    }
]

# --- database: the web role; migrations run with DATABASE_URL=$OWNER_DATABASE_URL -----------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **dj_database_url.parse(
            os.environ.get("DATABASE_URL", "postgresql:///tickmark"), conn_max_age=0
        ),
        "ENGINE": "tenants.postgresql",
        "ATOMIC_REQUESTS": True,
    }
}
if flag("DATABASE_POOL"):
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 2, "max_size": int(number("DATABASE_POOL_SIZE", 8))},
    }
if flag("DATABASE_PREPARE", flag("DATABASE_POOL")):
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "prepare_threshold": 0,  # of the statements that ask for it: `planned`
    }
OWNER_DATABASE_URL = os.environ.get("OWNER_DATABASE_URL", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ----------------------------------------------------------------------------------
SINGLE_SIGN_ON_HOSTS = single_sign_on.private_hosts()
EVIDENCE_COOKIE_NAME = "tickmark-evidence" if LOCAL else "__Host-tickmark-evidence"
GUARDIAN_GET_INIT_ANONYMOUS_USER = ANONYMOUS_USER_NAME = None
GUARDIAN_USER_OBJ_PERMS_MODEL = "guardian.UserObjectPermission"
SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # our AccessBackend is guardian's, over a table that knows dates
]

# --- browser ---------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = not LOCAL and flag("SECURE_SSL_REDIRECT", True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 0 if LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
TRUSTED_PROXY_COUNT = int(number("TRUSTED_PROXY_COUNT", 0))
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if proxy_header := os.environ.get("TRUSTED_PROXY_HEADER"):
    SECURE_PROXY_SSL_HEADER = (proxy_header, "https")
CONTENT_SECURITY_POLICY = policy.PAGE_POLICY
CSRF_FAILURE_VIEW = "tenants.portal.errors.csrf_failure"

# --- static files ----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- evidence --------------------------------------------------------------------------------
EVIDENCE_STORAGE = os.environ.get("EVIDENCE_STORAGE", "filesystem")
EVIDENCE_DIR = Path(os.environ.get("EVIDENCE_DIR", DATA_DIR / "evidence"))
EVIDENCE_FREE_FLOOR_BYTES = int(number("EVIDENCE_FREE_FLOOR_BYTES", 64 * 2**20))
EVIDENCE_LIMIT_BYTES = int(number("EVIDENCE_LIMIT_BYTES", 5 * 2**30))
LIST_LIMIT_BYTES = int(number("LIST_LIMIT_BYTES", 25 * 2**20))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = os.environ.get("FILE_UPLOAD_TEMP_DIR") or None

# --- work ------------------------------------------------------------------------------------
SWEEP_SECONDS = number("SWEEP_SECONDS", 30)
LEASE_SECONDS = number("LEASE_SECONDS", 30)
LONGEST_HINT_SECONDS = 300
DIGEST_HOUR = int(number("DIGEST_HOUR", 8))
DIGEST_GATHER_SECONDS = number("DIGEST_GATHER_SECONDS", 120)
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "tickmark:",
    "socket_timeout": 10,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
}
"""A hint that cannot be given at once is not given: the sweep finds the work."""
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = int(number("TASK_TIME_LIMIT_SECONDS", 3600))
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 60
CELERY_TASK_DEFAULT_QUEUE = "tickmark"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CACHE_URL = os.environ.get("CACHE_URL", CELERY_BROKER_URL)
CACHES = {
    "default": {
        "BACKEND": "tenants.caching.HintCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "tickmark-cache",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

# --- mail ------------------------------------------------------------------------------------
EMAIL_HOST = os.environ.get("SMTP_HOST", "")
EMAIL_PORT = int(number("SMTP_PORT", 587))
EMAIL_HOST_USER = os.environ.get("SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("SMTP_PASSWORD", "")
EMAIL_USE_TLS = flag("SMTP_STARTTLS", True)
EMAIL_USE_SSL = flag("SMTP_TLS")
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_DIR / "mail"
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "Tickmark <tickmark@localhost>")

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.api.access.SignedIn"],
    "DEFAULT_THROTTLE_CLASSES": ["tenants.api.throttling.Rates", "tenants.api.throttling.Open"],
    "DEFAULT_RENDERER_CLASSES": ["tenants.api.parsing.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.api.parsing.StrictJsonParser"],
    "DEFAULT_FILTER_BACKENDS": ["tenants.api.filters.StrictFilters"],
    "DEFAULT_SCHEMA_CLASS": "tenants.api.schema.Schema",
    "NUM_PROXIES": TRUSTED_PROXY_COUNT,
    "EXCEPTION_HANDLER": "tenants.api.problems.problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
API_OPEN = {
    "token": int(number("API_OPEN_TOKEN", 16)),
    "person": int(number("API_OPEN_PERSON", 24)),
    "organization": int(number("API_OPEN_ORGANIZATION", 96)),
    "address": int(number("API_OPEN_ADDRESS", 16)),
}
"""Requests at once; 0: no limit."""
API_RATES = {
    "token": int(number("API_RATE_TOKEN", 1200)),
    "person": int(number("API_RATE_PERSON", 1800)),
    "organization": int(number("API_RATE_ORGANIZATION", 6000)),
    "address": int(number("API_RATE_ADDRESS", 300)),
}
"""Requests a minute; 0: no limit. `address` is for those without a token."""
SPECTACULAR_SETTINGS = {
    "TITLE": "Tickmark API",
    "DESCRIPTION": "Run SOC examinations: requests, evidence, reviews and packages.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
}

# --- logs ------------------------------------------------------------------------------------
LOGGING = logs.configured(os.environ.get("LOG_LEVEL", "INFO"))

safety.refuse_unsafe(globals())
