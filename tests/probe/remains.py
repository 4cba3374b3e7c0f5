"""What the campaign left behind: logs, mail and the broker, searched for all that was planted.

Nothing of evidence, no password, token, cookie or link stands in any of them (DAT-9, DAT-10).
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.policy import default as policy
from pathlib import Path
from typing import Any

import redis
from django.conf import settings

from tests.probe.planting import SAID, owner
from tests.probe.stage import Stage

LINK = re.compile(r"https?://\S+")


def secrets_of(stage: Stage) -> dict[str, str]:
    """Every secret that was used: text → what it is."""
    found = dict.fromkeys(stage.passwords, "a password")
    for name, caller in stage.callers.items():
        found[caller.program.secret] = f"the token of {name}"
        for cookie in caller.browser.cookies.values():
            if len(cookie.value) >= 20:
                found[cookie.value] = f"a cookie of {name}"
    found[settings.SECRET_KEY] = "the key of the site"
    return found


def in_text(text: str, where: str, stage: Stage) -> Iterator[str]:
    """Findings: planted words and secrets in a log, or in what the broker holds."""
    for word in sorted(set(SAID.findall(text))):
        canary = stage.canaries.get(word)
        yield f"{where}: {canary.where if canary else 'a word of a scene'} ({word})"
    for secret, what in secrets_of(stage).items():
        if secret in text:
            yield f"{where}: {what}"


def in_letters(folder: Path, stage: Stage) -> Iterator[str]:
    """Findings in the letters sent: evidence, secrets, and words their reader may not read."""
    names = {caller.who.email: name for name, caller in stage.callers.items()}
    for letter in letters(folder):
        text = f"{letter['Subject']}\n{letter.get_content()}"
        reader = names.get(str(letter["To"]).strip())
        for word in sorted(set(SAID.findall(text))):
            canary = stage.canaries.get(word)
            if canary is None or reader is None:
                continue
            if canary.evidence or reader not in canary.readers:
                yield f"a letter to {reader}: {canary.where}"
        for secret, what in secrets_of(stage).items():
            if secret in text:
                yield f"a letter to {letter['To']}: {what}"


def letters(folder: Path) -> Iterator[Any]:
    """The letters that Django's file backend wrote into a folder."""
    for path in sorted(folder.glob("*.log")) if folder.is_dir() else ():
        for part in path.read_bytes().split(b"-" * 79 + b"\n"):
            if part.strip():
                yield email.message_from_bytes(part, policy=policy)


def broker_text(url: str) -> str:
    """Everything a broker holds, as text."""
    server = redis.Redis.from_url(url)
    read = {
        b"string": lambda key: [server.get(key)],
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": lambda key: list(server.smembers(key)),
        b"zset": lambda key: server.zrange(key, 0, -1),
        b"hash": lambda key: [part for pair in server.hgetall(key).items() for part in pair],
    }
    found = []
    for key in server.scan_iter():
        values = read.get(server.type(key), lambda key: [])(key)
        found += [key, *(value for value in values if isinstance(value, bytes))]
    return b"\n".join(found).decode("utf-8", "replace")


def in_database(stage: Stage) -> Iterator[str]:
    """Passwords and tokens in any column of any table, as the owner reads them (API-1)."""
    secrets = {text: what for text, what in secrets_of(stage).items() if "cookie" not in what}
    for (table,) in owner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        for secret, what in secrets.items():
            rows = owner(
                f"SELECT count(*) FROM {table} t WHERE position(%s in t::text) > 0", secret
            )
            if rows[0][0]:
                yield f"{table}: {what}"
