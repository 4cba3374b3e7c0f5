"""The judge of `make faults` lets no forged history pass; each has a twin that it accepts."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.faults import checker
from tests.faults.history import ACKNOWLEDGED, REFUSED, UNKNOWN, Call, State

DRAFT, FILE, MOVE = ("draft", "R-1"), ("file", "a.csv"), ("submit", "R-1")
FIRST, SECOND = ("comment", "first"), ("comment", "second")
SHA, OTHER_SHA = "a" * 64, "b" * 64
Forgery = Callable[[list[Call], State], None]


def sound() -> tuple[list[Call], State]:
    """A history with every kind of call, one unknown outcome, and the state it leads to."""
    calls = [
        Call(DRAFT, 0.0, 1.0, ACKNOWLEDGED, said="R-1"),
        Call(FILE, 1.0, 2.0, UNKNOWN, said=""),
        Call(FILE, 2.0, 3.0, ACKNOWLEDGED, said=SHA),
        Call(MOVE, 3.0, 4.0, ACKNOWLEDGED),
        Call(MOVE, 4.0, 5.0, REFUSED),
        Call(FIRST, 4.0, 5.0, ACKNOWLEDGED, target="R-1"),
        Call(("comment", ""), 6.0, 7.0, ACKNOWLEDGED, target="R-1", saw=("first",)),
        Call(SECOND, 6.5, None, UNKNOWN, target="R-1"),
        Call(("comment", ""), 8.0, 9.0, ACKNOWLEDGED, target="R-1", saw=("first", "second")),
        Call(("comment", "refused"), 8.0, 9.0, REFUSED, target="R-1"),
    ]
    once = dict.fromkeys((DRAFT, FILE, MOVE, FIRST, SECOND), 1)
    return calls, State(
        effects=dict(once), trail=dict(once), said={FILE: SHA, DRAFT: "R-1"},
        named={"k1": SHA, "k2": OTHER_SHA}, stored={"k1": SHA, "k2": OTHER_SHA},
        obligations={"ada": "sent", "ben": "unknown", "cy": "sending", "di": "refused"},
        mails={"ada": 1, "ben": 1},
    )  # fmt: skip


def put(table: str, key: Any, value: Any) -> Forgery:
    """Forge one entry of the state; None removes it."""

    def forge(calls: list[Call], state: State) -> None:
        entries = getattr(state, table)
        if isinstance(entries, list):
            entries.append(key)
        elif value is None:
            entries.pop(key)
        else:
            entries[key] = value

    return forge


def call(number: int, **changed: Any) -> Forgery:
    """Forge one call of the history."""

    def forge(calls: list[Call], state: State) -> None:
        calls[number] = replace(calls[number], **changed)

    return forge


def both(*forgeries: Forgery) -> Forgery:
    """Several at once."""

    def forge(calls: list[Call], state: State) -> None:
        for each in forgeries:
            each(calls, state)

    return forge


def effect(of: Any, count: int | None) -> Forgery:
    """An effect and its trail, alike."""
    return both(put("effects", of, count), put("trail", of, count))


NEW = ("draft", "R-2")
FORGED: dict[str, tuple[Forgery, Forgery]] = {
    # what is wrong: (the forgery, its twin: the one difference that makes it possible)
    "a write lost": (effect(DRAFT, None), both(effect(DRAFT, None), call(0, outcome=UNKNOWN))),
    "a file lost": (effect(FILE, None), both(effect(FILE, None), call(2, outcome=UNKNOWN))),
    "a move lost": (effect(MOVE, None), both(effect(MOVE, None), call(3, outcome=UNKNOWN))),
    "a write doubled": (effect(DRAFT, 2), effect(DRAFT, 1)),
    "a file doubled": (effect(FILE, 2), effect(FILE, 1)),
    "a retried write doubled": (effect(SECOND, 2), effect(SECOND, 1)),
    "a write nobody asked for": (
        effect(NEW, 1),
        both(effect(NEW, 1), lambda c, s: c.append(Call(NEW, 0.0, None, UNKNOWN))),
    ),
    "a refused write done": (
        effect(("comment", "refused"), 1),
        both(effect(("comment", "refused"), 1), call(9, outcome=UNKNOWN)),
    ),
    "an effect without trail": (put("trail", DRAFT, None), effect(DRAFT, 1)),
    "a trail without effect": (put("trail", NEW, 1), put("trail", DRAFT, 1)),
    "two entries for one effect": (put("trail", FILE, 2), put("trail", FILE, 1)),
    "one entry for two effects": (put("effects", FILE, 2), put("effects", FILE, 1)),
    "other bytes than were answered": (put("said", FILE, OTHER_SHA), put("said", FILE, SHA)),
    "a retry answered otherwise": (
        call(1, outcome=ACKNOWLEDGED, said=OTHER_SHA), call(1, outcome=ACKNOWLEDGED, said=SHA),
    ),
    "a stale read": (call(6, saw=()), both(call(6, saw=()), call(5, ended=6.2))),
    "a read that misses what was retried": (
        both(call(7, outcome=ACKNOWLEDGED, ended=7.5), call(8, saw=("first",))),
        both(call(7, outcome=ACKNOWLEDGED, ended=8.5), call(8, saw=("first",))),
    ),
    "a read that forgets": (
        both(call(5, outcome=UNKNOWN), call(8, saw=("second",))),
        both(call(5, outcome=UNKNOWN), call(8, saw=("second",), began=6.9)),
    ),
    "a read of what nobody wrote": (call(8, saw=("first", "second", "third")), call(8)),
    "a read before the write": (
        both(call(6, saw=("first", "second")), call(7, began=7.5)),
        both(call(6, saw=("first", "second")), call(7, began=6.5)),
    ),
    "a read that shows one twice": (call(6, saw=("first", "first")), call(6, saw=("first",))),
    "bytes lost": (put("stored", "k1", None), both(put("stored", "k1", None),
                                                    put("named", "k1", None))),
    "bytes changed": (put("stored", "k2", SHA), put("stored", "k2", OTHER_SHA)),
    "bytes without a row": (put("stored", "k3", SHA), both(put("stored", "k3", SHA),
                                                            put("named", "k3", SHA))),
    "a second mail": (put("mails", "ada", 2), put("mails", "ada", 1)),
    "a second mail after an unknown outcome": (put("mails", "ben", 2), put("mails", "ben", 0)),
    "a mail lost in silence": (
        put("mails", "ada", 0), both(put("mails", "ada", 0), put("obligations", "ada", "unknown")),
    ),
    "a mail that nothing owes": (
        put("mails", "eve", 1), both(put("mails", "eve", 1), put("obligations", "eve", "sent")),
    ),
    "a refused mail that arrived": (
        put("mails", "di", 1), both(put("mails", "di", 1), put("obligations", "di", "sent")),
    ),
    "a mail never tried": (
        put("obligations", "eve", "waiting"), put("obligations", "eve", "refused"),
    ),
    "a mail of no known status": (
        put("obligations", "eve", "lost"), put("obligations", "eve", "unknown"),
    ),
    "work left undone": (put("undone", "evidence.assemble", 1), call(0)),
    "work given up": (put("parked", "evidence.read_list", 1), call(0)),
    "an end before the beginning": (call(3, ended=2.0), call(3, ended=3.0)),
    "an acknowledgement without an end": (call(3, ended=None), call(4, ended=6.0)),
    "an outcome that is none": (call(4, outcome="maybe"), call(4, outcome=UNKNOWN)),
}  # fmt: skip


def judged(forge: Forgery) -> list[str]:
    calls, state = deepcopy(sound())
    forge(calls, state)
    return checker.anomalies(calls, state)


def test_a_sound_history_passes() -> None:
    assert checker.anomalies(*sound()) == []


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_history_is_rejected_and_its_twin_accepted(kind: str) -> None:
    forged, twin = FORGED[kind]
    assert judged(forged), kind
    assert judged(twin) == [], kind


def test_there_are_thirty_kinds_of_forgery_and_every_rule_finds_one() -> None:
    assert len(FORGED) >= 30
    needed = set()
    for forge, _ in FORGED.values():
        calls, state = deepcopy(sound())
        forge(calls, state)
        needed |= {rule.__name__ for rule in checker.RULES if list(rule(calls, state))}
    assert needed == {rule.__name__ for rule in checker.RULES}
