"""What became of people's daily mail, for whoever manages them: told in the organization's trail.

A mail that arrives is not told; one that does not is, and so is the first that does again. Nobody
but its person sees a digest itself.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from tenants import trail
from tenants.acting import SYSTEM
from tenants.choices import DigestStatus
from tenants.models import Digest, Organization, User
from tenants.queries.people import mail_troubles
from tenants.rules.digests import AGAIN, GIVEN_UP, REFUSED, UNKNOWN

__all__ = ["GIVEN_UP", "tell", "tell_of", "tell_of_the_lost"]

VERBS = {DigestStatus.REFUSED: REFUSED, DigestStatus.UNKNOWN: UNKNOWN, DigestStatus.SENT: AGAIN}


def tell_of(digest: Digest, status: DigestStatus) -> None:
    """Tell of a mail that has an outcome."""
    tell(digest.person, digest.organization, VERBS[status])


def tell_of_the_lost(person: User, organization: Organization, *, before: date) -> None:
    """Mails of earlier days that a worker began and never finished: their outcome is unknown."""
    lost = Digest.objects.filter(
        person=person, organization=organization, status=DigestStatus.SENDING, day__lt=before
    )
    if lost.update(status=DigestStatus.UNKNOWN, finished_at=timezone.now()):
        tell(person, organization, UNKNOWN)


def tell(person: User, organization: Organization, verb: str) -> None:
    """Write what became of the mail; that it arrives only where the one before did not."""
    if verb == AGAIN and person.pk not in mail_troubles(organization, person):
        return
    trail.record(verb, person, by=SYSTEM, organization_id=organization.pk)
