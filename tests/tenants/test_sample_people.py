"""The sample's people are for loopback: elsewhere their known addresses open nothing (AUT-13)."""

from __future__ import annotations

import pytest

from tests.programs import program_of


@pytest.mark.parametrize(("local", "page", "api"), [(True, 200, 200), (False, 302, 401)])
def test_a_sample_person_enters_on_loopback_only(world, client, settings, local, page, api):
    program = program_of(world.lead, world.firm)
    client.force_login(world.lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    settings.LOCAL = local
    settings.ADDRESSES = ["http://testserver"]
    assert client.get("/").status_code == page
    assert program.get("me/").status_code == api
