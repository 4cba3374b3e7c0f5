"""Acting as a person from the command line, who is named by their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tenants import acting
from tenants.choices import MembershipStatus
from tenants.errors import Invalid
from tenants.models import Membership, Organization, User


@contextmanager
def acting_as(email: str, organization: str = "") -> Iterator[tuple[User, Organization]]:
    """Let the person of that address act in their organization (by name, if in several).

    Opens no transaction. Raises Invalid for an unknown address or an organization to choose.
    """
    with acting.acting(acting.NOBODY), transaction.atomic():
        person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise Invalid(f"Nobody signs in as {email}.", code="person_unknown", field="email")
    with acting.acting(acting.Actor(person_id=person.pk)), transaction.atomic():
        held = list(
            Membership.objects.filter(person=person, status=MembershipStatus.ACTIVE).select_related(
                "organization"
            )
        )
    fitting = [each for each in held if organization in ("", each.organization.name)]
    if len(fitting) != 1:
        names = ", ".join(each.organization.name for each in held) or "none"
        raise Invalid(
            f"Name one organization of {email} with --organization; theirs: {names}.",
            code="organization_unclear", field="organization",
        )  # fmt: skip
    place = fitting[0].organization
    with acting.acting(acting.Actor(person_id=person.pk, organization_id=place.pk)):
        yield person, place
