"""Every route of the site, with ids of one engagement, asked by everybody who is not on it.

The routes come from the resolver, the bodies from the serializers, so a new one takes part by
itself; that each answers those who may is shown by the access matrix
(tests/test_access_matrix.py). What must hold: ACC-2 to ACC-8, ACC-11, ACC-17, TEN-15, TEN-16.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tenants.choices import Role
from tenants.visibility import new_key
from tenants.walls import RowWall
from tests import conftest, factories
from tests.access import scenes
from tests.access.probing import Answer, Caller, noted, text_of, undone
from tests.access.routes import Route, all_routes, is_open, patterns
from tests.access.scenes import acts
from tests.access.sweeping import (
    Findings,
    addresses,
    bodies,
    callers_inside,
    digest,
    of_scene,
    probes,
    queries_of,
    usual_body,
)

pytestmark = pytest.mark.xdist_group("access")

SWEPT_WITHIN = 2 * 3600
"""Seconds for which who signed in when the stage was built need not prove it again."""
STRANGERS = ("rival", "outsider", "colleague", "neighbor")
TOLD_ELSEWHERE = {
    ("api:firm-engagement-name-leader", "person"), ("api:control-plan-detail", "assigned_to"),
}  # fmt: skip
"""No home has colleagues of the caller: test_oversight.py and audits/portal/test_testing.py ask."""
FOR_THE_KEEPER = ("api:ethics-wall-", "api:firm-engagement")
"""Only who administers a firm, here the rival's, names engagements in these bodies."""
NAMELESS = {"accounts/email/", "accounts/password/set/", "accounts/confirm-email/",
            "accounts/confirm-email/<str:key>/"}  # fmt: skip
"""Closed before allauth sees them; they have no names."""
KNOWN_TO_THE_FIRM = {
    "api:client-detail": "a firm's people know the firm's clients",
    "api:organization-detail": "a firm's people know the firm's clients",
}
KNOWN_BESIDES = ("api:control-", "api:objective-", "api:system-", "audits:client_control")
"""A client's library, which every firm team of the client reads: the neighbor's, too."""
OF_TIME = {"api:token-list", "tenants:tokens", "tenants:inbox", "tenants:security",
           "tenants:trail_verify", "api:trail-entry-list", "api:organization-trail-list",
           "tenants:organization_history", "tenants:organization_trail_export",
           "tenants:organization_checkpoint"}  # fmt: skip
"""One's own tokens, notices, sessions and trail, which say how long ago or grow by being read."""
DRAWN_ANEW = {"tenants:app_new", "tenants:passkey_new"}
"""Each opening shows a new secret."""
BY_ROLE = {
    "tenants:member_end", "tenants:member_sign_out", "tenants:member_role",
    "tenants:withdraw_invitation",
    "tenants:ethics_wall_extend", "tenants:ethics_wall_lift", "tenants:name_leader",
    "tenants:withdraw_introduction", "tenants:support_agree", "tenants:support_end",
}  # fmt: skip
"""Asks what one may do in one's own organization before it looks at the id."""
SEVERAL = {"tenants.TrailEntry", "evidence.FileVersion", "evidence.RequestImport",
           "tenants.Notice", "tenants.Opening", "audits.EngagementControl"}  # fmt: skip
ON_A_DRAFT = {"api:evidence-request-detail"}
"""Changed in every field only while it is a draft."""
OPEN_ONES = (f"{scenes.BOTH} open", f"{scenes.BOTH} submitted", f"{scenes.BOTH} answer")
_OF_THE_FIRM = (scenes.DRAFT, scenes.RESTRICTED)
_OF_THE_CLIENT = (scenes.FIRM, f"{scenes.BOTH} draft")
FORBIDDEN = {
    "lead": (scenes.DRAFT,),  # wrote the restricted request
    "auditor": _OF_THE_FIRM,
    "reviewer": _OF_THE_FIRM,
    "client": _OF_THE_CLIENT,
    "owner": (*_OF_THE_CLIENT, scenes.OTHER, scenes.CONTRIBUTOR, scenes.RESTRICTED),
    "contributor": (*_OF_THE_CLIENT, scenes.OTHER, scenes.RESTRICTED, scenes.DRAFT, *OPEN_ONES),
    "executive": (*_OF_THE_CLIENT, scenes.RESTRICTED),
}
"""Person → words that no page, list, export or download may show them."""
READS = {
    **dict.fromkeys(FORBIDDEN, (scenes.BOTH,)),
    **dict.fromkeys(("lead", "auditor"), (scenes.FIRM, scenes.OTHER, scenes.CONTRIBUTOR)),
    "client": (scenes.RESTRICTED, scenes.OTHER, scenes.DRAFT),
    "owner": (scenes.DRAFT,), "contributor": (scenes.CONTRIBUTOR,),
}  # fmt: skip
"""Person → words they do read, so that the sweep is not idle."""


