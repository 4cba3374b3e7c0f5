"""Data at scale: firms with their clients, engagements and requests, in a few statements.

Written by the owner of the tables, beside all walls and actions: for measuring only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from tenants.permissions import ENGAGEMENT_GRANTS

ORGANIZATION, PERSON, ENGAGEMENT, REQUEST = 1, 2, 3, 7
PARTNER, SENIOR, ADMINISTRATOR, CONTROL_OWNER = 1, 4, 1, 2
"""Numbers of people: the firm's, and below 100 times the client's number the client's."""

_FIRM = Path(__file__).with_name("scale.sql").read_text(encoding="utf-8")
_FILL = """INSERT INTO evidence_evidencerequest (id, version, ref, title, description,
  acceptance_hint, area, kind, priority, status, sensitivity, covers_all_scope, owner_email, named,
  due_on, proposed_due_reason, opened_at, return_count, return_reason, return_text, na_reason,
  decision, list_status, list_comment, created_by_id, engagement_id, owner_id)
SELECT gen_random_uuid(), 1, 'F-' || i, 'Evidence of an earlier year, item ' || i, '', '', '',
  'document', 'medium', CASE WHEN i <= due OR i %% 10 < 3 THEN 'open' ELSE 'accepted' END, 'normal',
  false, '', ARRAY[owner], %(day)s::date + CASE WHEN i <= due THEN 0 ELSE 60 + i %% 300 END, '',
  now(), 0, '', '', '', '', '', '', e.founded_by_id, e.id, owner
FROM (SELECT e.*, (SELECT array_agg(person_id ORDER BY person_id) FROM tenants_assignment a
     WHERE a.engagement_id = e.id AND a.role = 'control_owner') owners
  FROM tenants_engagement e) e,
LATERAL (SELECT %(due)s / %(engagements)s due) d, generate_series(1, %(rows)s / %(engagements)s) i,
LATERAL (SELECT owners[1 + i %% cardinality(owners)] owner) o"""

_INDEXES = """SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'evidence_evidencerequest' AND indexdef NOT LIKE 'CREATE UNIQUE %'"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is in one firm."""

    clients: int = 25
    engagements: int = 50
    requests: int = 20_000


def key(kind: int, firm: int, number: int) -> UUID:
    """The id of a made row, as the SQL makes it."""
    return UUID(f"{kind:08x}{firm:08x}{number:016x}")


def firms(owner: psycopg.Connection[Any]) -> int:
    """How many made firms there are."""
    made = [key(ORGANIZATION, number, 0) for number in range(1, 1000)]
    found = owner.execute("SELECT count(*) FROM tenants_organization WHERE id = ANY (%s)", [made])
    row = found.fetchone()
    return int(row[0]) if row else 0


def add_firm(owner: psycopg.Connection[Any], number: int, size: Size) -> None:
    """Write firm `number` (from 1) whole, in one transaction, and let the planner know."""
    grants = [
        [role, permission] for permission, roles in ENGAGEMENT_GRANTS.items() for role in roles
    ]
    settings = {
        "firm": number, "clients": size.clients, "engagements": size.engagements,
        "requests": size.requests, "grants": json.dumps(grants),
    }  # fmt: skip
    with owner.transaction():
        for name, value in settings.items():
            owner.execute("SELECT set_config(%s, %s, true)", [f"scale.{name}", str(value)])
        owner.execute(_FIRM.encode())
    owner.execute("ANALYZE")


def fill_up(owner: psycopg.Connection[Any], *, rows: int, due: int, day: date) -> None:
    """Add `rows` requests, evenly over all engagements; `due` of them are open and due on `day`."""
    found = owner.execute("SELECT count(*) FROM tenants_engagement").fetchone()
    engagements = found[0] if found else 1
    with owner.transaction():
        indexes = owner.execute(_INDEXES).fetchall()
        for name, _ in indexes:  # so many rows are faster in without them
            owner.execute(f'DROP INDEX "{name}"')
        owner.execute(_FILL, {"rows": rows, "due": due, "day": day, "engagements": engagements})
    for _, definition in indexes:
        owner.execute(definition)
    owner.execute("ANALYZE")
