"""After the lock nothing of a file changes, in the database too (LK-03); after release little does.

Every table with an engagement closes with it or stands in a list with the reason.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from audits.models import ControlMapping, EngagementControl, ScopeItem
from evidence.models import EvidenceRequest
from tenants.locking import ClosesWithTheFile
from tenants.walls import RowWall
from tests import factories
from tests.conftest import as_
from tests.evidence import requests

OPEN_AFTER_LOCK = {
    "tenants_assignment": "people look at a locked file, and more may come to do so",
    "tenants_opening": "the same",
    "tenants_teamrole": "the same",
    "tenants_independence": "is said anew each year by whoever still looks at the file",
    "tenants_supportaccess": "support may be let look",
    "tenants_invitation": "an invited person may still come to look",
    "tenants_walledside": "an ethics wall stands around locked files too",
    "tenants_notice": "tells people of the file",
    "tenants_outboxentry": "work that follows the lock",
    "tenants_schedule": "deadlines of the file",
    "tenants_trailentry": "who looked, and who disposed",
    "audits_paperopened": "locked papers are looked at, and addenda are signed",
    "evidence_package": "an addendum makes another package",
    "evidence_packageentry": "an addendum makes another package",
}
"""Table → why it is written after the lock."""


def with_an_engagement():
    """(table, its rule or None) of every table whose rows belong to an engagement."""
    for model in apps.get_models(include_auto_created=True):
        columns = {field.column for field in model._meta.local_fields}
        walled = any(isinstance(rule, RowWall) for rule in model._meta.constraints)
        if walled and "engagement_id" in columns:
            rules = [r for r in model._meta.constraints if isinstance(r, ClosesWithTheFile)]
            yield model._meta.db_table, rules


def test_every_table_of_an_engagement_closes_with_it_or_says_why_not_lk_03():
    found = dict(with_an_engagement())
    assert set(OPEN_AFTER_LOCK) <= set(found), set(OPEN_AFTER_LOCK) - set(found)
    unsaid = {table for table, rules in found.items() if not rules} - set(OPEN_AFTER_LOCK)
    assert not unsaid, f"add ClosesWithTheFile, or a line with the reason: {sorted(unsaid)}"
    both = {table for table, rules in found.items() if rules} & set(OPEN_AFTER_LOCK)
    assert not both, both


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


@pytest.fixture
def file(world):
    factories.taken_controls(world)
    requests.sent(world)
    return world


@pytest.mark.parametrize("model", [EvidenceRequest, EngagementControl, ScopeItem, ControlMapping])
@pytest.mark.parametrize("status", ["fieldwork", "locked"])
def test_a_locked_file_refuses_every_write_lk_03(file, model, status):
    factories.moved_to(file, status)
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET version = version + 1", f"DELETE FROM {table}"):
        with as_(file.lead, file.firm):
            if status == "locked":
                with pytest.raises(IntegrityError, match="LK-03"):
                    raw(sql)
            elif sql.startswith("UPDATE"):
                assert raw(sql)


def test_a_locked_engagement_keeps_its_own_row_lk_03(world):
    with as_(world.lead, world.firm):
        assert raw("UPDATE tenants_engagement SET title = 'B'") == 1
    factories.moved_to(world, "locked")
    with as_(world.lead, world.firm), pytest.raises(IntegrityError, match="LK-03"):
        raw("UPDATE tenants_engagement SET title = 'A'")


@pytest.mark.parametrize("status", ["released", "wrap_up", "withdrawn"])
def test_after_release_a_file_is_only_put_in_order_lk_04(file, status):
    factories.moved_to(file, status)
    with as_(file.lead, file.firm):
        assert raw("UPDATE audits_scopeitem SET version = version + 1")
        with pytest.raises(IntegrityError, match="LK-04"):
            raw("UPDATE evidence_evidencerequest SET version = version + 1")


def test_a_writer_that_does_not_see_the_engagement_is_refused_too(world):
    columns = "id, version, engagement_id, from_status, to_status, reason, returned_by_id"
    insert = f"""INSERT INTO tenants_phasereturn ({columns})
        VALUES (gen_random_uuid(), 1, %s, 'planning', 'acceptance', 'Why', %s)"""
    with as_(world.colleague, world.firm), pytest.raises(IntegrityError, match="LK-03"):
        raw(insert, world.engagement.pk, world.colleague.pk)
    with as_(world.lead, world.firm):
        assert raw(insert, world.engagement.pk, world.lead.pk) == 1
