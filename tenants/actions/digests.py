"""The one mail of a day: claimed and recorded before it is sent, never sent twice (TSK-10)."""

from __future__ import annotations

from itertools import groupby
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused, SMTPResponseException
from ssl import SSLError

import structlog
from django.db import transaction
from django.utils import timezone

from tenants import acting, mail, notices, outbox
from tenants.acting import NIL
from tenants.actions import digest_outcomes
from tenants.choices import DigestStatus, MembershipStatus
from tenants.models import Digest, Membership, Notice, Organization, User
from tenants.queries.trail_books import to_mail

log = structlog.get_logger(__name__)


def give_up(lease: outbox.Lease) -> None:
    """The mail could not even be made, at every attempt: administrators are told."""
    person = User.objects.get(pk=acting.current().person_id or NIL)
    organization = Organization.objects.get(pk=acting.organization_id())
    digest_outcomes.tell(person, organization, digest_outcomes.GIVEN_UP)


@outbox.task(notices.DIGEST, long=True, parked=give_up)
def mail_digest(lease: outbox.Lease) -> None:
    """Gather what is new for one person, record the mail, then send it.

    A worker killed between recording and sending loses this one mail, and the next one finds that
    its outcome is unknown; it is never sent again. What becomes of a mail is told to the
    administrators where it is not what it should be (`digest_outcomes`).
    """
    with transaction.atomic():
        claimed = claim()
        lease.finish()
    if claimed is None:
        return
    status = _send(*claimed)
    with transaction.atomic():
        Digest.objects.filter(pk=claimed[0].pk).update(status=status, finished_at=timezone.now())
        digest_outcomes.tell_of(claimed[0], status)


def claim() -> tuple[Digest, list[notices.Line], list[tuple[str, str]]] | None:
    """Record today's digest of the person acting; None if there is none to send.

    With the lines come (title, text) of new checkpoints of the trails the person answers for.
    """
    person = User.objects.get(pk=acting.current().person_id or NIL)
    organization = Organization.objects.get(pk=acting.organization_id())
    places = Membership.objects.filter(person=person, organization=organization)
    if not person.is_active or not places.filter(status=MembershipStatus.ACTIVE).exists():
        return None
    today = timezone.localdate(timezone=organization.zone)
    digest_outcomes.tell_of_the_lost(person, organization, before=today)
    own = Notice.objects.filter(person=person, organization=organization)
    if Digest.objects.filter(person=person, organization=organization, day=today).exists():
        return None
    new = list(own.filter(digest=None, read_at=None).order_by("kind", "created_at"))
    lines = notices.lines_for(new, person)
    checkpoints = to_mail(person, organization)
    if not lines and not checkpoints:
        return None
    digest = Digest.objects.create(
        person=person, organization=organization, day=today, notice_count=len(lines)
    )
    own.filter(pk__in=[notice.pk for notice in new]).update(digest=digest)
    digest.person, digest.organization = person, organization
    return digest, lines, checkpoints


def _send(
    digest: Digest, lines: list[notices.Line], checkpoints: list[tuple[str, str]]
) -> DigestStatus:
    groups = [
        {"title": title, "lines": list(some)}
        for title, some in groupby(
            sorted(lines, key=lambda line: line.title), key=lambda line: line.title
        )
    ]
    letter = mail.letter(
        "digest",
        to=digest.person.email,
        context={
            "name": digest.person.name,
            "groups": groups,
            "count": len(lines),
            "checkpoints": checkpoints,
        },
    )
    try:
        letter.send()
    except (SMTPResponseException, SMTPRecipientsRefused) as error:
        log.error("digest_refused", digest=str(digest.pk), error=type(error).__name__)
        return DigestStatus.REFUSED
    except (SMTPNotSupportedError, SSLError) as error:  # nothing is sent in the clear (OPS-3)
        log.error("digest_refused", digest=str(digest.pk), error=type(error).__name__)
        return DigestStatus.REFUSED
    except OSError as error:
        log.error("digest_outcome_unknown", digest=str(digest.pk), error=type(error).__name__)
        return DigestStatus.UNKNOWN
    return DigestStatus.SENT
