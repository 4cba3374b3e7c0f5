"""Canary words: one in every text of every row, and who of the callers may read it.

Written by the owner of the tables beside all walls, and judged by rules of its own (section 19 of
soc.md), never by asking the application.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import errors

from tenants.unwalled import UNWALLED
from tenants.visibility import FirmRecord
from tests.access import scenes
from tests.access.scenes import Scene

WORD = re.compile(r"cnry[0-9a-f]{10}")
SAID = re.compile("|".join((WORD.pattern, *scenes.ALL)))
_DRAWN = random.Random("canaries")
_SCENE_WORDS: dict[str, str] = {}
_CONTENT_WORDS: dict[str, str] = {}
NOT_PLANTED = {
    "time_zone": "must name a zone", "holiday_country": "must name a country",
    "password": "a hash", "secret_hash": "a hash", "hint": "of a secret", "email": "signs in",
    "owner_email": "signs in", "task": "ours", "dedupe": "ours", "period": "ours", "kind": "ours",
    "verb": "ours", "subject_type": "ours", "source_type": "ours", "before": "a status",
    "after": "a status", "permission": "ours", "route": "an address", "key": "of a retry",
    "fingerprint": "a hash", "content_type": "read from the bytes", "series": "of the catalog",
    "identifier": "of the catalog", "sha256": "a hash", "manifest_sha256": "a hash",
    "storage_key": "ours", "header_signature": "a hash", "request_id": "ours",
    "sheet": "names a sheet of the file", "last_error": "a kind of error", "codes": "ours",
    "kind_label": "read from the bytes", "path": "part of a frozen list", "categories": "ours",
    "scan_reason": "ours", "root": "a hash", "link_hash": "a hash", "token_hash": "a hash",
    "sign_in_name": "of a provider", "issuer": "of a provider", "client_id": "of a provider",
    "sealed_secret": "sealed", "sso_url": "of a provider", "certificates": "of a provider",
    "browser_hash": "a hash", "sealed_session": "sealed", "content_hash": "a hash",
    "facts_hash": "a hash", "paper_kind": "ours", "rule": "ours", "from_status": "a status",
    "to_status": "a status",
}  # fmt: skip
"""Columns that hold no words of a person, and what they hold instead."""
SIGNED = {"tenants_trailcheckpoint"}
"""Tables of statements that are ours and signed."""
FIRM_ONLY = {
    "evidence_firmnote", "evidence_handling", "evidence_requestimport", "evidence_importrow",
    "evidence_package", "evidence_packageentry",
}  # fmt: skip
CLIENT_ONLY = {"evidence_answerdraft", "audits_narrativeproposal"}
FIRM_COLUMNS = {("evidence_evidencerequest", "list_comment"),
                ("evidence_evidencerequest", "list_status")}  # fmt: skip
SEE_ALL_REQUESTS = {"partner", "quality_reviewer", "manager", "senior", "staff", "specialist",
                    "client_admin", "executive"}  # fmt: skip
CLIENT_ROLES = {"client_admin", "control_owner", "contributor", "executive"}


@dataclass(frozen=True)
class Person:
    """A caller as the planter knows them."""

    name: str
    id: UUID
    organization: UUID


@dataclass(frozen=True)
class Canary:
    """A word, where it was planted, and the callers who may read it."""

    word: str
    where: str
    readers: frozenset[str]
    evidence: bool = False
    """It names or is a file of evidence, which no log, mail or address holds (DAT-9, DAT-10)."""


def new_word() -> str:
    """A word nobody says otherwise."""
    return f"cnry{_DRAWN.getrandbits(40):010x}"


def scene_word(name: str) -> str:
    """The word with which a scene is played: in its titles, answers, files and their names."""
    return _SCENE_WORDS.setdefault(name, new_word())


def content_word(name: str) -> str:
    """The word that one file of a scene's evidence says, and its name with it."""
    return _CONTENT_WORDS.setdefault(name, new_word())


def plant(people: dict[str, Person], played: dict[str, Scene]) -> dict[str, Canary]:
    """Write a word into every text of every row of a tenant: word → canary."""
    facts = _Facts(people)
    planted = {canary.word: canary for canary in _of_the_scenes(facts, played)}
    for model in apps.get_models(include_auto_created=True):
        columns = _columns(model)
        if columns and _is_a_tenants(model):
            for canary in _planted_in(model._meta.db_table, model._meta.pk.column, columns, facts):
                planted[canary.word] = canary
    return planted


