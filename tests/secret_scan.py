"""Looks for secrets in a checkout and its whole history (SUP-5): `python -m tests.secret_scan`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHAPES = {
    "private key": re.compile(r"-----BEGIN (?:RSA |EC |OPENSSH |DSA |PGP )?PRIVATE KEY"),
    "token of ours": re.compile(r"\btm[a-z]_[0-9A-Za-z]{40,}\b"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\b(?:ghp|gho|ghu|ghs|ghr)_[0-9A-Za-z]{36}\b|\bgithub_pat_\w{40,}"),
    "GitLab token": re.compile(r"\bglpat-[\w-]{20,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{20,}"),
    "Stripe key": re.compile(r"\b[rs]k_live_[0-9A-Za-z]{20,}"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "JSON web token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|rediss?|smtps?|amqps?|https?)://[^\s:/@\"'{}<>]+:(?!\")"
        r"(?P<password>[^\s/@\"'{}<>]{6,})@(?!(?:127\.0\.0\.1|localhost|db|host)(?![\w.-]))"
    ),
}
WORTH_A_LOOK = re.compile(
    "BEGIN |tm[a-z]_|AKIA|ASIA|gh[pousr]_|github_pat|glpat-|xox|k_live_|AIza|eyJ|://[^/]*@"
)
"""What a line with a secret holds in any case: most lines are passed over by this alone."""
NO_SECRET = re.compile(r"(?i)^(?:password|secret|planted-word|pw|x+|…|\.\.\.|\$\{?\w+\}?)$")
"""What stands for a password in a sentence or test."""


def found_in(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(kind, line cut to 100 signs) of every line that holds a secret."""
    for line in filter(WORTH_A_LOOK.search, lines):
        for kind, shape in SHAPES.items():
            hit = shape.search(line)
            if hit and not NO_SECRET.match(hit.groupdict().get("password") or ""):
                yield kind, line.strip()[:100]


def of_repository(root: Path) -> list[tuple[str, str]]:
    """Secrets in the files that git knows or would add, and in every line any commit ever added."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    found = []
    for name in filter(None, listed.split("\0")):
        path = root / name
        if path.is_file():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [(kind, f"{name}: {line}") for kind, line in found_in(lines)]
    if not _git(root, "rev-list", "--all", "--max-count=1"):
        return found
    history = _git(root, "log", "--all", "-p", "--unified=0", "--no-color", "--no-textconv",
                   "--format=commit %h", "--", ".", ":!*.lock", ":!*.hashes")  # fmt: skip
    commit = ""
    for line in history.splitlines():
        if line.startswith("commit "):
            commit = line
        elif line.startswith("+"):
            found += [(kind, f"{commit}: {said}") for kind, said in found_in([line])]
    return found


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    secrets = of_repository(ROOT)
    for kind, place in secrets:
        print(f"{kind}: {place}")  # noqa: T201
    sys.exit(1 if secrets else 0)
