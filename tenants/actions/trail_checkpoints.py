"""Signed checkpoints: of every book that grew, at least hourly, and sent outside (AUD-5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from tenants import notices, outbox, signing
from tenants.acting import Actor, acting, organization_id
from tenants.actions.trail_sequencing import HASH_BYTES, sequence_book
from tenants.choices import MembershipStatus, Role
from tenants.models import Assignment, Membership, TrailCheckpoint, TrailTree
from tenants.permissions import ORGANIZATION_GRANTS, P
from tenants.rules.trail_leaves import moment
from tenants.trail_verifier import Checkpoint, Tree, key_text

EVERY = timedelta(minutes=50)
"""A book that grew is signed when its last checkpoint is older: within the hour, whatever waits."""
MAIL = "tenants.plan_checkpoint_mail"
CHECK = "tenants.check_trail"
RECEIVING = (Role.PARTNER, Role.MANAGER, Role.CLIENT_ADMIN)
"""Who gets an engagement's checkpoints: those who answer for it on each side."""


def sign_due() -> int:
    """Sign every book that grew since its last checkpoint. Returns how many were signed."""
    due = Q(signed_at=None) | Q(signed_at__lt=timezone.now() - EVERY)
    with acting(Actor(system=True)):
        with transaction.atomic():
            grown = TrailTree.objects.filter(due, size__gt=F("signed_size"))
            books = list(grown.order_by("pk").values_list("pk", flat=True))
        return sum(_signed(book_id) is not None for book_id in books)


def fresh(book_id: UUID, *, of_engagement: bool) -> TrailCheckpoint | None:
    """The checkpoint of the book as it stands after all that has committed; None while empty.

    Runs as the system in transactions of its own: call it outside any other.
    """
    sequence_book(book_id, of_engagement=of_engagement)
    with acting(Actor(system=True)):
        _signed(book_id)
        with transaction.atomic():
            return TrailCheckpoint.objects.filter(book_id=book_id).order_by("-size").first()


@outbox.task(MAIL)
def plan_mail(lease: outbox.Lease) -> None:
    """Ask for the next morning's mail of those who get the book's checkpoints.

    A checkpoint uses up no mail of a day that is under way: requests may still be sent in it.
    """
    if lease.actor.engagement_id:
        team = Assignment.objects.filter(engagement_id=lease.subject, role__in=RECEIVING)
        people = team.values_list("person_id", "organization_id")
    else:
        roles = ORGANIZATION_GRANTS[P.MANAGE_ORGANIZATION]
        members = Membership.objects.filter(
            organization_id=organization_id(), status=MembershipStatus.ACTIVE, role__in=roles
        )
        people = members.values_list("person_id", "organization_id")
    notices.plan_digests(lease.actor.engagement_id, list(people), can_wait=True)


def _signed(book_id: UUID) -> TrailCheckpoint | None:
    """Sign the book as it stands; None when its last checkpoint says all there is."""
    with transaction.atomic():
        tree = TrailTree.objects.select_for_update().get(pk=book_id)
        if tree.size == tree.signed_size:
            return None
        peaks = bytes(tree.peaks)
        parts = (peaks[at : at + HASH_BYTES] for at in range(0, len(peaks), HASH_BYTES))
        now, key = timezone.now().replace(microsecond=0), signing.public_key()
        said = Checkpoint(str(book_id), tree.size, Tree(tree.size, parts).root(), moment(now))
        row = TrailCheckpoint.objects.create(
            book_id=book_id, size=said.size, root=said.root.hex(), at=now, key=key_text(key),
            text=said.signed(key, signing.sign(said.body.encode())),
        )  # fmt: skip
        TrailTree.objects.filter(pk=book_id).update(signed_size=tree.size, signed_at=now)
        _plan(tree)
    return row


def _plan(tree: TrailTree) -> None:
    """Ask for a check once a day, for mail as often, or weekly for an organization's own book."""
    now = timezone.now()
    day = f"{now:%Y-%m-%d}"
    for task, period in ((CHECK, day), (MAIL, day if tree.of_engagement else f"{now:%G-W%V}")):
        outbox.enqueue(
            task, subject=tree.pk, dedupe=f"{task}:{tree.pk}:{period}",
            engagement_id=tree.pk if tree.of_engagement else None,
            organization_id=None if tree.of_engagement else tree.pk,
        )  # fmt: skip