def _planted_in(table: str, key: str, columns: dict[str, int], facts: _Facts) -> Iterator[Canary]:
    """Plant in each row of a table, past its triggers. `columns`: name → the most it holds."""
    rows = [row for (row,) in owner(f"SELECT to_jsonb(t) FROM {table} t")]
    if not rows:
        return
    owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    try:
        for row in rows:
            words = {column: new_word() for column in columns}
            texts = {
                column: text
                for column, word in words.items()
                if (text := _with(row[column], word, columns[column])) is not None
            }
            try:
                _write(table, key, row, texts)
            except errors.CheckViolation:  # words that stand only with somebody who said them
                texts = {column: text for column, text in texts.items() if row[column]}
                _write(table, key, row, texts)
            for column in texts:
                named = (table, column) == ("evidence_fileversion", "name")
                readers = facts.readers(table, column, row)
                yield Canary(words[column], f"{table}.{column}", readers, evidence=named)
    finally:
        owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _write(table: str, key: str, row: dict[str, Any], texts: dict[str, Any]) -> None:
    if texts:
        settings_of = ", ".join(f'"{column}" = %s' for column in texts)
        owner(f"UPDATE {table} SET {settings_of} WHERE {key} = %s", *texts.values(), row[key])


def _with(value: Any, word: str, most: int) -> Any:
    """The value with the word before it; None where there is nothing, or no room."""
    if isinstance(value, list):
        return [word, *value]
    if not isinstance(value, str) or (most and len(value) + len(word) + 1 > most):
        return None
    return f"{word} {value}".strip()


