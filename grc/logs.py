"""Logs: one JSON object a line for what we say, a plain line for what libraries say.

What nobody may read in a log is taken out of every line: secrets by their shape, and with a fault
everything but the kinds of errors and the places in the code, because the words of an exception
hold names of files, rows and addresses (DAT-9).
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog

TAKEN_OUT = "[taken out]"
_SECRETS = (
    re.compile(r"(?<=\btm[a-z]_)[\w-]{12,}"),  # tokens, invitations, links: their prefix stays
    re.compile(r"(?<=/password/reset/key/)[^/\s\"']+"),
    re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]*(?=@)"),  # name and password in an address
    re.compile(r"(?i)(?<=\bbearer )\S+"),
    re.compile(r"(?i)(?<=\bbasic )\S+"),
    re.compile(r"(?i)(?<=tickmark=)[^;\s]+|(?<=tickmark-csrf=)[^;\s]+|(?<=-evidence=)[^;\s]+"),
    re.compile(
        r"(?i)(?<=[?&])(?:token|secret|code|password|key|assertion|SAMLResponse)=[^&\s\"']+"
    ),
)
_NAMED = re.compile(r"(?i)password|passphrase|secret|token$|authorization|cookie|session_key|otp")
"""Names of values that are never logged, whatever they hold."""

Line = MutableMapping[str, Any]


def configured(level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; both write to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_fault,
            _without_secrets,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "grc.logs.PlainLine"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        # which have handlers of their own, whose lines nobody would clean
        "loggers": {
            name: {"handlers": ["console"], "propagate": False, "level": level}
            for name in ("gunicorn.error", "django.server")
        },
    }


def clean(text: str) -> str:
    """`text` without what looks like a secret of ours or of a server."""
    for secret in _SECRETS:
        text = secret.sub(TAKEN_OUT, text)
    return text


def fault(error: BaseException) -> str:
    """What went wrong and where, in one line: kinds of errors, files and lines, no words of theirs.

    A refusal of ours adds its code, PostgreSQL its state and constraint.
    """
    return " <- ".join(_told(each) for each in _chain(error))


class PlainLine(logging.Formatter):
    """A library's line: time, level, name, message; a fault as `fault` tells it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        plain = logging.makeLogRecord(record.__dict__)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and isinstance(record.args, dict):  # Celery puts the words in there
            plain.args = {**record.args, "exc": type(error).__name__, "traceback": ""}
        plain.exc_info = plain.exc_text = plain.stack_info = None
        line = super().format(plain)
        return clean(f"{line} | {fault(error)}" if error is not None else line)


def _with_fault(logger: Any, method: str, line: Line) -> Line:
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["fault"] = fault(error)
    return line


def _without_secrets(logger: Any, method: str, line: Line) -> Line:
    return {
        name: TAKEN_OUT if _NAMED.search(name) else clean(str(value)) if _is_text(value) else value
        for name, value in line.items()
    }


def _is_text(value: Any) -> bool:
    return not isinstance(value, int | float | bool | None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    kind = type(error)
    name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    more = [str(getattr(error, each)) for each in ("code", "sqlstate") if _is_word(error, each)]
    if constraint := getattr(getattr(error, "diag", None), "constraint_name", None):
        more.append(str(constraint))
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    places = " > ".join(f"{at.filename}:{at.lineno} {at.name}" for at in frames)
    return " ".join([name, *(f"({word})" for word in more), "at", places or "no place"])


def _is_word(error: BaseException, name: str) -> bool:
    value = getattr(error, name, None)
    return isinstance(value, str) and bool(re.fullmatch(r"[\w.-]{1,60}", value))
