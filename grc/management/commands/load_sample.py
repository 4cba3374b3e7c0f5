"""`manage.py load_sample`: play the sample engagement, once, on a machine of one's own."""

from __future__ import annotations

import json
import os
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from grc.sample import cast
from grc.sample.plot import play
from grc.sample.story import Story
from tenants import acting
from tenants.models import User

WORDS = ("amber", "harbour", "ledger", "maple", "orchid", "quartz", "river", "saffron", "tundra",
         "velvet", "walnut", "zephyr")  # fmt: skip


class Command(BaseCommand):
    """Plays the sample and writes who may sign in to `sample-accounts.json` (mode 600)."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The sample is for loopback only; its people have known addresses.")
        with acting.acting(acting.NOBODY), transaction.atomic():
            if User.objects.filter(email=cast.FIRM[0].email).exists():
                self.stdout.write("The sample is here already.")
                return
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        story = Story(password=_passphrase())
        play(story)
        accounts = [
            {
                "email": person.email,
                "password": story.password,
                "name": person.name,
                "organization": person.organization,
                "role": person.role.label,
                "token": story.token_for(person.email),
            }
            for person in cast.EVERYBODY
        ]
        _write(accounts)
        self.stdout.write(f"The sample is played: {len(accounts)} people.")


def _passphrase() -> str:
    """Three words and a number: long enough for the rules, short enough to type."""
    return "-".join(
        [*(secrets.choice(WORDS) for _ in range(3)), str(secrets.randbelow(9000) + 1000)]
    )


def _write(accounts: list[dict[str, str]]) -> None:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = settings.DATA_DIR / "sample-accounts.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(accounts, file, indent=2)
