"""Two people import at once: one wins, the other is told, nothing is doubled."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from evidence.actions.import_rows import import_rows
from evidence.models import EvidenceRequest, RequestImport
from tenants.errors import Refused
from tests import factories
from tests.conftest import as_
from tests.evidence.import_helpers import csv_list, good_row, hand_in

ROWS = csv_list(*map(good_row, range(1, 31)))


def race(world, lists):
    """Import each list at the same moment, on connections of their own; what became of each."""
    start, outcomes = Barrier(len(lists)), []

    def run(pk):
        try:
            with as_(world.lead, world.firm):
                with transaction.atomic():
                    row = RequestImport.objects.select_related("engagement").get(pk=pk)
                start.wait()
                with transaction.atomic():
                    import_rows(row, by=world.lead)
                outcomes.append("imported")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(pk,)) for pk in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_lists_with_the_same_rows_one_is_imported_and_the_other_is_stale(world):
    factories.taken_controls(world)
    with as_(world.lead, world.firm):
        lists = [hand_in(world, ROWS, f"{number}.csv").pk for number in range(2)]
    assert race(world, lists) == ["imported", "preview_stale"]
    assert requests_of(world) == 30


@pytest.mark.django_db(transaction=True)
def test_one_list_is_imported_once_however_many_press_the_button(world):
    factories.taken_controls(world)
    with as_(world.lead, world.firm):
        row = hand_in(world, ROWS, "list.csv").pk
    assert race(world, [row] * 5) == ["import_not_ready"] * 4 + ["imported"]
    assert requests_of(world) == 30


def requests_of(world):
    with as_(world.lead, world.firm), transaction.atomic():
        refs = EvidenceRequest.objects.values_list("ref", flat=True)
        assert len(set(refs)) == len(refs)
        return len(refs)
