"""Every class of error tells a stable code and the request's id, and nothing of the inside."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.test import Client

from tenants.actions import tokens
from tenants.models import ApiToken
from tests.access.probing import BACKEND
from tests.conftest import as_
from tests.programs import Program, program_of

INSIDE = re.compile(
    r"Traceback|File \"|\.py\b|site-packages|psycopg|django\.|SELECT |INSERT |UPDATE |tenants_\w+"
    r"|relation \"|/home/|/usr/|/var/|/tmp/|planted"
)
FAULTS = (
    RuntimeError("planted at /var/lib/planted.py"),
    DatabaseError('relation "tenants_user" planted; SELECT planted'),
    KeyError("planted"),
)


def wrong_calls(program: Program, world: SimpleNamespace) -> list[Any]:
    """One call for each class of refusal."""
    here = f"engagements/{world.engagement.pk}/"
    return [
        Program().get("me/"),
        Program("tmk_nothing").get("me/"),
        program.get("nowhere/"),
        program.get(f"engagements/{uuid4()}/"),
        program.get("engagements/?nonsense=1"),
        program.get("engagements/?cursor=broken"),
        program.send("PUT", "me/"),
        program.get("me/", Accept="text/html"),
        program.post("clients/", b"{"),
        program.post("clients/", {"name": "x" * 5000, "time_zone": "UTC"}),
        program.post("clients/", {"name": "\x7f", "time_zone": "Nowhere/Land"}),
        program.send("POST", "clients/", {"name": "A"}),
        program.post("clients/", b"x", Content_Type="text/plain"),
        program.patch(here, {"title": "B"}),
        program.patch(here, {"title": "B"}, If_Match='"99"'),
        program.post(f"{here}resume/"),
        program.post("invitations/", {"email": "not an address", "role": "partner"}),
        program.send("POST", "clients/", b"{" + b" " * 6 * 2**20, Idempotency_Key=str(uuid4())),
    ]  # fmt: skip


def test_every_refusal_of_the_api_has_code_and_id_and_no_inside_api_11(world: Any) -> None:
    answers = wrong_calls(program_of(world.lead, world.firm), world)
    assert {each.status_code for each in answers} >= {
        400, 401, 404, 405, 406, 409, 412, 413, 415, 428,
    }  # fmt: skip
    for each in answers:
        problem = each.json()
        assert each["Content-Type"] == "application/problem+json"
        assert re.fullmatch(r"[a-z0-9_]{3,60}", problem["code"])
        assert problem["request_id"] == each["X-Request-Id"]
        assert not INSIDE.search(each.content.decode()), each.content


@pytest.mark.parametrize("error", FAULTS, ids=lambda error: type(error).__name__)
def test_a_fault_tells_the_id_and_nothing_of_what_failed_api_11(
    world: Any, monkeypatch: Any, error: Exception
) -> None:
    def fails(*args: Any, **kwargs: Any) -> Any:
        raise error

    monkeypatch.setattr("tenants.api.organizations.MeViewSet.show", fails)
    monkeypatch.setattr("tenants.portal.search.render", fails)
    answer = program_of(world.lead, world.firm).get("me/")
    browser = Client(raise_request_exception=False)
    browser.force_login(world.lead, backend=BACKEND)
    page = browser.get("/search/?q=x")
    assert (answer.status_code >= 500, page.status_code >= 400) == (True, True)
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert page["X-Request-Id"] in page.content.decode() or page.status_code < 500
    assert not INSIDE.search(answer.content.decode())
    assert not INSIDE.search(page.content.decode())


def test_a_token_has_a_prefix_160_bits_and_a_checksum_and_an_end_api_1_api_2(world: Any) -> None:
    with as_(world.lead, world.firm):
        row, secret = tokens.create(world.firm, name="Days", by=world.lead)
        held = [str(value) for value in ApiToken.objects.values_list().get(pk=row.pk)]
    days = (row.expires_at - row.created_at).days if row.created_at else 90
    assert secret.startswith("tmk_")
    assert len(set(secret[4:-6])) > 12
    assert len(secret[4:-6]) * 5.9 > 160
    assert days in (89, 90)
    assert not [value for value in held if secret[8:] in value]
    program = Program(secret)
    assert program.get("me/").status_code == 200
    swapped = secret[:10] + ("x" if secret[10] != "x" else "y") + secret[11:]
    assert Program(swapped).get("me/").status_code == 401, "the checksum refuses a slip"
    assert program.get(f"me/?token={secret}").status_code == 400
    assert Program().get(f"me/?token={secret}").status_code in (400, 401)
