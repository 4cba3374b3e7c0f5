"""`manage.py import_requests`: the same list from the command line, as a named person."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from tenants.models import TrailEntry
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import SAMPLE, csv_list, good_row, kept


def run(world, path, *more, who=None):
    out = io.StringIO()
    who = who or world.lead
    command = ("import_requests", str(world.engagement.pk), str(path), "--as", who.email)
    call_command(*command, *more, stdout=out)
    return out.getvalue()


@pytest.fixture
def prepared(world):
    """The world with controls in the engagement."""
    factories.taken_controls(world)
    return world


def test_a_dry_run_prints_every_row_and_imports_none(prepared):
    said = run(prepared, SAMPLE, "--dry-run")
    assert "100    Error       D-11" in said
    assert "J100: “11/31/2026” is no day of the calendar" in said
    assert "Not on the engagement yet: sam.ito@tallowbrook.example" in said
    assert said.endswith("Nothing was imported.\n")
    assert kept(prepared)[1] == 0


def test_the_usable_rows_are_imported_in_the_name_of_the_person(prepared):
    world = prepared
    assert run(world, SAMPLE).endswith("Imported: 72 new, 0 changed.\n")
    assert kept(world)[1] == 72
    with as_(world.lead, world.firm):
        entry = TrailEntry.objects.get(verb="list_imported")
    assert (entry.person_id, entry.acting_for_id) == (world.lead.pk, world.firm.pk)


def test_a_refused_list_and_a_person_without_the_right_change_nothing(prepared, tmp_path):
    world = prepared
    picture = tmp_path / "list.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 600)
    with pytest.raises(CommandError, match="picture"):
        run(world, picture)
    good = tmp_path / "list.csv"
    good.write_bytes(csv_list(good_row(1)))
    for who in (world.client, world.reviewer, world.rival):
        with pytest.raises(CommandError):
            run(world, good, who=who)
    with pytest.raises(CommandError, match="No such file"):
        run(world, tmp_path / "none.csv")
    assert kept(world)[1] == 0
