"""PostgreSQL alone: every table is walled or listed, and raw SQL finds nothing behind a wall."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from tenants.unwalled import UNWALLED
from tenants.walls import RowWall
from tests import factories
from tests.conftest import as_

WALLED = sorted(
    {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if any(isinstance(rule, RowWall) for rule in model._meta.constraints)
    }
)
SETTINGS = (
    "person", "organization", "presented", "system", "engagements", "assigned", "overseen",
    "firm_side", "client_side", "clients", "organizations",
)  # fmt: skip
NIL = "00000000-0000-0000-0000-000000000000"
NOBODY = {
    "person": NIL, "organization": NIL, "presented": "", "system": "false", "engagements": "{}",
    "assigned": "{}", "overseen": "{}",
    "firm_side": "{}", "client_side": "{}", "clients": "{}", "organizations": "{}",
}  # fmt: skip
FOREIGN = {
    **NOBODY,
    "person": str(uuid4()),
    "organization": str(uuid4()),
    "presented": "0" * 64,
    **dict.fromkeys(SETTINGS[4:], f"{{{uuid4()}}}"),
}
GARBAGE = dict.fromkeys(SETTINGS, "garbage' OR true --")
EMPTY = dict.fromkeys(SETTINGS, "")


def owner(query, *values):
    """What the owner of the tables is told."""
    with settings.OWNER_CONNECTION.cursor() as cursor:
        return cursor.execute(query, values).fetchall()


@pytest.fixture
def web():
    """A bare connection as the web role: no Django, no announcement."""
    login = connection.settings_dict
    with psycopg.connect(
        dbname=login["NAME"], user=login["USER"], password=login["PASSWORD"], host=login["HOST"],
        port=login["PORT"],
    ) as raw:  # fmt: skip
        yield raw
        raw.rollback()


def test_every_table_has_a_wall_or_a_reason_ten_1(db):
    tables = {row[0] for row in owner("SELECT tablename FROM pg_tables WHERE schemaname='public'")}
    listed = {
        apps.get_model(label)._meta.db_table for label in UNWALLED if apps.is_installed(_app(label))
    }
    assert tables - set(WALLED) - listed == {"django_migrations"}


def _app(label):
    return apps.get_app_config(label.split(".")[0]).name


@pytest.mark.parametrize("table", WALLED)
def test_row_security_is_on_and_forced_ten_6(db, table):
    query = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s"
    assert owner(query, table) == [(True, True)]
    policies = owner("SELECT cmd, roles::text FROM pg_policies WHERE tablename = %s", table)
    assert sum(1 for cmd, roles in policies if cmd == "ALL" and "owner" not in roles) == 1
    assert sum(1 for cmd, _ in policies if cmd == "SELECT") <= 1
    assert len(policies) <= 3


def test_the_web_role_owns_nothing_and_steps_over_no_wall_ten_10(web):
    power = web.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
        "WHERE rolname = session_user"
    ).fetchone()
    assert power == (False, False, False, False)
    owned = web.execute(
        "SELECT count(*) FROM pg_class WHERE pg_has_role(session_user, relowner, 'member')"
    ).fetchone()
    assert owned == (0,)
    for statement in ("TRUNCATE tenants_trailentry", "ALTER TABLE tenants_user ADD x int",
                      "CREATE TABLE mine (x int)", "CREATE TEMPORARY TABLE mine (x int)",
                      "SET ROLE tickmark_owner"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(statement)
        web.rollback()


@pytest.mark.django_db(transaction=True)
def test_a_process_with_too_much_power_does_not_start():
    from django.core.exceptions import ImproperlyConfigured

    from tenants import checks

    checks.refuse_too_much_power()
    login = dict(connection.settings_dict)
    try:
        connection.close()
        info = settings.OWNER_CONNECTION.info
        connection.settings_dict.update(USER=info.user, PASSWORD=info.password)
        with pytest.raises(ImproperlyConfigured, match="database_roles"):
            checks.refuse_too_much_power()
    finally:
        connection.close()
        connection.settings_dict.update(login)


def test_nothing_of_the_actor_outlives_its_transaction_ten_7(db, web):
    for ending in ("COMMIT", "ROLLBACK"):
        web.execute(f"SELECT set_config('app.engagements', '{{{uuid4()}}}', true)")
        web.execute(ending)
        with pytest.raises(psycopg.errors.DataError):
            web.execute("SELECT current_setting('app.engagements')::uuid[]")
        web.rollback()


def test_a_link_cannot_leave_its_engagement_ten_3(world):
    """A request of one engagement cannot be tied to a control of another, not by raw SQL either."""
    from audits.models import ControlMapping, EngagementControl, ScopeItem

    factories.taken_controls(world)
    other = factories.engagement(world.firm, world.client_organization, world.lead)
    with as_(world.lead, world.firm):
        control = EngagementControl.objects.filter(engagement=world.engagement).first()
        item = ScopeItem.objects.filter(engagement=other).first()
        with pytest.raises(Exception, match="controlmapping_scope_item_link"):
            ControlMapping.objects.create(
                engagement=world.engagement, control=control, scope_item=item
            )


def test_the_trail_is_never_changed_not_by_its_owner_either_aud_3(django_db_setup):
    assert owner("SELECT count(*) FROM tenants_trailentry")[0][0] > 0
    for statement in (
        "UPDATE tenants_trailentry SET note = 'x'",
        "DELETE FROM tenants_trailentry",
        "TRUNCATE tenants_trailentry",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            owner(statement)
