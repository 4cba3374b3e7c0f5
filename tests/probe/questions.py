"""What is asked: every route and method, with foreign ids at every place an id can stand.

A question comes with its twin, the same with ids that nothing has. The order is drawn from the
seed; before anything is asked twice, every route, method and position was asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import orjson

from tenants.visibility import new_key
from tests.access.bodies import body_class, body_of, id_fields
from tests.access.probing import Caller
from tests.access.routes import Route, all_routes
from tests.access.scenes import Scene
from tests.access.sweeping import ALL_FIELDS, SHARED, bodies, of_scene, queries_of, word_values
from tests.probe.asking import Ask
from tests.probe.planting import new_word, owner
from tests.probe.stage import Stage

REQUEST, LINK = "evidence.EvidenceRequest", "evidence.EvidenceLink"
KNOWN_TO_THE_FIRM = {"tenants.Organization"}
"""A firm's people know the firm's clients."""
LIBRARY = {"audits.Control", "audits.ControlObjective", "audits.System"}
"""Every firm team of the client reads its library, so these of a client are no secret in it."""
BY_ROLE = {"tenants:member_end", "tenants:member_role", "tenants:withdraw_invitation"}
"""Asks what one may do in one's own organization before it looks at the id."""


Kind = Callable[[Stage, Random], Iterator["Question"]]


@dataclass(frozen=True)
class Question:
    """One question, and its twin where the two answers must be the same."""

    kind: str
    caller: str
    route: str
    method: str
    position: str
    ask: Ask
    twin: Ask | None = None
    undone: bool = False
    """What it does in the caller's own place is rolled back."""
    absent: bool = False
    """Whether the twin must be answered with 404, or 405."""
    said: tuple[str, str] = ("", "")
    """What the question and its twin say, where an answer repeats it."""

    @property
    def about(self) -> tuple[str, str, str, str]:
        """What is covered by asking it."""
        return self.kind, self.route, self.method, self.position


def rounds(kinds: tuple[Kind, ...], stage: Stage, rng: Random) -> Iterator[Question]:
    """Without end: rounds of these kinds over all routes, each with other ids and places."""
    while True:
        found = [question for kind in kinds for question in kind(stage, rng)]
        rng.shuffle(found)
        yield from found


def crawl(stage: Stage, rng: Random) -> Iterator[Question]:
    """Reading one's own place: every address, list and search; nothing may change (HDR-7)."""
    routes = [route for route in all_routes() if route.actions[0][0] == "GET"]
    for name, caller in stage.callers.items():
        home = stage.homes.get(name)
        for route in routes:
            if route.ids and home is None:
                continue
            values = address_in(route, home, rng) if home else _words(route, rng)
            query = _own_query(route, home, rng)
            ask = partial(caller.ask, route, "GET", values, None, query)
            yield Question("reading one's own", name, route.name, "GET", "own", ask)


def _own_query(route: Route, home: Scene | None, rng: Random) -> str:
    if home is not None and route.name == "api:evidence-request-export":
        return f"?engagement={home.world.engagement.pk}"
    if route.api and ("GET", "list") in route.actions:
        return rng.choice(("", "?limit=2", "?limit=200"))
    return ""


def address_in(route: Route, scene: Scene, rng: Random) -> dict[str, Any]:
    """Ids of a scene, drawn, where the address has ids; a link stands below its own request."""
    request, link = rng.choice(scene.requests)
    values = {}
    for name, label in route.ids:
        fitting = {REQUEST: request, LINK: link}.get(label) if rng.random() < 0.8 else None
        values[name] = fitting or rng.choice(of_scene(scene, label))
    return {**values, **_words(route, rng)}


def _words(route: Route, rng: Random) -> dict[str, Any]:
    return rng.choice(list(word_values(route))) if route.words else {}


def in_addresses(stage: Stage, rng: Random) -> Iterator[Question]:
    """Foreign ids in the address: all of them, or below and above one's own."""
    for name, caller in stage.callers.items():
        home = stage.homes.get(name)
        for route in all_routes():
            if not route.ids:
                continue
            for method, action in route.actions:
                victim = rng.choice(stage.victims[name])
                if _known(caller, route, victim, home):
                    continue
                body = usual(route, action, home)
                for position, values, gone in _placed(route, victim, home, rng):
                    yield Question(
                        "id in the address", name, route.name, method, position,
                        partial(caller.ask, route, method, values, body),
                        partial(caller.ask, route, method, gone, body),
                        absent=route.name not in BY_ROLE and position != "below one's own",
                    )  # fmt: skip


