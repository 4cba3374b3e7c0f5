"""A firm and a client that is here already come together: asked by the firm, agreed by the client.

What is refused, withdrawn, used, expired, meant for another address or invented is one answer, to
both sides: there is no such letter (TEN-4, AUT-3).
"""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import acting, mail, trail
from tenants.choices import InvitationStatus
from tenants.errors import NotVisible, Refused
from tenants.models import Introduction, Organization, Relationship, User
from tenants.permissions import P, require
from tenants.refusals import as_guards_say
from tenants.rules import invitations as rules
from tenants.secrets import INTRODUCTION_PREFIX, hash_of, looks_right, new_secret

ABSENT = "There is no such letter, or it is not for you."


def ask(firm: Organization, *, email: str, by: User) -> Introduction:
    """Write to the administrator of a client; whether the address is known is not looked at.

    The row in hand carries the secret this once. Raises PermissionDenied, ValidationError for a
    bad address, Refused when a letter to the address is open.
    """
    require(by, P.OPEN_ENGAGEMENT, firm)
    secret = new_secret(INTRODUCTION_PREFIX)
    letter = Introduction(
        organization=firm, email=email.strip().lower(), secret_hash=secret.hash, invited_by=by,
        expires_at=timezone.now() + rules.LASTS,
    )  # fmt: skip
    letter.secret = secret.text
    letter.clean_fields(exclude=["secret_hash"])
    try:
        with transaction.atomic():
            letter.save(force_insert=True)
    except IntegrityError as open_already:
        raise Refused(
            f"A letter to {letter.email} is open; withdraw it first.", code="already_asked",
            field="email",
        ) from open_already  # fmt: skip
    trail.record("client_asked", letter, by=by, organization_id=firm.pk)
    mail.send_after_commit("introduction", to=letter.email, context={
        "firm": firm.name, "inviter": str(by), "path": f"/introductions/{secret.text}/",
        "days": rules.LASTS.days,
    })  # fmt: skip
    return letter


def withdraw(letter: Introduction, *, by: User) -> None:
    """Take an unanswered letter back. Raises PermissionDenied, Refused when it was answered."""
    require(by, P.OPEN_ENGAGEMENT, letter.organization)
    changed = Introduction.objects.filter(pk=letter.pk, status=InvitationStatus.SENT).update(
        status=InvitationStatus.REVOKED
    )
    if not changed:
        raise Refused("This letter was agreed to or withdrawn already.", code="introduction_over")
    trail.record("client_ask_withdrawn", letter, by=by, organization_id=letter.organization_id)


def shown(secret: str, *, person: User) -> Introduction:
    """The open letter whose link `person` presents, if it is theirs. Raises NotVisible."""
    hashed = hash_of(secret)
    letter = None
    if looks_right(secret, INTRODUCTION_PREFIX):
        with transaction.atomic(), acting.acting(acting.Actor(presented=hashed)):
            letter = Introduction.objects.filter(secret_hash=hashed).first()
    if letter is None or letter.email.lower() != person.email.lower():
        raise NotVisible(ABSENT)
    if rules.refusal(letter.status, letter.expires_at, timezone.now()):
        raise NotVisible(ABSENT)
    with transaction.atomic(), acting.inside(letter.organization_id):
        letter.organization = Organization.objects.get(pk=letter.organization_id)
    return letter


def agree(secret: str, client: Organization, *, by: User) -> Organization:
    """Take the firm on, for the client one acts in: from now on it may open engagements.

    Returns the firm. Raises PermissionDenied, NotVisible, Refused when somebody works for both
    (AC-06).
    """
    require(by, P.TAKE_ON_FIRM, client)
    letter = shown(secret, person=by)
    firm = letter.organization
    with transaction.atomic():
        with acting.inside(firm.pk):
            used = Introduction.objects.filter(pk=letter.pk, status=InvitationStatus.SENT).update(
                status=InvitationStatus.ACCEPTED, client=client
            )
            if not used:
                raise NotVisible(ABSENT)
            if not Relationship.objects.filter(firm=firm, client=client).exists():
                with as_guards_say():
                    Relationship.objects.create(firm=firm, client=client)
            letter.invited_by = User.objects.get(pk=letter.invited_by_id)
            trail.record("client_agreed", letter, by=by, organization_id=firm.pk)
        acting.announce_again()
        trail.record("firm_taken_on", firm, by=by, organization_id=client.pk)
    mail.send_after_commit("introduction_agreed", to=letter.invited_by.email, context={
        "name": str(letter.invited_by), "client": client.name, "path": "/engagements/new/",
    })  # fmt: skip
    return firm


def refuse(secret: str, client: Organization, *, by: User) -> None:
    """Throw the letter away; the firm is told nothing, and the link opens nothing any more.

    Raises PermissionDenied, NotVisible.
    """
    require(by, P.TAKE_ON_FIRM, client)
    letter = shown(secret, person=by)
    with transaction.atomic():
        with acting.inside(letter.organization_id):
            Introduction.objects.filter(pk=letter.pk).update(
                secret_hash=new_secret(INTRODUCTION_PREFIX).hash
            )
        trail.record("firm_refused", letter.organization, by=by, organization_id=client.pk)
