"""Programs of the cast, and a library to read."""

from __future__ import annotations

import pytest

from tests.audits.helpers import fill_library
from tests.programs import program_of


@pytest.fixture
def lead(world):
    """A program of the engagement's manager."""
    return program_of(world.lead, world.firm)


@pytest.fixture
def administrator(world):
    """A program of the client's administrator."""
    return program_of(world.client, world.client_organization)


@pytest.fixture
def outsider(world):
    """A program of the administrator of another client."""
    return program_of(world.outsider, world.other_client)


@pytest.fixture
def told(world):
    """Three controls in the client's library."""
    return fill_library(world, 3)
