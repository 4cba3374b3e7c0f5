"""No line of a log holds what nobody may read there: secrets, links, names of evidence (DAT-9)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from evidence.errors import EvidenceDamaged
from grc import logs
from tenants.secrets import TOKEN_PREFIX, new_secret

SECRET = new_secret(TOKEN_PREFIX).text
LINES = (
    f"Not Found: /invitations/{SECRET.replace('tmk_', 'tmi_')}/",
    f"Authorization: Bearer {SECRET}",
    f"GET /{SECRET.replace('tmk_', 'tml_')}",
    "Authorization: Basic c2VjcmV0OnNlY3JldA==",
    "/accounts/password/reset/key/3-abc123-planted0000000/",
    "connection to postgresql://tickmark_web:planted-word@db:5432/x failed",
    "redis://:planted-word@127.0.0.1:6379/0",
    "Cookie: __Host-tickmark=plantedcookie; __Host-tickmark-csrf=planted2; x=1",
    "Cookie: tickmark-evidence=tmb_planted0000000000000",
    "/callback?state=1&code=planted-code&token=planted-token",
)
PLANTED = (SECRET[4:], "planted", "c2VjcmV0")


@pytest.mark.parametrize("line", LINES, ids=[f"line {number}" for number in range(len(LINES))])
def test_secrets_are_taken_out_of_any_line_dat_9(line: str) -> None:
    cleaned = logs.clean(line)
    assert not [word for word in PLANTED if word in cleaned]
    assert logs.TAKEN_OUT in cleaned


def test_a_line_without_secrets_stays_as_it_is_dat_9() -> None:
    line = "2026-11-23 ERROR django.request Internal Server Error: /engagements/0197/requests/"
    assert logs.clean(line) == line


def caught(error: Exception) -> Exception:
    """The error as it is after it was raised."""
    try:
        raise error
    except Exception as found:
        return found


def test_a_fault_tells_kinds_and_places_and_no_words_dat_9() -> None:
    error = EvidenceDamaged("The stored bytes of planted.xlsx are not whole.", path="planted.xlsx")
    try:
        try:
            raise ValueError("planted value")
        except ValueError as cause:
            raise error from cause
    except EvidenceDamaged as found:
        told = logs.fault(found)
    assert "planted" not in told
    assert "evidence.errors.EvidenceDamaged (" in told
    assert "ValueError at " in told
    assert "test_logs.py:" in told


def test_what_libraries_say_goes_through_the_filter_dat_9() -> None:
    """Django with a traceback, Celery with the words of an error among its arguments."""
    error = caught(RuntimeError("planted words"))
    told = {
        "msg": "Task %(name)s[%(id)s] %(description)s: %(exc)s", "levelname": "ERROR",
        "name": "celery.app.trace", "exc_info": (RuntimeError, error, error.__traceback__),
        "args": {"name": "perform", "id": "1", "description": "raised", "exc": repr(error)},
    }  # fmt: skip
    line = logs.PlainLine().format(logging.makeLogRecord(told))
    assert "planted" not in line
    assert "Task perform[1] raised: RuntimeError" in line
    assert "test_logs.py:" in line


@pytest.fixture
def as_before() -> Iterator[None]:
    """The set-up of the process comes back: a captured stream is closed when its test ends."""
    kept = structlog.get_config()
    yield
    structlog.configure(**kept)


def test_our_own_lines_go_through_the_filter_dat_9(as_before: None, capsys: Any) -> None:
    logs.configured("INFO")
    log = structlog.get_logger("tests")
    try:
        raise RuntimeError("planted words")
    except RuntimeError:
        log.exception("failed", password="planted", path=f"/invitations/{SECRET}/", count=3)
    line = capsys.readouterr().err
    assert not [word for word in PLANTED if word in line]
    assert '"count": 3' in line
    assert "RuntimeError" in line


def test_loggers_with_handlers_of_their_own_are_led_through_it_dat_9(as_before: None) -> None:
    configured = logs.configured("INFO")
    assert configured["formatters"]["line"] == {"()": "grc.logs.PlainLine"}
    for name in ("gunicorn.error", "django.server"):
        assert configured["loggers"][name]["handlers"] == ["console"]
