"""Logs: one JSON object a line for what we say, a plain line for what libraries say."""

from __future__ import annotations

import sys
from typing import Any

import structlog


def configured(level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING; both write to standard error from `level` on.

    A traceback is logged without the values in it (DAT-9).
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
    }
