"""Writing requests: drafting, changing and discarding them, and who looks after one."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction

from evidence.actions.named import rename
from evidence.actions.request_fields import (
    Fields,
    addresses,
    free_refs,
    write_fields,
    write_links,
)
from evidence.choices import OVER, Part, RequestStatus
from evidence.models import EvidenceRequest, Handling, RequestPerson, RequestScopeItem
from evidence.queries import people as concerned
from tenants import trail
from tenants.choices import CLIENT_ROLES, TrailZone
from tenants.choices import OVER as ENDED
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import P, require


def draft(engagement: Engagement, fields: Fields, *, by: User) -> EvidenceRequest:
    """A new draft of the firm; the client does not see it until it is sent.

    `fields`: any of FIELDS; without `ref` the next free one is taken. Raises PermissionDenied,
    Invalid naming the field.
    """
    require(by, P.DRAFT_REQUEST, engagement)
    row = EvidenceRequest(engagement=engagement, created_by=by)
    with transaction.atomic():
        Engagement.objects.select_for_update(of=("self",)).get(pk=engagement.pk)
        write_fields(row, {"ref": "", **fields})
        row.named = [by.pk]
        refs = [row.ref] if row.ref else free_refs(engagement)
        if not any(_inserted(row, ref) for ref in refs):
            raise Invalid(f"{row.ref} is taken; choose another.", code="ref_taken", field="ref")
        write_links(row, fields)
        rename(row)
        row.save(update_fields=["named"])
        trail.record(
            "drafted", row, by=by, engagement_id=engagement.pk, after=row.status,
            zone=TrailZone.FIRM,
        )  # fmt: skip
    return row


def _inserted(row: EvidenceRequest, ref: str) -> bool:
    """Whether the reference was free, and the request has it now."""
    row.ref = ref
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:
        if "request_ref_once" not in str(taken):
            raise
        return False
    return True


def edit(
    evidence_request: EvidenceRequest, fields: Fields, *, by: User, version: int | None = None
) -> EvidenceRequest:
    """Change what a request says. A draft by who may draft, one that was sent by who may send.

    The due date of a sent request has its own verb, `change_due_date`. Raises PermissionDenied,
    StaleVersion, Invalid naming the field, Refused once the request is over.
    """
    detail = {"fields": sorted(set(fields) - {"list_status", "list_comment"})}
    with transaction.atomic():
        held = locked(evidence_request)
        _require_editable(held, fields, by)
        zone = TrailZone.SHARED if held.opened_at else TrailZone.FIRM
        with changing(
            "edited", evidence_request, by=by, version=version, zone=zone, detail=detail
        ) as row:
            write_fields(row, fields)
            write_links(row, fields)
            rename(row)
    return evidence_request


def _require_editable(row: EvidenceRequest, fields: Fields, by: User) -> None:
    is_draft = row.status == RequestStatus.DRAFT
    require(by, P.DRAFT_REQUEST if is_draft else P.SEND_REQUEST, row.engagement)
    if row.status in OVER:
        raise Refused("It is over; reopen it first.", code="request_over")
    if not is_draft and "due_on" in fields and fields["due_on"] != row.due_on:
        raise Invalid(
            "Use “change due date”, with the reason.", code="due_date_apart", field="due_on"
        )


def discard(evidence_request: EvidenceRequest, *, by: User) -> None:
    """Throw a draft away that was never sent. Raises PermissionDenied, Refused once sent."""
    require(by, P.DRAFT_REQUEST, evidence_request.engagement)
    with transaction.atomic():
        row = locked(evidence_request)
        if row.status != RequestStatus.DRAFT:
            raise Refused("It was sent; withdraw it instead.", code="request_sent")
        trail.record("discarded", row, by=by, engagement_id=row.engagement_id, zone=TrailZone.FIRM)
        # PostgreSQL cascades: the web role itself may not delete notes, which are append-only
        rows = EvidenceRequest.objects.filter(pk=row.pk)
        rows._raw_delete(rows.db)


def look_after(
    evidence_request: EvidenceRequest, *, assignee: User | None, by: User
) -> EvidenceRequest:
    """Say who of the firm looks after a request; the client never learns it.

    Raises PermissionDenied, Invalid for somebody who is not of the firm's team.
    """
    require(by, P.DRAFT_REQUEST, evidence_request.engagement)
    if assignee is not None and assignee not in concerned.firm_people(
        evidence_request.engagement_id
    ):
        raise Invalid("Choose one of the firm's team.", code="not_assigned", field="assignee")
    with changing("looked_after", evidence_request, by=by, zone=TrailZone.FIRM) as row:
        Handling.objects.update_or_create(
            evidence_request=row, engagement_id=row.engagement_id, defaults={"assignee": assignee}
        )
        rename(row)
    return evidence_request


def link_waiting_owner(assignment: Assignment) -> None:
    """A person joins the engagement: requests whose list named their address know them now.

    The first address of a request is its owner's, the others are contributors'.
    """
    if assignment.role not in CLIENT_ROLES or assignment.engagement.status in ENDED:
        return
    person = assignment.person
    waiting = EvidenceRequest.objects.filter(
        engagement_id=assignment.engagement_id, owner_email__icontains=person.email
    )
    for row in waiting.select_for_update(of=("self",)):
        named = addresses(row.owner_email)
        if row.owner is None and named[:1] == [person.email]:
            row.owner = person
        elif person.email in named[1:]:
            RequestPerson.objects.get_or_create(
                engagement_id=row.engagement_id, evidence_request=row, person=person,
                defaults={"part": Part.CONTRIBUTOR},
            )  # fmt: skip
        else:
            continue
        rename(row)
        row.version += 1
        row.save(update_fields=["owner", "named", "version"])


def let_go_of_scope_items(engagement: Engagement, ids: Collection[UUID]) -> None:
    """Requests no longer name scope items that are about to leave the engagement."""
    RequestScopeItem.objects.filter(engagement=engagement, scope_item_id__in=ids).delete()