def owner(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the owner of the tables is told, outside the application."""
    with settings.OWNER_CONNECTION.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def _is_a_tenants(model: Any) -> bool:
    """Not of the catalog, of the framework, or read before anyone is known; people have names."""
    if model._meta.db_table in SIGNED:
        return False
    return model._meta.label_lower not in UNWALLED or model._meta.label_lower == "tenants.user"


def _columns(model: Any) -> dict[str, int]:
    """Columns for words → the most they hold (0: anything)."""
    found = {}
    for each in model._meta.local_fields:
        field = each.base_field if isinstance(each, ArrayField) else each
        text = isinstance(field, models.CharField | models.TextField)
        if text and not (each.choices or field.choices) and each.column not in NOT_PLANTED:
            found[each.column] = getattr(field, "max_length", None) or 0
    return found


@cache
def _of_the_firm() -> set[str]:
    """Tables that only the firm's people read."""
    kept = {each._meta.db_table for each in apps.get_models() if issubclass(each, FirmRecord)}
    return FIRM_ONLY | kept


def _of_the_scenes(facts: _Facts, played: dict[str, Scene]) -> Iterator[Canary]:
    """Words that the scenes themselves were played with, contents of files among them."""
    for name, scene in played.items():
        if name in _SCENE_WORDS:
            readers = facts.on(str(scene.world.engagement.pk))
            yield Canary(_SCENE_WORDS[name], "scene", readers)
        readers = facts.on(str(scene.world.engagement.pk)) - {"contributor"}
        yield Canary(_CONTENT_WORDS[name], "the text of a file", readers, evidence=True)
    on = facts.on(str(played["target"].world.engagement.pk))
    firm, client = facts.of_firm(on), facts.of_client(on)
    library = on | {"neighbor"}
    few = {"owner", "contributor"}
    for word, readers in {
        scenes.BOTH: on, scenes.FIRM: firm, scenes.DRAFT: client - {"contributor"},
        scenes.LIBRARY: library, scenes.OTHER: on - few, scenes.CONTRIBUTOR: on - {"owner"},
        scenes.RESTRICTED: frozenset({"lead", "client"}),
    }.items():  # fmt: skip
        yield Canary(word, "scene", frozenset(readers))


class _Facts:
    """Who is on what, asked of the owner of the tables once."""

    def __init__(self, people: dict[str, Person]) -> None:
        self.people = people
        self.roles: dict[tuple[str, str], str] = {}
        for engagement, person, organization, role in owner(
            "SELECT engagement_id, person_id, organization_id, role FROM tenants_assignment"
        ):
            for each in people.values():
                if (each.id, each.organization) == (person, organization):
                    self.roles[str(engagement), each.name] = role
        self.members = {
            (str(organization), str(person))
            for organization, person in owner(
                "SELECT organization_id, person_id FROM tenants_membership"
            )
        }
        self.clients = {
            str(pk): str(client)
            for pk, client in owner("SELECT id, client_id FROM tenants_engagement")
        }
        self.engaged = {
            (str(firm), str(client))
            for firm, client in owner("SELECT firm_id, client_id FROM tenants_relationship")
        }
        self.requests = {
            row["id"]: row for (row,) in owner("SELECT to_jsonb(r) FROM evidence_evidencerequest r")
        }
        self.links: dict[str, list[Any]] = {}
        for (row,) in owner("SELECT to_jsonb(l) FROM evidence_evidencelink l"):
            self.links.setdefault(row["file_version_id"], []).append(row)

    def on(self, engagement: str) -> frozenset[str]:
        """Callers who are on an engagement."""
        return frozenset(name for pk, name in self.roles if pk == engagement)

    def within(self, organization: str) -> frozenset[str]:
        """Callers who act in an organization."""
        return frozenset(
            each.name for each in self.people.values() if str(each.organization) == organization
        )

    def of_client(self, names: frozenset[str]) -> frozenset[str]:
        """Those of them who are the client's people on some engagement."""
        return frozenset(n for (_, n), role in self.roles.items() if role in CLIENT_ROLES) & names

    def of_firm(self, names: frozenset[str]) -> frozenset[str]:
        """Those of them who are the firm's."""
        return names - self.of_client(names)

    def readers(self, table: str, column: str, row: dict[str, Any]) -> frozenset[str]:
        """Callers who may read a column of a row. Raises LookupError for a table of no tenant."""
        found = self._of_the_row(table, row)
        if table in _of_the_firm() or (table, column) in FIRM_COLUMNS:
            return self.of_firm(found)
        return self.of_client(found) if table in CLIENT_ONLY else found

    def _of_the_row(self, table: str, row: dict[str, Any]) -> frozenset[str]:
        special: dict[str, Callable[[dict[str, Any]], frozenset[str]]] = {
            "tenants_user": self._knowing, "tenants_organization": self._knowing_the_organization,
            "tenants_apitoken": self._holder, "evidence_evidencerequest": self._of_the_request,
            "evidence_fileversion": self._of_the_version, "tenants_trailentry": self._of_the_entry,
        }  # fmt: skip
        if table in special:
            return special[table](row)
        if request := row.get("evidence_request_id"):
            return self._of_the_request(self.requests[request])
        if table == "tenants_engagement":
            return self.on(row["id"])
        if engagement := row.get("engagement_id"):
            return self.on(engagement)
        if client := row.get("client_id"):
            teams = [self.on(pk) for pk, of in self.clients.items() if of == client]
            return self.within(client).union(*teams)
        if organization := row.get("organization_id"):
            return self.within(organization)
        if row.get("person_id"):
            return self._holder(row)
        raise LookupError(f"{table} names neither an engagement nor an organization.")

    def _knowing(self, row: dict[str, Any]) -> frozenset[str]:
        """Those who share an organization or an engagement with a person, or let them look."""
        let_in = owner(
            "SELECT organization_id FROM tenants_supportaccess WHERE operator_id = %s", row["id"]
        )
        own = {str(organization) for (organization,) in let_in}
        own |= {organization for organization, person in self.members if person == row["id"]}
        shared = owner(
            "SELECT engagement_id FROM tenants_assignment WHERE person_id = %s", row["id"]
        )
        teams = [self.on(str(pk)) for (pk,) in shared]
        return frozenset().union(*teams, *(self.within(each) for each in own))

    def _knowing_the_organization(self, row: dict[str, Any]) -> frozenset[str]:
        """Its people, and those of the firms or clients it works with."""
        partners = {firm for firm, client in self.engaged if client == row["id"]}
        partners |= {client for firm, client in self.engaged if firm == row["id"]}
        return self.within(row["id"]).union(*(self.within(each) for each in partners))

    def _holder(self, row: dict[str, Any]) -> frozenset[str]:
        return frozenset(
            each.name for each in self.people.values() if str(each.id) == row["person_id"]
        )

    def _of_the_request(self, row: dict[str, Any]) -> frozenset[str]:
        """All who see all requests, and those named; a draft is the firm's, restricted: named."""
        on = self.on(row["engagement_id"])
        named = {each.name for each in self.people.values() if str(each.id) in row["named"]} & on
        every = {name for name in on if self.roles[row["engagement_id"], name] in SEE_ALL_REQUESTS}
        found = frozenset(named if row["sensitivity"] == "restricted" else named | every)
        return found if row["opened_at"] else self.of_firm(found)

    def _of_the_version(self, row: dict[str, Any]) -> frozenset[str]:
        """Readers of its links, as far as it was handed over; and who uploaded it."""
        found: frozenset[str] = frozenset(
            each.name for each in self.people.values() if str(each.id) == row["uploaded_by_id"]
        )
        for link in self.links.get(row["id"], []):
            readers = self._of_the_request(self.requests[link["evidence_request_id"]])
            found |= readers if link["handed_over_at"] else self.of_client(readers)
        return found

    def _of_the_entry(self, row: dict[str, Any]) -> frozenset[str]:
        """One side's or both's, of the engagement or the organization; named people where named."""
        if row["engagement_id"] is None:
            return self.within(row["organization_id"])
        found = self.on(row["engagement_id"])
        if row["zone"] == "firm":
            found = self.of_firm(found)
        elif row["zone"] == "client":
            found = self.of_client(found)
        if row["named"] is not None:
            found &= {each.name for each in self.people.values() if str(each.id) in row["named"]}
        return found
