"""One campaign: cases drawn from the schema, each sent as several people with ids that exist."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz import life
from tests.fuzz.malformed import malformed
from tests.fuzz.pool import Pool

SENT_AS = 8
"""How often each case is sent: by other people, with other ids, sometimes malformed."""
MALFORMED = 0.1
ROUND = 4
"""Cases of one operation before the next has its turn."""
SPARED = {
    ("DELETE", "/api/v1/tokens/{id}/"), ("PATCH", "/api/v1/people/{id}/"),
    ("DELETE", "/api/v1/people/{id}/"), ("PATCH", "/api/v1/organizations/{id}/"),
}  # fmt: skip
"""Asked with made-up ids alone: they would end the people who ask."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip
QUIET = hypothesis_settings(
    database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


class Campaign:
    """Counts what was sent and answered. `faults`: what is wrong → how often, with one example."""

    def __init__(self, people: list[dict[str, str]], number: int, *, cases: int = ROUND) -> None:
        """people: the `email`, `role` and `token` of each; cases: of an operation in its turn."""
        self.random = random.Random(number)
        self.people = people
        self.drawing = hypothesis_settings(QUIET, max_examples=cases)
        served = _to_the_end(get_wsgi_application())
        self.schema: Any = schemathesis.openapi.from_wsgi("/api/v1/schema/", served)
        self.pool = Pool(self.random)
        self.sent = 0
        self.answers: Counter[int] = Counter()
        self.operations: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.played = 0
        self.made: set[str] = set()

    def run(self, requests: int, *, only: str = "", lives: float = 0.0) -> None:
        """Send until so many were sent; every operation has its turn again and again.

        `lives`: the share that evidence requests are played with, from their draft on.
        """
        if lives:
            self.made |= life.play(self, round(requests * lives)).made
            self.played = self.sent
            if self.sent >= requests:
                return
        found = [each.ok() for each in self.schema.get_all_operations()]
        operations = [each for each in found if only in each.path]
        for person in self.people:
            self._look_around(found, person)
        while self.sent < requests:
            for operation in self.random.sample(operations, len(operations)):
                if self.sent >= requests:
                    return
                self._round(operation)

    def told(self, seconds: float) -> str:
        """What was done, as lines to print."""
        answers = ", ".join(f"{code}: {many:,}" for code, many in sorted(self.answers.items()))
        lines = [
            f"{self.sent:,} requests to {len(self.operations)} operations in {seconds:,.0f} s",
            f"answers  {answers}",
            f"lives    {self.played:,} requests; moves made: {', '.join(sorted(self.made))}",
            f"faults   {sum(self.faults.values()):,}",
        ]
        for what, many in self.faults.most_common():
            lines += [f"  {many:,} × {what}", f"      {self.examples[what]}"]
        return "\n".join(lines)

    def _look_around(self, operations: list[Any], person: dict[str, str]) -> None:
        """Learn what a person sees in the lists, so that ids are of rows that exist."""
        headers = {"Authorization": f"Bearer {person['token']}"}
        for operation in operations:
            if operation.method.upper() == "GET" and "{" not in operation.path:
                answer = operation.Case(query={"limit": 100}).call(headers=headers)
                self.pool.learn(answer, person["email"])

    def _round(self, operation: Any) -> None:
        drawn = operation.as_strategy()

        @self.drawing
        @seed(self.random.randrange(2**32))
        @given(case=drawn)
        def send(case: Any) -> None:
            for person in self.random.sample(self.people, min(SENT_AS, len(self.people))):
                self._send(case, person)

        send()

    def _send(self, case: Any, person: dict[str, str]) -> None:
        if (case.method.upper(), case.path) not in SPARED:
            case = self.pool.with_known_ids(case, person["email"])
        headers: dict[str, str] = {}
        if "Idempotency-Key" in case.headers and self.random.random() < 0.9:
            headers["Idempotency-Key"] = str(uuid4())
        if "If-Match" in case.headers and self.random.random() < 0.9:
            headers["If-Match"] = self.pool.version_of(case)
        more: dict[str, Any] = {}
        if self.random.random() < MALFORMED and case.method.upper() in ("POST", "PATCH"):
            more["data"] = malformed(self.random, case.body)
            headers["Content-Type"] = "application/json"
        self.ask(case, person, headers, **more)

    def ask(self, case: Any, person: dict[str, str], headers: dict[str, str], **more: Any) -> Any:
        """Send a case as one person; the answer is counted and judged."""
        known = {"Authorization": f"Bearer {person['token']}", **headers}
        response = case.call(headers=known, **more)
        self.sent += 1
        self.answers[response.status_code] += 1
        self.operations[f"{case.method} {case.path}"] += 1
        self.pool.learn(response, person["email"])
        for what in self._broken(case, response):
            name = f"{case.method} {case.operation.path} {response.status_code} {what}"
            said = response.content[:400].decode(errors="replace")
            self.fault(name, f"{person['role']}: {case.as_curl_command()[:400]} → {said}")
        return response

    def fault(self, what: str, example: str) -> None:
        """Count what is wrong; the first example is kept."""
        self.faults[what] += 1
        self.examples.setdefault(what, example[:900])

    def _broken(self, case: Any, response: Any) -> Iterator[str]:
        for check in CHECKS:
            try:
                case.validate_response(response, checks=[check])
            except (Failure, FailureGroup) as failure:
                yield f"{check.__name__}: {_first_words(failure)}"


def _to_the_end(application: Any) -> Any:
    """Every answer is read and closed, as a server does: an open one counts against its caller."""

    def served(environ: dict[str, Any], start: Any) -> list[bytes]:
        parts = application(environ, start)
        try:
            return [b"".join(parts)]
        finally:
            parts.close()

    return served


def _first_words(failure: BaseException) -> str:
    inner = getattr(failure, "exceptions", None) or [failure]
    text = getattr(inner[0], "message", "") or str(inner[0])
    return " ".join(text.split())[:160]
