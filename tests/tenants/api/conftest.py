"""Programs of the cast."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programs import Program, program_of


@pytest.fixture
def lead(world: Any) -> Program:
    """A program of the engagement's manager."""
    return program_of(world.lead, world.firm)


@pytest.fixture
def administrator(world: Any) -> Program:
    """A program of the client's administrator."""
    return program_of(world.client, world.client_organization)


@pytest.fixture
def outsider(world: Any) -> Program:
    """A program of the administrator of another client."""
    return program_of(world.outsider, world.other_client)
