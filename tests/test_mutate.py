"""The guard mutation finds guards, takes them out, and tells a survivor from a kill (ACC-19).

A tiny form of `make mutate`: two guards, tried by the real server on the two tests below.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence.rules.answering import may_accept
from tenants.permissions import P
from tests.mutate.__main__ import summary
from tests.mutate.guards import KINDS, ROOT, all_guards, of_source
from tests.mutate.trying import KILLED, SURVIVED, Outcome, attempt_stage, batches

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


def test_every_kind_of_guard_is_found() -> None:
    guards = all_guards()
    assert {guard.kind for guard in guards} == set(KINDS)
    assert len(guards) > 700
    assert len({guard.name for guard in guards}) > 0.95 * len(guards)
    for batch in batches([guard for guard in guards if guard.sql]):
        assert len({guard.path for guard in batch}) == len(batch)


def test_a_survivor_is_told_from_a_kill_acc_19(monkeypatch: Any, capsys: Any) -> None:
    """One guard, tried on a test that notices and on one that does not; and nothing taken out."""
    here = "tests/test_mutate.py"
    path = ROOT / "evidence/rules/answering.py"
    guard = next(each for each in of_source(path) if "may_accept" in each.text)
    start, end = guard.span
    kept = replace(guard, replacement=path.read_bytes()[start:end].decode())
    unseen = replace(guard, kind="lifecycle")
    monkeypatch.setattr(
        "tests.mutate.trying.stages",
        lambda each: [[f"{here}::test_staff_accept_documents"
                       + ("" if each is unseen else "_alone")]],
    )  # fmt: skip
    told: list[Outcome] = []
    left = attempt_stage([guard, unseen, kept], 0, [here], told.append, [])
    assert [(outcome.guard, outcome.verdict) for outcome in told] == [(guard, KILLED)]
    assert told[0].by == f"{here}::test_staff_accept_documents_alone"
    assert left == [unseen, kept]
    assert summary(told) == 0
    assert guard.path not in capsys.readouterr().out
    assert summary([*told, Outcome(unseen, SURVIVED, "", 0)]) == 1
    assert f"SURVIVED lifecycle {guard.path}" in capsys.readouterr().out
