"""What a page asks of the database must not depend on how much there is."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction

from tenants import acting
from tenants.models import User
from tenants.sessions import SessionStore
from tests.bench import scale
from tests.bench.lists import LIST
from tests.bench.place import Caller, Place
from tests.bench.table import Line, duration
from tests.bench.timing import seconds

FEW, MANY = 20, 2_000
FIRMS = (5, 6)
"""Firms of one engagement each: with few requests, and with many."""


def lines(place: Place) -> Iterator[Line]:
    """The list by API and in the portal, for the partner of a small and of a large firm."""
    place.web()
    for firm, requests in zip(FIRMS, (FEW, MANY), strict=True):
        scale.add_firm(place.owner, firm, scale.Size(clients=1, engagements=1, requests=requests))
    by_api = [(_program(place, firm), f"{LIST}?limit=200") for firm in FIRMS]
    yield _line("request list by API", by_api)
    in_portal = [
        (_visitor(place, firm), f"/engagements/{scale.key(scale.ENGAGEMENT, firm, 1)}/requests/")
        for firm in FIRMS
    ]
    yield _line("request list in the portal", in_portal)


def _line(job: str, pages: list[tuple[Caller, str]]) -> Line:
    few, many = (_queries(caller, path) for caller, path in pages)
    caller, path = pages[1]
    taken = min(seconds(lambda: caller.ask("GET", path)) for _ in range(5))
    return Line(
        f"{job}: {FEW} and {MANY:,} requests", duration(taken), bar="equal queries",
        within=few == many, counts=f"{few} and {many} queries",
    )  # fmt: skip


def _queries(caller: Caller, path: str) -> int:
    """Of the second look, when what a process keeps is kept."""
    caller.ask("GET", path)
    return int(caller.ask("GET", path)[1].headers["X-Queries"])


def _program(place: Place, firm: int) -> Caller:
    partner = scale.key(scale.PERSON, firm, scale.PARTNER)
    return Caller(place, place.token(partner, scale.key(scale.ORGANIZATION, firm, 0)))


def _visitor(place: Place, firm: int) -> Caller:
    """The firm's partner, signed in."""
    with acting.acting(acting.NOBODY), transaction.atomic():
        user = User.objects.get(pk=scale.key(scale.PERSON, firm, scale.PARTNER))
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    visitor = Caller(place)
    visitor.headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return visitor
