"""The platform as it runs outside loopback, for one test."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.test import Client

from tests.access.probing import BACKEND
from tests.programs import Program, program_of

SETTINGS = Path(__file__).resolve().parents[2] / "grc" / "settings.py"
SITE, EVIDENCE = "https://audit.tickmark.test", "https://files.tickmark.test"
REAL = {
    "SITE_ADDRESS": SITE,
    "EVIDENCE_ADDRESS": EVIDENCE,
    "SECRET_KEY": "k9Qw2Zr7Tn4Xv8Bm1Lp6Sd3Fg5Hj0Yc-Ua_Ee.Oo:IiPq7Wn2Rt4Ys6",
}
"""What an operator sets, beside the servers' addresses."""
KEPT = {
    "API_OPEN", "API_RATES", "DATABASES", "EMAIL_BACKEND", "EVIDENCE_DIR", "LOGGING", "STATIC_ROOT",
}  # fmt: skip
"""What a test has already arranged."""


@pytest.fixture
def read_settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The settings an environment gives, outside loopback unless it says otherwise."""

    def read(**environment: str) -> dict[str, Any]:
        monkeypatch.delenv("TICKMARK_LOCAL", raising=False)
        for name, value in {**REAL, **environment}.items():
            if value:
                monkeypatch.setenv(name, value)
            else:
                monkeypatch.delenv(name, raising=False)
        monkeypatch.delitem(sys.modules, "grc.identity", raising=False)  # reads it anew
        return runpy.run_path(str(SETTINGS))

    return read


@pytest.fixture
def outside(read_settings: Callable[..., dict[str, Any]], settings: Any) -> dict[str, Any]:
    """Be the platform at SITE: https, Secure cookies, exact hosts."""
    found = {
        name: value
        for name, value in read_settings().items()
        if name.isupper() and name not in KEPT and getattr(configured, name, None) != value
    }
    for name, value in found.items():
        setattr(settings, name, value)
    return found


@pytest.fixture
def people(world: SimpleNamespace) -> SimpleNamespace:
    """The cast, two of it with addresses that may sign in outside loopback (AUT-13), and with the
    second factor that is asked of them there."""
    for name in ("lead", "client"):
        person = getattr(world, name)
        person.email = f"{name}@tallow-books.test"
        person.save(update_fields=["email"])
        TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    return world


class Secure(Client):
    """A browser that speaks https to SITE; with `plain`, http."""

    plain = False

    def __init__(self, **options: Any) -> None:
        host = SITE.partition("//")[2]
        super().__init__(raise_request_exception=False, headers={"Host": host}, **options)

    def generic(self, *args: Any, secure: bool = False, **more: Any) -> Any:
        return super().generic(*args, secure=not self.plain, **more)


def browser_of(person: Any = None, **options: Any) -> Secure:
    """A browser at SITE, signed in as `person`."""
    found = Secure(**options)
    if person is not None:
        found.force_login(person, backend=BACKEND)
    return found


def secure_program(person: Any, organization: Any) -> Program:
    """A program of theirs that speaks https to SITE."""
    found = program_of(person, organization)
    found.client = Secure()
    return found
