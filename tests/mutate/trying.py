"""Guards taken away, over databases of their own, and what came of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

from tests.mutate.choosing import Choice, in_groups
from tests.mutate.guards import ROOT, Guard
from tests.mutate.plugin import MUTANT
from tests.mutate.recording import COLLECTED
from tests.mutate.running import command, environment, run_pytest
from tests.mutate.server import PIPES

RULES = "rules"
SERVED = {
    **COLLECTED, RULES: ["tests/tenants/test_rules_in_force.py", "tests/tenants/test_walls.py"],
}  # fmt: skip
"""What each server collects; those of `RULES` have a test for each table."""
BEFORE_LOAD = ["tests/grc", "tests/tenants/portal", "tests/tenants/test_passwords.py",
               "tests/test_access.py"]  # fmt: skip
"""What is run for a line of the settings, which no test is seen to come by."""
KILLED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"
VERDICTS = {"red": KILLED, "green": SURVIVED, "broken": BROKEN}
UNSEEN = "no test comes by it"


@dataclass(frozen=True)
class Outcome:
    """What came of one guard: killed by which test, survived, or broken without being tried."""

    guard: Guard
    verdict: str
    by: str
    seconds: float = 0


def attempt_all(
    guards: Sequence[Guard], choice: Choice, tell: Callable[[Outcome], None],
) -> None:  # fmt: skip
    """Try every guard; `tell` hears of each as soon as it is known."""
    with ExitStack() as stack:
        servers: dict[str, Server] = {}

        def serving(group: str) -> Server:
            if group not in servers:
                servers[group] = stack.enter_context(server(group, SERVED[group]))
            return servers[group]

        for guard in guards:
            began = time.monotonic()
            verdict, by = (attempt_rule if guard.sql else attempt)(guard, choice, serving)
            tell(Outcome(guard, verdict, by, time.monotonic() - began))


Serving = Callable[[str], "Server"]


def attempt_rule(guard: Guard, _: Choice, serving: Serving) -> tuple[str, str]:
    """Drop a rule of the database; a test of that very table must go red."""
    rules = serving(RULES)
    tests = [test for test in rules.tests if test.endswith(f"[{guard.path}]")]
    status, by = rules.ask(guard, tests)
    return VERDICTS[status], by


def attempt(guard: Guard, choice: Choice, serving: Serving) -> tuple[str, str]:
    """Try a guard of the code on the tests chosen for it, one server after the other."""
    tests = choice.of(guard)
    if not tests:
        return attempt_before_load(guard, BEFORE_LOAD) if not guard.watch else (SURVIVED, UNSEEN)
    for group, names in in_groups(tests):
        status, by = serving(group).ask(guard, names)
        if status == "elsewhere":
            return attempt_before_load(guard, [test.test for test in tests])
        if status != "green":
            return VERDICTS[status], by
    return SURVIVED, f"{len(tests)} let it go"


def attempt_before_load(guard: Guard, tests: Sequence[str]) -> tuple[str, str]:
    """Try a guard that must be gone before its module is loaded, in a process of its own."""
    told = {"path": guard.path, "span": guard.span, "replacement": guard.replacement}
    code, output = run_pytest(
        [*tests, "-x"], name="before", plugin="plugin", told={MUTANT: json.dumps(told)}
    )
    found = re.findall(r"^(?:FAILED|ERROR) (.*)$", output, re.MULTILINE)
    verdict = {0: SURVIVED, 1: KILLED}.get(code, BROKEN)
    return verdict, (found or output.splitlines()[-1:] or [""])[0][:150]


@contextmanager
def server(name: str, collected: Sequence[str]) -> Iterator[Server]:
    """A server over a database of its own, ended after the block."""
    (asked, jobs), (results, answers) = os.pipe(), os.pipe()
    with tempfile.TemporaryFile() as output, os.fdopen(results) as told:
        process = subprocess.Popen(
            command("server", collected), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            env=environment(name, {PIPES: f"{asked} {answers}"}), pass_fds=(asked, answers),
        )  # fmt: skip
        os.close(asked)
        os.close(answers)
        try:
            with os.fdopen(jobs, "w") as asking:
                yield Server(asking, told, output)
        finally:
            process.wait()


class Server:
    """A pytest that has collected its tests and forks for each guard; see the module `server`."""

    def __init__(self, jobs: IO[str], results: IO[str], output: IO[bytes]) -> None:
        self.jobs, self.results, self.output = jobs, results, output
        self.tests: list[str] = self._answer()

    def ask(self, guard: Guard, tests: Sequence[str]) -> tuple[str, str]:
        """(red, green, elsewhere or broken; which test, or why) with a guard taken away."""
        job = {"path": guard.path, "span": guard.span, "replacement": guard.replacement,
               "sql": guard.sql, "tests": tests}  # fmt: skip
        print(json.dumps(job), file=self.jobs, flush=True)
        done = self._answer()
        if done["red"]:
            print(f"Red with every guard in its place: {done['red']}")  # noqa: T201
        return done["status"], " ".join(done["by"])

    def _answer(self) -> Any:
        """The next line. Raises SystemExit when the tests are red by themselves."""
        line = self.results.readline()
        if not line:
            self.output.seek(0)
            raise SystemExit(f"The tests ended early:\n{self.output.read()[-2000:].decode()}")
        return json.loads(line)
