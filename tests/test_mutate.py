"""The guard mutation finds guards, takes them out, and tells a survivor from a kill (ACC-19).

A tiny form of `make mutate`: two tests are recorded and guards tried on them, in real processes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from evidence.choices import RequestStatus as S
from evidence.rules.answering import may_accept
from tenants.errors import Refused
from tenants.lifecycle import Move
from tenants.permissions import P
from tests.mutate.__main__ import summary
from tests.mutate.choosing import BUDGET, Choice, in_groups
from tests.mutate.explained import EXPLAINED
from tests.mutate.guards import KINDS, ROOT, all_guards, of_source
from tests.mutate.recording import Recorded, bundles, held, read, record
from tests.mutate.trying import KILLED, SURVIVED, UNSEEN, Outcome, attempt, attempt_all, server
from tests.mutate.watching import NAME, Passages, watched

NOTICES = "tests/test_mutate.py::test_staff_accept_documents_alone"
LOOKS_AWAY = "tests/test_mutate.py::test_staff_accept_documents"

SAMPLE = '''
@signed_in
def page(request, key):
    """A page."""
    require(request.user, P.VIEW_TRAIL, key)
    return Thing.objects.find(request.user, key)


def act(row, by):
    if row.is_over:
        raise Refused("It is over.")
    return Thing.objects.visible_to(by)


LIFECYCLE = Lifecycle(Move("send", [S.DRAFT], S.OPEN, P.SEND_REQUEST, who=mine, guards=[ready]))
'''


def test_staff_accept_documents_alone() -> None:
    assert may_accept("document", set())
    assert not may_accept("population", set())
    assert may_accept("population", {P.ACCEPT_POPULATION})


def test_staff_accept_documents() -> None:
    """Looks away from what staff may not accept: it cannot notice that the guard is gone."""
    assert may_accept("document", set())


def test_guards_are_found_by_their_syntax(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    found = {(guard.kind, guard.text): guard for guard in of_source(path, SAMPLE)}
    assert set(found) == {
        ("permissions", "@signed_in page"),
        ("permissions", "require(request.user, P.VIEW_TRAIL, key)"),
        ("visibility", "Thing.objects.find(request.user, key)"),
        ("visibility", "Thing.objects.visible_to(by)"),
        ("lifecycle", "if … raise Refused"),
        ("lifecycle", "P.SEND_REQUEST"),
        ("lifecycle", "Move send: who"),
        ("lifecycle", "Move send: ready"),
    }
    for guard in found.values():
        raw = SAMPLE.encode()
        changed = raw[: guard.span[0]] + guard.replacement.encode() + raw[guard.span[1] :]
        compile(changed, "sample.py", "exec")


def test_what_a_test_comes_by_is_noted_and_what_refuses() -> None:
    """The text with a call around each guard runs as before, and tells."""
    guards = of_source(Path("sample.py"), SAMPLE)
    passages = Passages()

    class Raising:
        def __getattr__(self, name: str) -> Any:
            raise Refused(name)

    code = compile(watched(SAMPLE.encode(), guards), "sample.py", "exec")
    names = {
        NAME: passages,
        "Refused": Refused,
        "Thing": Raising(),
        "require": print,
        "signed_in": lambda view: lambda user: user and view(user, 1),
        "P": P,
        "Lifecycle": lambda move: move,
        "S": S,
        "Move": Move,
        "mine": lambda by, row: by == row,
        "ready": lambda row: "" if row else "Not yet.",
    }
    exec(code, names)  # fmt: skip
    ran = {guard.key: guard.text for guard in guards}

    def told(act: Callable[[], Any]) -> tuple[set[str], set[str]]:
        passages.begin()
        with suppress(Refused, AttributeError):
            act()
        noted = passages.told("a test")
        return {ran[key] for key in noted["ran"]}, {ran[key] for key in noted["refused"]}

    act, page, move = names["act"], names["page"], names["LIFECYCLE"]
    refused, rows = "if … raise Refused", "Thing.objects.visible_to(by)"
    assert told(lambda: act(SimpleNamespace(is_over=True), 1)) == ({refused}, {refused})
    assert told(lambda: act(SimpleNamespace(is_over=False), 1)) == ({refused, rows}, {rows})
    assert told(lambda: page("")) == ({"@signed_in page"},) * 2
    assert "@signed_in page" not in told(lambda: page(SimpleNamespace(user="Ada")))[1]
    assert told(lambda: move.guards[0]("")) == ({"Move send: ready"},) * 2
    assert told(lambda: move.guards[0]("x")) == ({"Move send: ready"}, set())
    assert told(lambda: move.who(1, 2))[1] == {"Move send: who"}
    assert told(lambda: move.who(1, 1))[1] == set()
    nobody = SimpleNamespace(has_perm=lambda permission, anchor: False)
    assert told(lambda: move.is_for(nobody, SimpleNamespace(anchor=1)))[1] == {"P.SEND_REQUEST"}


def test_tests_a_guard_has_refused_come_first_and_the_fastest_of_them() -> None:
    guard = of_source(Path("sample.py"), SAMPLE)[0]
    none, it = frozenset[str](), frozenset([guard.key])
    matrix = "tests/test_access_matrix.py::line"
    tests = [Recorded("passes", 0.1, it), Recorded("elsewhere", 0.1, none),
             Recorded("slow", BUDGET - 0.5, it, it), Recorded(matrix, 0.2, it, it),
             Recorded("slower", BUDGET, it, it)]  # fmt: skip
    found = Choice(tests).of(guard)
    assert [each.test for each in found] == [matrix, "slow", "passes"]
    assert in_groups(found) == [("matrix", [matrix]), ("layers", ["slow", "passes"])]
    assert Choice(tests[1:2]).of(guard) == []
    assert [each.test for each in Choice(tests[-1:]).of(guard)] == ["slower"]


def test_parts_share_what_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    with held(path.with_suffix(".lock"), wait=False) as ours:
        assert ours
        assert not record(path, [], wait=False), "another part is at it"
    path.write_text('{"test": "a", "seconds": 0.5, "ran": ["x", "y"], "refused": ["y"]}\n')
    assert not record(path, [], wait=True), "it is done"
    assert list(read(path)) == [Recorded("a", 0.5, frozenset("xy"), frozenset("y"))]
    listed = [file for files in bundles().values() for file in files]
    assert len(listed) == len(set(listed))
    assert all((ROOT / file).exists() for file in listed)


def test_every_kind_of_guard_is_found() -> None:
    guards = all_guards()
    assert {guard.kind for guard in guards} == set(KINDS)
    assert len(guards) > 700
    assert len({guard.name for guard in guards}) > 0.95 * len(guards)
    settled = {guard.lasting for guard in guards}
    assert not [name for name in EXPLAINED if name not in settled], "no such guard any more"


def test_a_survivor_is_told_from_a_kill_acc_19(tmp_path: Path, capsys: Any) -> None:
    """One guard, tried on tests that were recorded with it: one notices, one does not.

    And a guard that no test comes by, one that is not really taken out, a rule of a table.
    """
    here = "tests/test_mutate.py"
    path, recording = ROOT / "evidence/rules/answering.py", tmp_path / "recorded.jsonl"
    guard = next(each for each in of_source(path) if "may_accept" in each.text)
    start, end = guard.span
    kept = replace(guard, replacement=path.read_bytes()[start:end].decode())
    unseen = next(each for each in of_source(ROOT / "tenants/permissions.py"))
    rule = next(each for each in all_guards() if "_wall" in each.sql)
    assert record(recording, [here, "-k", "test_staff"], wait=False)
    tests = list(read(recording))
    assert {each.test for each in tests if guard.key in each.ran} == {NOTICES, LOOKS_AWAY}
    choice, away = Choice(tests), Choice(each for each in tests if each.test == LOOKS_AWAY)
    with server("layers", [here]) as layers:
        found = [
            attempt(each, tests, lambda _: layers)
            for each, tests in ((guard, choice), (kept, choice), (unseen, choice), (guard, away))
        ]
    assert found == [(KILLED, NOTICES), (SURVIVED, "2 let it go"), (SURVIVED, UNSEEN),
                     (SURVIVED, "1 let it go")]  # fmt: skip
    told: list[Outcome] = []
    attempt_all([rule], choice, told.append)
    assert [each.verdict for each in told] == [KILLED]
    assert told[0].by.endswith(f"[{rule.path}]")
    assert summary(told[:1]) == 0
    assert rule.path not in capsys.readouterr().out
    assert summary([told[0], Outcome(unseen, *found[2])]) == 1
    assert f"SURVIVED permissions {unseen.path}" in capsys.readouterr().out