@pytest.fixture(scope="module")
def sweep(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[SimpleNamespace]:
    """The rich world, committed, with its callers; emptied again afterwards."""
    folder = tmp_path_factory.mktemp("sweep")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        _in_place(patch, folder)
        patch.setattr("tenants.outbox.hint", lambda ids, wait=0.0: None)
        try:
            yield _built(folder)
        finally:
            conftest.empty_tables()


@pytest.fixture(autouse=True)
def in_place(own_folders: None, request: Any, monkeypatch: Any) -> None:
    """Files stay where the rich world has them."""
    if "sweep" in request.fixturenames:
        _in_place(monkeypatch, request.getfixturevalue("sweep").folder)


def _in_place(patch: Any, folder: Path) -> None:
    for name in ("EVIDENCE_DIR", "STATIC_ROOT"):
        (folder / name).mkdir(exist_ok=True)
        patch.setattr(settings, name, folder / name)
    patch.setattr(settings, "API_RATES", dict.fromkeys(settings.API_RATES, 0))
    patch.setattr(settings, "ACCOUNT_REAUTHENTICATION_TIMEOUT", SWEPT_WITHIN, raising=False)


def _built(folder: Path) -> SimpleNamespace:
    world = copy.deepcopy(settings.WORLD)
    rivals = scenes.furnish(scenes.home_of_the_rival(world), "home")
    keeper = factories.member(world.other_firm, Role.FIRM_ADMIN, name="Keeper Person")
    neighbor, home = scenes.home_of_the_neighbor(world)
    neighbors = scenes.furnish(home, "home")
    strangers = {
        "rival": Caller.known("rival", world.rival, world.other_firm),
        "keeper": Caller.known("keeper", keeper, world.other_firm),
        "outsider": Caller.known("outsider", world.outsider, world.other_client),
        "colleague": Caller.known("colleague", world.colleague, world.firm),
        "neighbor": Caller.known("neighbor", neighbor, world.firm),
    }
    before = {name: pages(caller) for name, caller in strangers.items()}
    target = scenes.target(scenes.second_engagement(world))
    homes = {"rival": rivals, "keeper": rivals, "outsider": rivals, "neighbor": neighbors}
    return SimpleNamespace(
        target=target, homes=homes, strangers=strangers, before=before, folder=folder,
        inside=callers_inside(target.world),
    )  # fmt: skip


def pages(caller: Caller) -> dict[str, str]:
    """Every page and list whose address names nothing, as the caller gets it."""
    with undone():
        return {
            route.name: _page(noted(caller.ask, route, "GET", {}))
            for route in all_routes()
            if not route.ids and not route.words and route.actions[0][0] == "GET"
        }


def _page(answer: Answer) -> str:
    """What was read; a page that fails is no page."""
    assert answer.status < 500, answer.body[:500]
    return f"{answer.status}\n{answer.body}"


def _named() -> list[tuple[Route, str, str]]:
    """(route, method, action) of every route that names a record."""
    return [
        (route, method, action)
        for route in all_routes()
        if route.ids
        for method, action in route.actions
    ]


def test_every_route_is_swept_or_listed_with_a_reason_acc_1() -> None:
    swept = {route.name for route in all_routes()}
    nameless = {pattern for name, pattern, _ in patterns() if not name}
    assert nameless == NAMELESS
    assert {name for name, _, _ in patterns() if name and not is_open(name)} == swept
    assert len(swept) > 150, "the resolver was not walked to its ends"


@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_foreign_is_absent_at_every_address_acc_4_acc_5_acc_7(
    sweep: SimpleNamespace, name: str
) -> None:
    """Everything is read by every stranger; the portal's forms are sent by one each, in turn.

    `make probe` sends them all by everybody.
    """
    findings, caller, home = Findings(), sweep.strangers[name], sweep.homes.get(name)
    before = digest(sweep.target, sweep.folder)
    for number, (route, method, action) in enumerate(_named()):
        formed = method != "GET" and not route.api
        if formed and STRANGERS[number % len(STRANGERS)] != name:
            continue
        if _is_known(route, name, caller, sweep.target.world):
            continue
        body = usual_body(route, action, home)
        for own_parent, asked, gone in probes(route, method, sweep.target, home):
            none = noted(caller.ask, route, method, gone, body)
            by_role = none.status == 403 and (own_parent or route.name in BY_ROLE)
            if none.status not in (404, 405) and not by_role:
                findings.note(route, method, name, f"{none.status} for what is absent")
            for values in asked:
                findings.probes += 1
                theirs = noted(caller.ask, route, method, values, body)
                if difference := theirs.differs(none):
                    findings.note(route, method, name, f"{values} {difference}")
                if scenes.ANY in theirs.body:
                    findings.note(route, method, name, "a canary")
    assert digest(sweep.target, sweep.folder) == before
    findings.close(f"addresses for {name}")


def _is_known(route: Route, name: str, caller: Caller, world: SimpleNamespace) -> bool:
    """Whether the caller may know the record that the address names, for a reason listed above."""
    if caller.organization == world.firm and route.name in KNOWN_TO_THE_FIRM:
        return True
    return name == "neighbor" and route.name.startswith(KNOWN_BESIDES)


def test_nobody_who_is_not_signed_in_gets_further_than_the_door(sweep: SimpleNamespace) -> None:
    findings, nobody = Findings(), Caller("nobody")
    before = digest(sweep.target, sweep.folder)
    for route in all_routes():
        for method, action in route.actions:
            values = next(addresses(route, sweep.target))
            response = nobody.ask(route, method, values, usual_body(route, action, None))
            findings.probes += 1
            door = response.get("Location", "").startswith("/accounts/login/")
            if response.status_code != 405 and response.status_code != (401 if route.api else 302):
                findings.note(route, method, "nobody", str(response.status_code))
            if not route.api and response.status_code == 302 and not door:
                findings.note(route, method, "nobody", f"to {response['Location']}")
            if scenes.ANY in text_of(response):
                findings.note(route, method, "nobody", "a canary")
    assert digest(sweep.target, sweep.folder) == before
    findings.close("nobody signed in")


@pytest.mark.parametrize("name", STRANGERS)
def test_lists_searches_and_totals_are_those_of_a_world_without_it_ten_16(
    sweep: SimpleNamespace, name: str
) -> None:
    findings, caller = Findings(), sweep.strangers[name]
    after = pages(caller)
    for route_name, body in after.items():
        findings.probes += 1
        if scenes.ANY in body.replace(scenes.LIBRARY, "" if name == "neighbor" else scenes.LIBRARY):
            findings.wrong.append(f"{name}: {route_name}: a canary")
        same = body == sweep.before[name][route_name] or route_name in OF_TIME | DRAWN_ANEW
        if name != "neighbor" and not same:
            findings.wrong.append(f"{name}: {route_name}: another page than before")
    for route, query in _searches():
        findings.probes += 1
        hit = noted(caller.ask, route, "GET", {}, None, query.format("cnry"))
        miss = noted(caller.ask, route, "GET", {}, None, query.format("zzzz"))
        if name != "neighbor" and hit.body.replace("cnry", "zzzz") != miss.body:
            findings.note(route, "GET", name, f"{query}: finds something")
    findings.close(f"lists and searches for {name}")


@pytest.mark.parametrize("name", STRANGERS)
def test_a_foreign_id_in_a_filter_finds_what_an_absent_one_finds_acc_6(
    sweep: SimpleNamespace, name: str
) -> None:
    findings, caller = Findings(), sweep.strangers[name]
    for route in all_routes():
        for parameter, label in queries_of(route):
            if label == "tenants.Organization" and caller.organization == sweep.target.world.firm:
                continue
            findings.probes += 1
            key = of_scene(sweep.target, label)[0]
            theirs = noted(caller.ask, route, "GET", {}, None, f"?{parameter}={key}")
            none = noted(caller.ask, route, "GET", {}, None, f"?{parameter}={new_key()}")
            if difference := theirs.differs(none):
                findings.note(route, "GET", name, f"?{parameter}= {difference}")
            if theirs.status >= 500:
                findings.note(route, "GET", name, f"?{parameter}= {theirs.status}")
    findings.close(f"filters for {name}")


def _searches() -> list[tuple[Route, str]]:
    """Every list that takes words, and the parameter that takes them."""
    found = []
    for route in all_routes():
        if route.name == "tenants:search":
            found.append((route, "?q={}"))
        words = getattr(getattr(route.view, "cls", None), "search_fields", ())
        if words and not route.ids and ("GET", "list") in route.actions:
            found.append((route, "?search={}"))
    return found


@pytest.mark.parametrize("name", FORBIDDEN)
def test_each_side_reads_only_its_own_words_ten_15(sweep: SimpleNamespace, name: str) -> None:
    findings, caller, seen = Findings(), sweep.inside[name], ""
    for route in all_routes():
        if route.actions[0][0] != "GET":
            continue
        for values in _every_address(route, sweep.target):
            findings.probes += 1
            with undone():
                text = text_of(caller.ask(route, "GET", values, None, _export_query(sweep, route)))
            seen += "".join(word for word in scenes.ALL if word in text)
            for word in FORBIDDEN[name]:
                if word in text:
                    findings.note(route, "GET", name, f"{values}: reads “{word}”")
    assert all(word in seen for word in READS[name]), f"{name} reads too little: idle sweep"
    findings.close(f"words read by {name}")


def _every_address(route: Route, scene: scenes.Scene) -> Iterator[dict[str, Any]]:
    """The addresses of a scene, and those with each further id of the last kind."""
    yield from addresses(route, scene, every_move=False)
    if route.ids and route.ids[-1][1] in SEVERAL:
        name, label = route.ids[-1]
        for key in of_scene(scene, label)[1:4]:
            yield {**next(addresses(route, scene)), name: key}


def _export_query(sweep: SimpleNamespace, route: Route) -> str:
    wanted = route.name == "api:evidence-request-export"
    return f"?engagement={sweep.target.world.engagement.pk}" if wanted else ""


def test_a_foreign_id_in_a_body_is_an_absent_one_acc_6_acc_8(sweep: SimpleNamespace) -> None:
    """And one's own id there is answered otherwise, by one caller at least: no idle field.

    The forms of the portal are sent by one stranger each, in turn.
    """
    findings, told_apart, fields = Findings(), set(), set()
    before = digest(sweep.target)
    in_turn = [name for name in sweep.homes if name != "keeper"]
    for name, home in sweep.homes.items():
        caller = sweep.strangers[name]
        for number, (route, method, action) in enumerate(_writes()):
            if name == "keeper" and not route.name.startswith(FOR_THE_KEEPER):
                continue
            if not route.api and in_turn[number % len(in_turn)] != name:
                continue
            values = list(addresses(route, home))[-1 if route.name in ON_A_DRAFT else 0]
            for at, *sent in bodies(route, action, sweep.target, home):
                findings.probes += 1
                theirs, absent, mine = _answers(caller, route, method, values, sent)
                if difference := theirs.differs(absent):
                    findings.note(route, method, name, f"{at}: {difference}")
                if max(theirs.status, mine.status) >= 500:
                    findings.note(route, method, name, f"{at}: {theirs.status} {mine.status}")
                if (mine.status, mine.body) != (absent.status, absent.body):
                    told_apart.add((route.name, at))
                fields |= {(route.name, at)} if route.api else set()
    assert digest(sweep.target) == before
    findings.close(f"ids in bodies, {len(fields)} fields of the API among them")
    told_apart |= TOLD_ELSEWHERE
    assert fields <= told_apart, sorted(fields - told_apart)


def _writes() -> list[tuple[Route, str, str]]:
    """(route, method, action) of all that is sent with a body."""
    return [
        (route, method, action)
        for route in all_routes()
        for method, action in route.actions
        if method != "GET" and route.name not in DRAWN_ANEW
    ]


def _answers(
    caller: Caller, route: Route, method: str, values: dict[str, Any], sent: list[Any]
) -> Iterator[Answer]:
    """The answer to each body, each time in the world as it was."""
    for body in sent:
        with undone():
            yield noted(caller.ask, route, method, values, body)


def test_raw_sql_as_each_stranger_finds_no_row_of_it_ten_6(sweep: SimpleNamespace) -> None:
    """Row-level security alone, under what the middleware announces for them."""
    world, seen, wrong, asked = sweep.target.world, set(), [], 0
    for name, caller in {**sweep.strangers, **sweep.inside}.items():
        with acts(caller.who, caller.organization), connection.cursor() as cursor:
            for table, column in _keys(world, name):
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {column[0]} = %s", (column[1],))
                count, asked = cursor.fetchone()[0], asked + 1
                if count and name in sweep.strangers:
                    wrong.append(f"{name} sees {count} rows of {table} by {column[0]}")
                if count:
                    seen.add(table)
    print(f"\naccess sweep, raw SQL: {asked} counts, {len(seen)} tables seen from inside")  # noqa: T201
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 20, seen


def _keys(world: SimpleNamespace, name: str) -> Iterator[tuple[str, tuple[str, Any]]]:
    """(table, (column, id)) by which a walled table tells whose a row is."""
    for model in apps.get_models(include_auto_created=True):
        if not any(isinstance(rule, RowWall) for rule in model._meta.constraints):
            continue
        columns = {
            each.column for each in model._meta.local_fields if each.db_type(connection) == "uuid"
        }
        table = model._meta.db_table
        if table == "tenants_engagement":
            yield table, ("id", world.engagement.pk)
        if "engagement_id" in columns:
            yield table, ("engagement_id", world.engagement.pk)
        if name in ("rival", "keeper", "outsider"):
            for column in columns & {"client_id", "organization_id"}:
                yield table, (column, world.client_organization.pk)
            for column in columns & {"firm_id", "organization_id"}:
                yield table, (column, world.firm.pk)


def test_the_database_is_made_for_this_module(db: None) -> None:
    """Asks for the database: pytest-django makes it for marked tests alone."""
    assert settings.WORLD.engagement.pk
