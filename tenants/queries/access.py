"""The access matrix as people read it: who may do an act, who only sees the record, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenants.access_matrix import MATRIX, STANDINGS, Line, Resource, Standing, Verdict
from tenants.choices import Role

_TEAM = ("partner", "quality_reviewer", "manager", "senior", "staff", "specialist")
_OWNERS, _CONTRIBUTORS = ("control_owner", "owner_beside"), ("contributor", "contributor_beside")
_CLIENT = ("client_admin", "executive", *_OWNERS, *_CONTRIBUTORS)
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("everybody", tuple(each.key for each in STANDINGS)),
    ("all of the firm", (*_TEAM, "firm_admin", "colleague")),
    ("all of the client", (*_CLIENT,)),
    ("the firm's team", _TEAM),
    ("Control owner", _OWNERS),
    ("Contributor", _CONTRIBUTORS),
)
"""Standings that are told in one word when the matrix has them alike, the widest first."""


@dataclass(frozen=True, slots=True)
class Act:
    """One line in words.

    `may` and `sees_only` name standings, alike ones in one word; `states`: the statuses in which
    it is possible, none for all; `needs`: the permissions asked; `conditions`: what narrows it.
    """

    title: str
    may: tuple[str, ...]
    sees_only: tuple[str, ...]
    states: tuple[str, ...]
    needs: tuple[str, ...]
    conditions: tuple[str, ...]
    answer: str
    """For one standing: "allowed", "403" or "404"; empty when several are asked about."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of record with its acts, and for whom it exists."""

    key: str
    title: str
    shown_to: str
    note: str
    acts: tuple[Act, ...]


def chapters(*, who: str = "", record: str = "") -> list[Chapter]:
    """The matrix, for one standing or for everybody, of one kind of record or of all."""
    asked = tuple(each for each in STANDINGS if not who or each.key == who)
    return [_chapter(row, asked) for row in MATRIX if not record or row.key == record]


def records() -> list[tuple[str, str]]:
    """Every kind of record, by key and name."""
    return [(row.key, row.label) for row in MATRIX]


def standings() -> list[tuple[str, str]]:
    """Everybody the matrix tells apart, by key and name."""
    return [(each.key, each.label) for each in STANDINGS]


def standing_of(role: Role | str) -> str:
    """The usual standing of a role: on the engagement and named on the record, where it can be."""
    return next(each.key for each in STANDINGS if each.role == role)


def _chapter(row: Resource, asked: Sequence[Standing]) -> Chapter:
    acts = tuple(_act(line, asked) for line in row.lines)
    return Chapter(row.key, row.label, row.sees.words, row.note, acts)


def _act(line: Line, asked: Sequence[Standing]) -> Act:
    verdicts = {each: widest(line, each) for each in asked}
    names = line.resource.states
    conditions = [line.only.words] if line.only else []
    conditions += [line.note] if line.note else []
    return Act(
        line.title,
        _told([who for who, verdict in verdicts.items() if verdict == Verdict.ALLOWED]),
        _told([who for who, verdict in verdicts.items() if verdict == Verdict.FORBIDDEN]),
        _when(line.states, names),
        tuple(_words(permission) for permission in (*line.asks, *line.besides)),
        tuple(conditions),
        str(next(iter(verdicts.values()))) if len(asked) == 1 else "",
    )


def _when(states: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """The statuses in which an act is possible; of many, those in which it is not."""
    said = [str(names[state]) for state in states if state in names]
    others = [str(label) for state, label in names.items() if state not in states]
    if said and 0 < len(others) < len(said):
        return (f"not while {', '.join(others)}",)
    return tuple(said) if others else ()


def widest(line: Line, who: Standing) -> Verdict:
    """The best an act can come to for somebody: in the state that suits it most."""
    states = line.states or tuple(line.resource.states) or ("",)
    found = {line.verdict(who, state) for state in states}
    for verdict in (Verdict.ALLOWED, Verdict.FORBIDDEN):
        if verdict in found:
            return verdict
    return Verdict.ABSENT


def _words(permission: str) -> str:
    return permission.replace("_", " ")


def _told(some: Sequence[Standing]) -> tuple[str, ...]:
    """Who they are, groups first named by their own word."""
    left, words = {who.key: who.label for who in some}, []
    for word, keys in GROUPS:
        if left.keys() >= set(keys):
            words.append(word)
            left = {key: label for key, label in left.items() if key not in keys}
    return (*words, *left.values())
