"""Each unsafe setting stops the start; the same with the one thing mended starts (OPS-1)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from grc.safety import is_here, refuse_unsafe
from tests.grc.conftest import REAL
from tests.stories.stack import ROOT

Read = Callable[..., dict[str, Any]]
DATABASE = "postgresql://web:secret@db.example.com:5432/tickmark"
UNSAFE = {
    "no secret": ({"SECRET_KEY": ""}, "SECRET_KEY"),
    "a short secret": ({"SECRET_KEY": REAL["SECRET_KEY"][:49]}, "SECRET_KEY"),
    "a secret of few letters": ({"SECRET_KEY": "abcabcabcab" * 5}, "SECRET_KEY"),
    "local, but reached from elsewhere": (
        {"TICKMARK_LOCAL": "1", "HOST": "0.0.0.0"}, "TICKMARK_LOCAL",
    ),
    "no address": ({"SITE_ADDRESS": ""}, "SITE_ADDRESS"),
    "plain http": ({"SITE_ADDRESS": "http://audit.example.com"}, "SITE_ADDRESS"),
    "a path": ({"SITE_ADDRESS": "https://audit.example.com/tickmark"}, "SITE_ADDRESS"),
    "a wildcard": ({"SITE_ADDRESS": "https://*"}, "wildcard"),
    "a wildcard of a domain": ({"SITE_ADDRESS": "https://.example.com"}, "wildcard"),
    "no evidence host": ({"EVIDENCE_ADDRESS": ""}, "EVIDENCE_ADDRESS"),
    "evidence by plain http": ({"EVIDENCE_ADDRESS": "http://f.example.com"}, "EVIDENCE_ADDRESS"),
    "evidence on the site's host": (
        {"EVIDENCE_ADDRESS": REAL["SITE_ADDRESS"] + ":8443"}, "EVIDENCE_ADDRESS",
    ),
    "database in the clear": ({"DATABASE_URL": DATABASE}, "DATABASE_URL"),
    "database unchecked": ({"DATABASE_URL": f"{DATABASE}?sslmode=require"}, "DATABASE_URL"),
    "broker in the clear": ({"REDIS_URL": "redis://:pw@redis.example.com/0"}, "REDIS_URL"),
    "broker unchecked": (
        {"REDIS_URL": "rediss://:pw@redis.example.com/0?ssl_cert_reqs=none"}, "REDIS_URL",
    ),
    "broker without a password": ({"REDIS_URL": "rediss://redis.example.com/0"}, "REDIS_URL"),
    "mail in the clear": ({"SMTP_HOST": "mx.example.com", "SMTP_STARTTLS": "no"}, "SMTP_HOST"),
    "mail by both ways": ({"SMTP_HOST": "mx.example.com", "SMTP_TLS": "yes"}, "SMTP_STARTTLS"),
}  # fmt: skip
SAFE = {
    "this machine's servers": {},
    "other machines, by TLS": {
        "DATABASE_URL": f"{DATABASE}?sslmode=verify-full",
        "REDIS_URL": "rediss://:pw@redis.example.com:6379/0",
        "SMTP_HOST": "mx.example.com",
    },
    "mail by TLS": {"SMTP_HOST": "mx.example.com", "SMTP_TLS": "yes", "SMTP_STARTTLS": "no"},
    "mail on this machine": {"SMTP_HOST": "localhost", "SMTP_STARTTLS": "no"},
    "loopback needs neither https nor a second host": {
        "TICKMARK_LOCAL": "1", "SITE_ADDRESS": "", "EVIDENCE_ADDRESS": "", "HOST": "::1",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_each_unsafe_setting_stops_the_start_ops_1(read_settings: Read, name: str) -> None:
    environment, named = UNSAFE[name]
    with pytest.raises(ImproperlyConfigured, match=named) as stopped:
        read_settings(**environment)
    said = str(stopped.value)
    assert not {value for value in environment.values() if len(value) > 12 and value in said} - {
        "https://.example.com"
    }, "no secret and no address is repeated"


@pytest.mark.parametrize("name", SAFE)
def test_safe_settings_start_ops_1(read_settings: Read, name: str) -> None:
    assert read_settings(**SAFE[name])["DEBUG"] is False


def test_debug_cannot_be_switched_on_and_would_stop_the_start_ops_1(read_settings: Read) -> None:
    found = read_settings(DEBUG="1", DJANGO_DEBUG="1", TICKMARK_DEBUG="1")
    assert found["DEBUG"] is False
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        refuse_unsafe({**found, "DEBUG": True})


def test_a_process_says_what_is_unsafe_and_ends_ops_1() -> None:
    environment = {**REAL, "EVIDENCE_ADDRESS": "", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", "import grc.wsgi"], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Set EVIDENCE_ADDRESS" in done.stderr
    assert REAL["SECRET_KEY"] not in done.stderr


@pytest.mark.parametrize(
    ("host", "here"),
    [("", True), ("/run/postgresql", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
     ("localhost", True), ("10.0.0.1", False), ("localhost.example.com", False), ("db", False),
     ("0.0.0.0", False)],
)  # fmt: skip
def test_the_exemption_ends_at_loopback_ops_1(host: str, here: bool) -> None:
    assert is_here(host) is here


def test_the_deployment_check_has_no_warning_outside_loopback_ops_1(outside: Any) -> None:
    from django.core import checks

    assert checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True) == []


def test_django_s_admin_is_not_there_ops_4() -> None:
    from django.apps import apps

    from tests.access.routes import patterns

    assert not apps.is_installed("django.contrib.admin")
    views = {getattr(entry.callback, "__module__", "") for _, _, entry in patterns()}
    assert not [module for module in views if module.startswith("django.contrib.admin")]
    assert not [pattern for _, pattern, _ in patterns() if pattern.startswith("admin")]
