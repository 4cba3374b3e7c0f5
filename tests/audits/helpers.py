"""What the tests of this app share: the sample control set, imported and taken."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from audits.actions import controls, library
from tests.conftest import as_

SAMPLE = Path(__file__).parents[2] / "grc" / "sample" / "sample-control-set.csv"


def fill_library(world: SimpleNamespace, count: int | None = None) -> list:
    """The client imports the first `count` controls of the sample set; all of them by default."""
    with as_(world.client, world.client_organization):
        told = library.read(
            world.client_organization, SAMPLE.read_bytes(), by=world.client
        ).controls[:count]
        library.import_controls(world.client_organization, told, by=world.client)
    return told


def take_all(world: SimpleNamespace) -> controls.Taken:
    """The firm takes every control of the library into the engagement."""
    with as_(world.lead, world.firm):
        return controls.take_controls(world.engagement, None, by=world.lead)