def _placed(
    route: Route, victim: Scene, home: Scene | None, rng: Random
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    names = [name for name, _ in route.ids]
    foreign = address_in(route, victim, rng)
    gone = {**foreign, **{name: new_key() for name in names}}
    yield "all", foreign, gone
    if home is None or len(names) < 2:
        return
    own = {**address_in(route, home, rng), **{word: foreign[word] for word in route.words}}
    cut = rng.randrange(1, len(names))
    for position, part in (("below one's own", names[cut:]), ("above one's own", names[:cut])):
        yield (
            position,
            {**own, **{name: foreign[name] for name in part}},
            {**own, **{name: gone[name] for name in part}},
        )


def _known(caller: Caller, route: Route, victim: Scene, home: Scene | None) -> bool:
    """Whether the caller may know what the last id of the address names."""
    label = route.ids[-1][1]
    same_firm = caller.organization.pk == victim.world.firm.pk
    if same_firm and label in KNOWN_TO_THE_FIRM:
        return True
    return home is not None and label in LIBRARY and _one_client(victim, home)


def _one_client(one: Scene, other: Scene) -> bool:
    return bool(one.world.client_organization == other.world.client_organization)


def usual(route: Route, action: str, home: Scene | None) -> Any:
    """A body that fits the operation, with ids of one's own place or of nothing."""
    if not route.api:
        return None
    kind = body_class(route, action)
    return body_of(kind, lambda label: of_scene(home, label) if home else [new_key()])


def in_bodies(stage: Stage, rng: Random) -> Iterator[Question]:
    """Foreign ids in fields of bodies and forms, hidden ones and lists among them."""
    for name, caller in stage.callers.items():
        home = stage.homes.get(name)
        if home is None:
            continue
        for route in all_routes():
            for method, action in route.actions:
                if method == "GET":
                    continue
                victim = rng.choice(stage.victims[name])
                values = address_in(route, home, rng)
                for position, sent, gone in _bodies(route, action, victim, home, caller):
                    yield Question(
                        "id in a body", name, route.name, method, position,
                        partial(caller.ask, route, method, values, sent),
                        partial(caller.ask, route, method, values, gone), undone=True,
                    )  # fmt: skip


def _bodies(
    route: Route, action: str, victim: Scene, home: Scene, caller: Caller
) -> Iterator[tuple[str, Any, Any]]:
    for field, sent, gone, own in bodies(route, action, victim, home):
        if field == ALL_FIELDS:
            yield from _form_fields(sent, gone, victim, home)
            continue
        if _organization_known(caller, victim, field, id_fields(body_class(route, action))):
            continue
        yield field, sent, gone
        if isinstance(sent, dict) and isinstance(sent.get(field), list):  # one's own among them
            mixed = [own[field] + each[field] for each in (sent, gone)]
            yield f"{field}, mixed", {**sent, field: mixed[0]}, {**gone, field: mixed[1]}


def _form_fields(
    sent: dict[str, str], gone: dict[str, str], victim: Scene, home: Scene
) -> Iterator[tuple[str, Any, Any]]:
    shared = {"client", "organization"} if victim.world.firm == home.world.firm else set()
    kept = {name: value for name, value in sent.items() if name not in shared}
    yield "every field of the form", kept, {name: gone[name] for name in kept}
    for name, value in kept.items():
        yield f"form field {name}", {name: value}, {name: gone[name]}


def _organization_known(caller: Caller, victim: Scene, field: str, labels: dict[str, str]) -> bool:
    same_firm = caller.organization.pk == victim.world.firm.pk
    return same_firm and labels.get(field) in KNOWN_TO_THE_FIRM | SHARED


def in_queries(stage: Stage, rng: Random) -> Iterator[Question]:
    """Foreign ids in filters, and the words of others in searches."""
    words = sorted(stage.canaries)
    for name, caller in stage.callers.items():
        others = [word for word in words if name not in stage.canaries[word].readers]
        for route in all_routes():
            for parameter, label in queries_of(route):
                victim = rng.choice(stage.victims[name])
                same_firm = caller.organization.pk == victim.world.firm.pk
                home = stage.homes.get(name)
                alike = home is not None and _one_client(victim, home)
                shared = alike and label in LIBRARY | {"tenants.User"}
                if shared or (same_firm and label in KNOWN_TO_THE_FIRM):
                    continue
                yield _asked(
                    "id in a filter", name, caller, route, f"?{parameter}=",
                    rng.choice(of_scene(victim, label)), new_key(),
                )  # fmt: skip
            for parameter in _searched(route):
                said = rng.choice(others)
                yield _asked(
                    "word in a search", name, caller, route, f"?{parameter}=", said,
                    new_word()[: len(said)].ljust(len(said), "z"),
                )  # fmt: skip


def _asked(
    kind: str, name: str, caller: Caller, route: Route, query: str, value: Any, none: Any
) -> Question:
    return Question(
        kind, name, route.name, "GET", query,
        partial(caller.ask, route, "GET", {}, None, f"{query}{value}"),
        partial(caller.ask, route, "GET", {}, None, f"{query}{none}"), said=(str(value), str(none)),
    )  # fmt: skip


def _searched(route: Route) -> tuple[str, ...]:
    if route.name == "tenants:search":
        return ("q",)
    words = getattr(getattr(route.view, "cls", None), "search_fields", ())
    return ("search",) if words and not route.ids and ("GET", "list") in route.actions else ()


def in_headers(stage: Stage, rng: Random) -> Iterator[Question]:
    """Another's retry key, version, range and cursor; methods that a route does not have."""
    routes = [route for route in all_routes() if route.ids]
    names = list(stage.callers)
    for name, caller in stage.callers.items():
        victim = rng.choice(stage.victims[name])
        key = _used_key(victim)
        for route in rng.sample(routes, 12):
            if _known(caller, route, victim, stage.homes.get(name)):
                continue
            method = rng.choice(("PUT", "PATCH", "DELETE", "POST", "HEAD", "OPTIONS", "GET"))
            values = address_in(route, victim, rng)
            gone = {**values, **{place: new_key() for place, _ in route.ids}}
            headers = {"If-Match": rng.choice(('"1"', "*", '"2"')), "Range": "bytes=0-20",
                       "Idempotency-Key": key, "HX-Request": "true",
                       "X-Organization": str(victim.world.firm.pk)}  # fmt: skip
            yield Question(
                "id and headers", name, route.name, method, "headers",
                partial(send, caller, route, method, values, headers),
                partial(send, caller, route, method, gone, headers),
            )  # fmt: skip
        other = rng.choice([each for each in names if each != name])
        lists = [route for route in all_routes() if ("GET", "list") in route.actions]
        for route in rng.sample([each for each in lists if not each.ids], 3):
            ask = partial(another_s_cursor, stage.callers[other], caller, route)
            yield Question("another's cursor", name, route.name, "GET", "cursor", ask)


def _used_key(victim: Scene) -> str:
    rows = owner(
        "SELECT key FROM tenants_idempotentanswer WHERE organization_id = %s LIMIT 1",
        victim.world.firm.pk,
    )
    return str(rows[0][0]) if rows else str(uuid4())


def send(
    caller: Caller, route: Route, method: str, values: dict[str, Any], headers: dict[str, str]
) -> Any:
    """A request with headers, by token or by session as the route has it."""
    caller.sent += 1
    path = route.address(values)
    if route.api:
        named = {name.replace("-", "_"): value for name, value in headers.items()}
        return caller.program.send(method, path, {} if method != "GET" else None, **named)
    return caller.browser.generic(method, path, b"", headers=headers)


def another_s_cursor(holder: Caller, caller: Caller, route: Route) -> Any:
    """A list asked for with the cursor that it gave to somebody else."""
    page = holder.ask(route, "GET", {}, None, "?limit=1")
    cursor = str(_next(page) or "?cursor=none").partition("?")[2]
    return caller.ask(route, "GET", {}, None, f"?{cursor}")


def _next(page: Any) -> str | None:
    try:
        return orjson.loads(page.content).get("next")
    except (ValueError, AttributeError):
        return None


def by_roles(stage: Stage, rng: Random) -> Iterator[Question]:
    """Everybody does everything in their own place; some may, and none reads the other side's."""
    for name, caller in stage.callers.items():
        home = stage.homes.get(name)
        if home is None:
            continue
        for route in all_routes():
            for method, action in route.actions:
                if method == "GET":
                    continue
                ask = partial(
                    caller.ask, route, method, address_in(route, home, rng),
                    usual(route, action, home),
                )  # fmt: skip
                yield Question(
                    "a role's own place", name, route.name, method, "own", ask, undone=True
                )


READING: tuple[Kind, ...] = (crawl,)
ATTACKS: tuple[Kind, ...] = (in_addresses, in_queries, in_headers)
OWN_PLACE: tuple[Kind, ...] = (in_bodies, by_roles)
