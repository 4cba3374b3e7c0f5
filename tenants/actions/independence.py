"""Stating one's independence of a client, refusing to, and asking a colleague for it (AC-04)."""

from __future__ import annotations

from django.db import transaction

from tenants import acting, notices, outbox, trail
from tenants.actions.access import recompute
from tenants.actions.assignments import INDEPENDENCE_ASKED, own_side, remove
from tenants.choices import FIRM_ROLES, IndependenceWord, TrailZone
from tenants.errors import Invalid
from tenants.models import Assignment, Engagement, Independence, User
from tenants.permissions import P, require
from tenants.queries import independence as queries
from tenants.rules import independence as rules

W = IndependenceWord


def confirm(engagement: Engagement, *, by: User) -> Independence:
    """State that one is independent of the client; from now on one's assignment counts.

    The statement is the one in force. It holds for a year and may be given again at any time.
    Raises PermissionDenied for somebody whom the firm has not assigned.
    """
    require(by, P.CONFIRM_INDEPENDENCE, engagement)
    with transaction.atomic():
        said = _say(
            engagement,
            by,
            W.CONFIRMED,
            by=by,
            good_until=rules.last_day(queries.today_of(engagement)),
        )
        recompute(engagement, [by])
        _record("independence_confirmed", said, by=by)
    return said


def refuse(engagement: Engagement, *, note: str, by: User) -> Independence:
    """State that one is not independent of the client; one is off the engagement at once.

    Raises PermissionDenied, Invalid without a reason.
    """
    require(by, P.CONFIRM_INDEPENDENCE, engagement)
    if not note.strip():
        raise Invalid(
            "Say in a few words why; your firm needs to know.", code="note_required", field="note"
        )
    with transaction.atomic():
        held = Assignment.objects.get(engagement=engagement, person=by)
        said = _say(engagement, by, W.REFUSED, by=by, note=note.strip())
        remove(held)
        _record("independence_refused", said, by=by, note=note.strip())
    return said


def ask(assignment: Assignment, *, by: User) -> Independence:
    """Ask a colleague on the engagement for their word, or for a new one.

    What they confirmed before holds until its last day. Raises PermissionDenied, Invalid for
    oneself or for somebody of the client.
    """
    engagement, person = assignment.engagement, assignment.person
    require(by, P.ASSIGN_FIRM_PEOPLE, engagement)
    if own_side(engagement).pk != assignment.organization_id or assignment.role not in FIRM_ROLES:
        raise Invalid("Independence is asked of the firm's people alone.", code="other_side")
    if person == by:
        raise Invalid("State your own; nobody needs to ask you for it.", code="own_independence")
    with transaction.atomic():
        asked = _say(engagement, person, W.ASKED, by=by)
        outbox.enqueue(INDEPENDENCE_ASKED, engagement_id=engagement.pk, subject=person.pk)
        _record("independence_asked", asked, by=by)
    return asked


@outbox.task(INDEPENDENCE_ASKED)
def tell_whom_it_is_asked_of(lease: outbox.Lease) -> None:
    """Tell a person that an engagement waits for their word on independence."""
    assert lease.actor.engagement_id
    notices.tell(
        "tenants.independence", lease.actor.engagement_id, lease.actor.engagement_id,
        [lease.subject], period=str(lease.id),
    )  # fmt: skip


def _say(
    engagement: Engagement, person: User, word: IndependenceWord, *, by: User, **facts: object
) -> Independence:
    said: Independence = Independence.objects.create(
        engagement=engagement, organization_id=engagement.firm_id, person=person, word=word,
        statement=rules.VERSION, said_by=by, **facts,
    )  # fmt: skip
    return said


def _record(verb: str, said: Independence, *, by: User, note: str = "") -> None:
    with acting.on_behalf_of_the_engagement(said.engagement_id, said.organization_id):
        trail.record(
            verb, said, by=by, engagement_id=said.engagement_id, note=note, zone=TrailZone.FIRM,
            detail={"person": str(said.person_id), "statement": said.statement},
        )  # fmt: skip
