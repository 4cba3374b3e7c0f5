"""Every line of the access matrix, played by everybody it tells apart (ACC-1).

`tenants/access_matrix.py` says what each act comes to for each standing and state; here the acts
are done through the API and the portal's forms, each in a savepoint, and the answers compared. A
line is played by everybody in one state of each kind it distinguishes, so each "refused" has its
"allowed" with one difference.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from tenants import findings, outbox
from tenants.access_matrix import OPEN, STANDINGS, TASKS, Line, Standing, Verdict, lines
from tests import conftest
from tests.access import fields, playing
from tests.access.acts import Sent, sent_of
from tests.access.playing import Play, in_state
from tests.access.probing import Caller, undone
from tests.access.routes import Route, all_routes, is_open, patterns

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("access_matrix")]

LINES = list(lines())
PLAYED_WITHIN = 2 * 3600
"""Seconds for which who signed in when the stage was built need not prove it again."""
ROUTES = {route.name: route for route in all_routes()}
PAST_THE_GUARD = {
    "api:scope-item-take-objectives": (400,), "audits:scope_objectives": (409,),
    "api:objective-basis-list": (400,), "audits:objective_basis": (409,),
}  # fmt: skip
"""Only a SOC 1 takes objectives: who may gets as far as that rule, everybody else a 403 before."""
TELLS_BY_REDIRECT = {"evidence:import_commit"}
"""A list that is not ready is told of on the page one is led back to."""
ERRORS = re.compile(r"(?:error|alert|empty)[^>]*>([^<]+)<")
OF_STATUS = {409: Verdict.NOT_NOW, 403: Verdict.FORBIDDEN, 404: Verdict.ABSENT}


@pytest.fixture(scope="module")
def play(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Play]:
    """The cast on its engagement, committed; emptied again afterwards."""
    folder = tmp_path_factory.mktemp("matrix")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _in_place(patch, folder)
        patch.setattr("tenants.outbox.hint", lambda ids, wait=0.0: None)
        try:
            yield playing.stage(copy.deepcopy(settings.WORLD))
        finally:
            conftest.empty_tables()


@pytest.fixture(autouse=True)
def in_place(own_folders: None, request: Any, monkeypatch: Any, tmp_path_factory: Any) -> None:
    """Files stay where the cast has them."""
    if "play" in request.fixturenames:
        request.getfixturevalue("play")
        _in_place(monkeypatch, FOLDER[0])


FOLDER: list[Path] = []


def _in_place(patch: Any, folder: Path) -> None:
    FOLDER[:] = [folder]
    for name in ("EVIDENCE_DIR", "STATIC_ROOT"):
        (folder / name).mkdir(exist_ok=True)
        patch.setattr(settings, name, folder / name)
    patch.setattr(findings, "SOURCES", {status: [] for status in findings.SOURCES})
    patch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 0))
    patch.setattr(settings, "ACCOUNT_REAUTHENTICATION_TIMEOUT", PLAYED_WITHIN, raising=False)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.key)
def test_everybody_gets_what_the_matrix_says_acc_1(play: Play, line: Line) -> None:
    wrong = []
    for method, name, word in line.ways():
        page = method == "PAGE"
        for number, state in enumerate(states_of(line, page=page)):
            everybody = not page and number == 0
            for who in STANDINGS if everybody else some_of_each(line, state, page=page):
                expected = line.verdict(who, state, page=page)
                found, told = _played(play, line, method, ROUTES[name], word, state, who)
                if found != expected:
                    wrong.append(
                        f"{method} {name} {word} {state or 'any state'}, {who.label}: "
                        f"{told}, and the matrix says {expected}"
                    )
    assert not wrong, "\n".join(wrong)


def states_of(line: Line, *, page: bool = False) -> list[str]:
    """One state of each kind the line tells apart, those where it is possible first."""
    if not line.resource.states:
        return [""]
    apart: dict[tuple[Verdict, ...], str] = {}
    for state in sorted(line.resource.states, key=lambda state: state not in line.states):
        if not _of_a_sibling(line, state):
            apart.setdefault(tuple(line.verdict(who, state, page=page) for who in STANDINGS), state)
    return list(apart.values())


def some_of_each(line: Line, state: str, *, page: bool) -> list[Standing]:
    """One standing of each side for each verdict; which one differs from line to line."""
    turn = sum(map(ord, line.key)) % len(STANDINGS)
    found: dict[tuple[Verdict, bool], Standing] = {}
    for who in (*STANDINGS[turn:], *STANDINGS[:turn]):
        found.setdefault((line.verdict(who, state, page=page), who.is_client), who)
    return list(found.values())


def _of_a_sibling(line: Line, state: str) -> bool:
    """Whether another line with the same address speaks for this state."""
    return any(
        state in other.states
        for other in line.resource.lines
        if other is not line and set(other.ways()) & set(line.ways()) and state not in line.states
    )


def _played(
    play: Play, line: Line, method: str, route: Route, word: str, state: str, who: Standing
) -> tuple[Any, str]:
    """What the act came to, and in words."""
    caller = play.callers[who.key]
    with undone(), in_state(play, line, state, who):
        sent = sent_of(play, line, route, method, word, who)
        answer = _asked(caller, route, method, sent)
        status = answer.status_code
    if status == 400:
        status = _meant(answer, method)
    may = any(who.holds(permission) for permission in line.asks)
    if may and status in PAST_THE_GUARD.get(route.name, ()):
        status = 200
    if route.name in TELLS_BY_REDIRECT and state and state not in line.states and status == 302:
        status = 409
    if status in (200, 201, 202, 204, 206, 302, 303):
        return Verdict.ALLOWED, str(status)
    text = answer.content.decode("utf-8", "replace")
    text = text[:400] if method != "PAGE" else " ".join(ERRORS.findall(text))[:300]
    return OF_STATUS.get(status, status), f"{status} {text}"


def _meant(answer: Any, method: str) -> int:
    """A refusal now stands at the form (400); what is absent in a body is named so there."""
    if method == "PAGE":
        return 409
    codes = {each["code"] for each in orjson.loads(answer.content).get("errors", ())}
    return 404 if "not_found" in codes else 400


def _asked(caller: Caller, route: Route, method: str, sent: Sent) -> Any:
    if method != "PAGE":
        return caller.ask(route, method, sent.values, sent.body, sent.query)
    if sent.reads:
        return caller.ask(route, "GET", sent.values, None, sent.query)
    return caller.ask(route, "POST", sent.values, sent.body)


def test_every_route_is_in_a_line_or_open_with_a_reason_acc_1() -> None:
    ways = {(method, name) for line in LINES for method, name, _ in line.ways()}
    there = {
        (method if route.api else "PAGE", route.name)
        for route in all_routes()
        for method, _ in route.actions
    }
    missing = [
        f"{method} {name}: no line of the access matrix leads here. Add it to an act in "
        f"{'tenants' if name.startswith('api:') else name.partition(':')[0]}/access_lines.py "
        "(docs/access-matrix.md), or to OPEN there with the reason."
        for method, name in sorted(there - ways)
    ]
    gone = [f"{method} {name}: a line names it, and there is no such route." for method, name
            in sorted(ways - there)]  # fmt: skip
    assert not missing + gone, "\n".join(missing + gone)


def test_open_routes_are_listed_with_a_reason_acc_3() -> None:
    opened = {name for name, _, _ in patterns() if name and is_open(name)}
    unsaid = [name for name in sorted(opened) if not any(fnmatch(name, like) for like in OPEN)]
    assert not unsaid, f"add to OPEN of an access_lines.py, with the reason: {unsaid}"
    idle = [like for like in OPEN if not any(fnmatch(name, like) for name in opened)]
    assert not idle, f"nothing is opened by: {idle}"
    assert all(OPEN.values())


def test_every_task_says_as_whom_it_acts_acc_14() -> None:
    names = {*outbox.TASKS, *outbox.PERIODIC}
    unsaid = [name for name in sorted(names) if not any(fnmatch(name, like) for like in TASKS)]
    assert not unsaid, f"add to TASKS of an access_lines.py as whom it acts: {unsaid}"
    assert not [like for like in TASKS if not any(fnmatch(name, like) for name in names)]


def test_every_field_is_classified_by_side_acc_9() -> None:
    found = fields.differences()
    assert not found, "\n".join(found)


def test_what_is_not_classified_is_named_with_its_cure_acc_1(monkeypatch: Any) -> None:
    """The checks above notice a route, a task and a field that nobody classified."""
    monkeypatch.setattr("tests.test_access_matrix.LINES", LINES[1:])
    with pytest.raises(AssertionError, match=r"api:engagement-list.*access_lines\.py"):
        test_every_route_is_in_a_line_or_open_with_a_reason_acc_1()
    monkeypatch.setitem(outbox.TASKS, "nobody.knows", outbox.TASKS["evidence.remind"])
    with pytest.raises(AssertionError, match=r"nobody\.knows"):
        test_every_task_says_as_whom_it_acts_acc_14()
    known = dict(fields.listed())
    name = "evidence.api.request_shapes.RequestDetail"
    known[name] = replace(known[name], fields=known[name].fields[1:])
    monkeypatch.setattr(fields, "listed", lambda: known)
    assert [line for line in fields.differences() if f"{name}.id is not classified" in line]


@pytest.mark.parametrize("key", ["client_admin", "manager"])
def test_each_side_is_shown_only_shapes_that_are_its_own_acc_9(play: Play, key: str) -> None:
    who = next(each for each in STANDINGS if each.key == key)
    allowed, wrong, seen = fields.shapes_for("client" if who.is_client else "firm"), [], 0
    for line in LINES:
        for method, name, word in line.ways():
            if method != "GET" or line.verdict(who) != Verdict.ALLOWED:
                continue
            with undone(), in_state(play, line, "", who):
                sent = sent_of(play, line, ROUTES[name], method, word, who)
                answer = _asked(play.callers[key], ROUTES[name], method, sent)
                records = _records(answer)
            seen += len(records)
            wrong += [
                f"{name} shows {sorted(record)}"
                for record in records
                if frozenset(record) not in allowed
            ]
    assert not wrong, "\n".join(wrong)
    assert seen > 30, "too little was shown to mean anything"


RECORD_KIND = "application/json"
"""The kind of an answer that holds records; an export of the trail has a form of its own."""


def _records(answer: Any) -> list[Any]:
    """What an answer of the API shows: one record or a page of them."""
    if answer.status_code != 200 or answer["Content-Type"] != RECORD_KIND:
        return []
    told = orjson.loads(answer.content)
    if isinstance(told, list):
        return told
    return list(told["results"]) if set(told) >= {"results", "total"} else [told]
