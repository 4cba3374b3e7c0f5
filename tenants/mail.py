"""Letters: plain text from templates, links from the configured address, sent once (DAT-10)."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string

log = structlog.get_logger(__name__)


def letter(name: str, *, to: str, context: dict[str, Any]) -> EmailMessage:
    """A letter from `tenants/mail/<name>.txt`, whose first line is the subject."""
    text = render_to_string(f"tenants/mail/{name}.txt", {"site": settings.SITE_ADDRESS, **context})
    subject, _, body = text.strip().partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", to=[to])


def send_after_commit(name: str, *, to: str, context: dict[str, Any]) -> None:
    """Send a letter that carries a secret, once the transaction has committed.

    The secret is in no row, so it cannot be sent later: a letter the mail server refuses is
    logged, and the one who asked withdraws and invites again.
    """
    transaction.on_commit(partial(_send, letter(name, to=to, context=context), name), robust=True)


def _send(message: EmailMessage, name: str) -> None:
    try:
        message.send()
    except OSError as error:
        log.error("letter_not_sent", letter=name, error=type(error).__name__)
