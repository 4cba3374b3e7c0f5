"""Programs of the cast, on both sides of the engagement and outside of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import Program, program_of

FIRM = ("lead", "partner", "senior", "auditor", "reviewer")
CLIENT = ("client", "owner", "contributor", "executive")


@pytest.fixture
def programs(world: Any) -> dict[str, Program]:
    """Name of each of the cast → their program; `colleague`, `rival`, `outsider` are strangers."""
    found = {name: program_of(getattr(world, name), world.firm) for name in (*FIRM, "colleague")}
    for name in CLIENT:
        found[name] = program_of(getattr(world, name), world.client_organization)
    found["rival"] = program_of(world.rival, world.other_firm)
    found["outsider"] = program_of(world.outsider, world.other_client)
    return found
