"""Importing the chosen rows of a list: all of them in one transaction, or none (IM-07)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from audits.models import EngagementControl, ScopeItem
from evidence.actions import due_dates, request_edits
from evidence.actions.absent_people import suggest
from evidence.actions.import_updates import save_drafts
from evidence.actions.request_fields import write_fields
from evidence.choices import ImportStatus, Part, RequestStatus, RowPlan, Sensitivity
from evidence.models import (
    EvidenceRequest,
    ImportRow,
    RequestControl,
    RequestImport,
    RequestPerson,
    RequestScopeItem,
)
from evidence.queries.absent_people import suggested
from evidence.queries.people import client_people
from evidence.queries.request_facts import facts_of
from evidence.rules.request_list_duplicates import content_key, folded_ref
from evidence.rules.request_list_preview import plain
from tenants import trail
from tenants.choices import TrailZone
from tenants.errors import Invalid, Refused
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

USABLE = (RowPlan.CREATE, RowPlan.UPDATE)
TEXTS = ("title", "description", "acceptance_hint", "area", "kind", "priority", "sensitivity")
DATES = ("period_from", "period_to", "as_of", "due_on", "requested_on")
CHANGED_FIELD = {"criteria": "scope_items", "contributors": "owner_email"}
TOGETHER = {"scope_items": "covers_all_scope", "owner_email": "contributors"}


def import_rows(
    request_import: RequestImport, *, by: User, chosen: Collection[int] | None = None
) -> dict[str, int]:
    """Make and change requests from the rows a person chose.

    chosen: sheet row numbers; None: every usable row that nobody left out. Returns counts by plan.
    Raises PermissionDenied, Invalid for a row that cannot be imported, Refused when the
    engagement's requests changed since the preview; nothing is imported then.
    """
    engagement = request_import.engagement
    require(by, P.DRAFT_REQUEST, engagement)
    with transaction.atomic():
        Engagement.objects.select_for_update(of=("self",)).get(pk=engagement.pk)
        row = locked(request_import)
        if row.status != ImportStatus.READY:
            raise Refused(
                f"This list is {row.get_status_display().lower()}.", code="import_not_ready"
            )
        rows = _chosen(row, chosen)
        creates = [each for each in rows if each.plan == RowPlan.CREATE]
        updates = [each for each in rows if each.plan == RowPlan.UPDATE]
        world = _World(row, by, [UUID(each.fields["key"]) for each in updates])
        world.require_unchanged(creates, updates)
        _update(updates, world)
        _create(creates, world)
        ImportRow.objects.filter(pk__in=[each.pk for each in rows]).update(imported=True)
        row.status, row.imported_by = ImportStatus.DONE, by
        row.version += 1
        row.save()
        counts = {"create": len(creates), "update": len(updates)}
        trail.record(
            "list_imported", row, by=by, engagement_id=engagement.pk, zone=TrailZone.FIRM,
            detail=counts,
        )  # fmt: skip
        _name_the_absent(rows, world)
    request_import.refresh_from_db()
    return counts


class _World:
    """The engagement's own rows by the words a list uses for them: 8 queries.

    The requests to be changed (ids `changed`) are locked before they are compared.
    """

    def __init__(self, row: RequestImport, by: User, changed: Sequence[UUID]) -> None:
        self.engagement, self.by, self.list_name = row.engagement, by, row.name
        self.controls = dict(
            EngagementControl.objects.filter(engagement=row.engagement).values_list("ref", "pk")
        )
        self.scope_items = dict(
            ScopeItem.objects.filter(engagement=row.engagement).values_list("identifier", "pk")
        )
        self.people = {person.email: person for person in client_people(row.engagement_id)}
        rows = EvidenceRequest.objects.visible_to(by).select_related("engagement__client")
        self.requests = rows.select_for_update(of=("self",)).order_by("pk").in_bulk(changed)
        self.facts = {facts.key: facts for facts in facts_of(row.engagement, by)}

    def require_unchanged(self, creates: Sequence[ImportRow], updates: Sequence[ImportRow]) -> None:
        """Raise Refused when the requests are no longer what the preview compared with."""
        refs = {folded_ref(facts.ref) for facts in self.facts.values()}
        contents = {
            content_key(facts.title, facts.description, facts.controls, facts.kind)
            for facts in self.facts.values()
        }
        for row in creates:
            said = row.fields
            content = content_key(
                said["title"], said["description"], said["controls"], said["kind"]
            )
            if folded_ref(row.ref) in refs or content in contents:
                raise _stale()
        for row in updates:
            facts = self.facts.get(row.fields["key"])
            for name, (before, _) in row.changes.items():
                if facts is None or before != _now(facts, name):
                    raise _stale()

    def fields(self, row: ImportRow) -> dict[str, Any]:
        """What a row says, as `request_fields.FIELDS` has it. Raises Refused for what is gone."""
        said = row.fields
        owner, others = self.people_of(row)
        return {
            **{name: said[name] for name in TEXTS},
            **{name: date.fromisoformat(said[name]) if said[name] else None for name in DATES},
            "covers_all_scope": said["whole_scope"],
            "owner_email": "; ".join([owner, *others]) if owner else "",
            "list_status": said["status"],
            "list_comment": said["comment"],
            "controls": _ids(self.controls, said["controls"]),
            "scope_items": _ids(self.scope_items, said["criteria"]),
            "contributors": [self.people[each].pk for each in others if each in self.people],
        }

    def people_of(self, row: ImportRow) -> tuple[str, list[str]]:
        """Owner and contributors by e-mail; of an update, what the list leaves as it is stays."""
        told = row.fields["owner_emails"]
        owner, others = (told[0] if told else ""), [*told[1:], *row.fields["contributors"]]
        facts = self.facts.get(row.fields["key"])
        if facts is not None and "owner_email" not in row.changes:
            owner = facts.owner_email
        if facts is not None and "contributors" not in row.changes:
            others = list(facts.contributors)
        return owner, [each for each in dict.fromkeys(others) if each != owner]


def _name_the_absent(rows: Sequence[ImportRow], world: _World) -> None:
    """Name the list's new people to the client's administrators at once (IM-05).

    By those who may send requests; people of restricted rows alone stay unnamed until the firm
    names them itself.
    """
    if not world.by.has_perm(P.SEND_REQUEST, world.engagement):
        return
    told = set(suggested(world.engagement))
    named = {
        address
        for row in rows
        if row.fields["sensitivity"] == Sensitivity.NORMAL
        for owner, others in [world.people_of(row)]
        for address in (owner, *others)
        if address and address not in world.people and address not in told
    }
    if named:
        suggest(world.engagement, sorted(named), by=world.by)


def _now(facts: Any, name: str) -> Any:
    """A field of a request as the preview kept it."""
    if name == "criteria" and facts.whole_scope:
        return "all in scope"
    return plain(getattr(facts, name))


def _ids(known: Mapping[str, UUID], names: Sequence[str]) -> list[UUID]:
    if any(name not in known for name in names):
        raise _stale()
    return [known[name] for name in names]


def _chosen(row: RequestImport, chosen: Collection[int] | None) -> list[ImportRow]:
    rows = list(ImportRow.objects.filter(request_import=row))
    if chosen is None:
        return [each for each in rows if each.plan in USABLE and not each.left_out]
    by_number = {each.sheet_row: each for each in rows}
    picked = []
    for number in sorted(set(chosen)):
        found = by_number.get(number)
        if found is None:
            raise Invalid(f"The list has no row {number}.", code="row_unknown", field="rows")
        if found.plan in (RowPlan.ERROR, RowPlan.DUPLICATE):
            raise Invalid(
                f"Row {number} cannot be imported: {_first_text(found)}",
                code="row_not_usable", field="rows",
            )  # fmt: skip
        picked.append(found)
    return [each for each in picked if each.plan in USABLE]


def _first_text(row: ImportRow) -> str:
    return str(row.messages[0]["text"]) if row.messages else row.get_plan_display()


def _create(rows: list[ImportRow], world: _World) -> None:
    """New drafts, in a few statements whatever their number."""
    requests, controls, items, people = [], [], [], []
    for row in rows:
        fields = world.fields(row)
        request = EvidenceRequest(engagement=world.engagement, created_by=world.by)
        with _at(row):
            write_fields(request, {**fields, "ref": row.ref}, people=world.people)
        tied = {"engagement_id": world.engagement.pk, "evidence_request": request}
        controls += [RequestControl(control_id=pk, **tied) for pk in fields["controls"]]
        items += [RequestScopeItem(scope_item_id=pk, **tied) for pk in fields["scope_items"]]
        people += [
            RequestPerson(person_id=pk, part=Part.CONTRIBUTOR, **tied)
            for pk in fields["contributors"]
        ]
        request.named = sorted({world.by.pk, request.owner_id, *fields["contributors"]} - {None})
        requests.append(request)
    try:
        with transaction.atomic():
            EvidenceRequest.objects.bulk_create(requests)
    except IntegrityError as taken:
        raise Refused(
            "A reference of this list is taken by a request that is restricted to others. Give "
            "the list's rows references of their own; nothing was imported.",
            code="ref_taken",
        ) from taken
    RequestControl.objects.bulk_create(controls)
    RequestScopeItem.objects.bulk_create(items)
    RequestPerson.objects.bulk_create(people)
    trail.record_many(
        "drafted", requests, by=world.by, engagement_id=world.engagement.pk, zone=TrailZone.FIRM
    )


def _update(rows: list[ImportRow], world: _World) -> None:
    """Existing requests, only what the list changes: drafts at once, sent ones by their verbs."""
    drafts = []
    for row in rows:
        request, fields = world.requests[UUID(row.fields["key"])], world.fields(row)
        names = {CHANGED_FIELD.get(name, name) for name in row.changes}
        names |= {TOGETHER[name] for name in names & set(TOGETHER)}
        values = {name: fields[name] for name in names}
        with _at(row):
            if request.status == RequestStatus.DRAFT:
                write_fields(request, values, people=world.people)
                drafts.append((request, values))
            else:
                _change_sent(request, values, world)
    if drafts:
        save_drafts(drafts, by=world.by, engagement_id=world.engagement.pk)


def _change_sent(request: EvidenceRequest, values: dict[str, Any], world: _World) -> None:
    """A request that was sent: its due date with the reason, the rest as an edit."""
    if "due_on" in values:
        due_on = values.pop("due_on")
        due_dates.change_due_date(
            request, due_on=due_on, by=world.by, note=f"As in the list “{world.list_name}”."
        )
    if values:
        request_edits.edit(request, values, by=world.by)


@contextmanager
def _at(row: ImportRow) -> Iterator[None]:
    """Say at which row of the list a refusal happened."""
    try:
        yield
    except (Invalid, Refused) as problem:
        problem.message = f"Row {row.sheet_row}: {problem.message}"
        raise
    except PermissionDenied as denied:
        raise PermissionDenied(f"Row {row.sheet_row}: {denied}") from denied


def _stale() -> Refused:
    return Refused(
        "The requests changed since this preview was made. Read the list again and check it; "
        "nothing was imported.",
        code="preview_stale",
    )
