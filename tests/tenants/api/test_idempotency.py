"""One effect for each key, whatever a network does to the answer (API-4)."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from tenants import acting
from tenants.models import ApiToken, IdempotentAnswer, Organization
from tests import factories
from tests.conftest import as_
from tests.programs import Program, program_of

CLIENT = {"name": "Larch Logistics", "time_zone": "America/Chicago"}


def clients_named(world, name):
    with as_(world.lead, world.firm):
        return Organization.objects.filter(name=name).count()


def test_a_post_that_creates_needs_a_key(lead, world):
    refused = lead.send("POST", "clients/", CLIENT)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    assert lead.post("clients/", CLIENT, Idempotency_Key="two words").status_code == 400
    assert lead.post("clients/", CLIENT, Idempotency_Key="x" * 81).status_code == 400
    assert clients_named(world, CLIENT["name"]) == 0
    assert lead.post("clients/", CLIENT, Idempotency_Key="x" * 80).status_code == 201


def test_a_move_needs_none(lead, world):
    path = f"engagements/{world.engagement.pk}/hold/"
    assert lead.send("POST", path, {"note": "Waiting.", "until": "2031-01-31"}).status_code == 200


def test_a_retry_gets_the_same_answer_and_no_second_effect(lead, world):
    first = lead.post("clients/", CLIENT, Idempotency_Key="k1")
    again = lead.post("clients/", CLIENT, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201
    assert (first.content, first["Location"]) == (again.content, again["Location"])
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert clients_named(world, CLIENT["name"]) == 1


def test_a_key_with_another_body_is_refused(lead, world):
    lead.post("clients/", CLIENT, Idempotency_Key="k1")
    refused = lead.post("clients/", {**CLIENT, "name": "Other"}, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert clients_named(world, "Other") == 0


def test_a_refused_request_leaves_its_key_free(lead, world):
    assert lead.post("clients/", {**CLIENT, "name": ""}, Idempotency_Key="k1").status_code == 400
    assert lead.post("clients/", CLIENT, Idempotency_Key="k1").status_code == 201


def test_a_key_is_its_person_s_own(lead, world):
    partner = program_of(world.partner, world.firm)
    assert lead.post("clients/", CLIENT, Idempotency_Key="k1").status_code == 201
    second = partner.post("clients/", CLIENT, Idempotency_Key="k1")
    assert second.status_code == 201
    assert "Idempotent-Replayed" not in second


def test_a_secret_is_shown_once_and_kept_nowhere_api_1(lead, world):
    body = {"name": "Nightly export"}
    first = lead.post("tokens/", body, Idempotency_Key="k1")
    again = lead.post("tokens/", body, Idempotency_Key="k1")
    assert first.json()["secret"].startswith("tmk_")
    assert again.json() == {**first.json(), "secret": None}
    with as_(world.lead, world.firm):
        kept = IdempotentAnswer.objects.get(key="k1")
        assert first.json()["secret"].encode() not in bytes(kept.body)


@pytest.mark.django_db(transaction=True)
def test_parallel_uses_of_one_key_have_one_effect(world):
    program, start, answers = program_of(world.lead, world.firm), Barrier(6), []

    def use():
        start.wait()
        own = Program(program.secret)  # the same token, another connection
        answers.append(own.post("tokens/", {"name": "T"}, Idempotency_Key="k"))
        connection.close()

    threads = [Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = {(each.status_code, each.json().get("code")) for each in answers}
    assert codes <= {(201, None), (409, "idempotency_key_busy")}
    assert (201, None) in codes
    with transaction.atomic(), as_(world.lead, world.firm):
        assert ApiToken.objects.filter(name="T").count() == 1
    assert factories.nobody_waits()
    assert acting.current() == acting.NOBODY
