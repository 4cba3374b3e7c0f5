"""Packages through programs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.evidence.packages import answered, assembled, bytes_of, work_off
from tests.programs import Program, program_of


@pytest.fixture
def lead(world: Any) -> Program:
    return program_of(world.lead, world.firm)


def asked(world: Any) -> dict[str, str]:
    return {"engagement": str(world.engagement.pk)}


def test_a_program_assembles_watches_and_fetches_a_package(world, lead):
    answered(world, b"the evidence")
    made = lead.post("packages/", asked(world))
    assert (made.status_code, made.json()["status"]) == (201, "queued")
    path = made["Location"]
    again = lead.post("packages/", asked(world))
    assert (again.status_code, again.json()["code"]) == (409, "package_under_way")
    assert lead.get(f"{path}download/").json()["code"] == "package_not_ready"
    work_off()
    shown = lead.get(path).json()
    assert (shown["status"], shown["progress"]) == ("ready", shown["entry_count"])
    listed = lead.get(f"packages/?engagement={world.engagement.pk}&status=ready").json()
    assert [row["id"] for row in listed["results"]] == [shown["id"]]
    answer = lead.get(f"{path}download/", Accept="application/zip")
    content = b"".join(answer.streaming_content)
    assert (answer.status_code, answer["ETag"]) == (200, f'"{shown["sha256"]}"')
    assert len(content) == shown["size_bytes"]
    part = lead.get(f"{path}download/", Range="bytes=4-9")
    assert (part.status_code, b"".join(part.streaming_content)) == (206, content[4:10])


def test_the_same_key_asks_for_one_package(world, lead):
    first = lead.post("packages/", asked(world), Idempotency_Key="a-key-of-its-own-1")
    second = lead.post("packages/", asked(world), Idempotency_Key="a-key-of-its-own-1")
    assert first.json() == second.json()
    assert lead.get("packages/").json()["total"] == 1


def test_a_failed_package_offers_another_try(world, lead):
    from tests import factories

    package = assembled(world)
    factories.arrange(package, status="failed", problem="The evidence store is full.")
    shown = lead.get(f"packages/{package.pk}/").json()
    assert [move["name"] for move in shown["moves"]] == ["retry"]
    assert lead.post(f"packages/{package.pk}/retry/", If_Match='"99"').status_code == 412
    assert lead.post(f"packages/{package.pk}/retry/").json()["status"] == "queued"
    assert lead.post(f"packages/{package.pk}/retry/").status_code == 409
    work_off()
    assert lead.get(f"packages/{package.pk}/").json()["status"] == "ready"


@pytest.mark.parametrize(
    ("who", "side"),
    [("client", "client_organization"), ("colleague", "firm"), ("rival", "other_firm"),
     ("outsider", "other_client")],
)  # fmt: skip
def test_for_everybody_else_there_is_no_package(world, who, side):
    package = assembled(world)
    program = program_of(getattr(world, who), getattr(world, side))
    assert program.get("packages/").json()["total"] == 0
    for path in (f"packages/{package.pk}/", f"packages/{package.pk}/download/"):
        assert program.get(path).status_code == 404
    assert program.post(f"packages/{package.pk}/retry/").status_code == 404
    refused = program.post("packages/", asked(world))
    assert refused.status_code == (403 if who == "client" else 400)


def test_staff_fetch_no_bytes(world):
    package = assembled(world)
    staff = program_of(world.auditor, world.firm)
    assert staff.get(f"packages/{package.pk}/").status_code == 200
    assert staff.get(f"packages/{package.pk}/download/").status_code == 403
    assert staff.post("packages/", asked(world)).status_code == 403
    assert bytes_of(package)[:2] == b"PK"
