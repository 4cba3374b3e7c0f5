"""Letting people in: invite, withdraw, accept (AUT-8, AUT-9)."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from tenants import acting, mail, trail
from tenants.actions import assignments
from tenants.choices import InvitationStatus, MembershipStatus, OrganizationKind, Role
from tenants.errors import Invalid, NotVisible, Refused, RightRefused
from tenants.models import Engagement, Invitation, Membership, Organization, User
from tenants.permissions import P, require
from tenants.refusals import as_guards_say
from tenants.rules import invitations as rules
from tenants.secrets import INVITATION_PREFIX, hash_of, looks_right, new_secret


def invite(
    organization: Organization,
    *,
    email: str,
    role: Role | str,
    by: User,
    name: str = "",
    engagement: Engagement | None = None,
) -> Invitation:
    """Write to an address: a link good for 7 days, once. With `engagement`, also an assignment,
    which takes the right to assign people of that side there.

    Raises PermissionDenied, Invalid for a bad address or role, Refused when the address belongs
    to an active member or was already invited.
    """
    require(by, P.MANAGE_PEOPLE, organization)
    own = Membership.objects.get(organization=organization, person=by).role
    if not rules.may_grant(own, role):
        raise Invalid("You cannot grant a role above your own.", code="role_above", field="role")
    if engagement is not None:
        firm = organization.kind == OrganizationKind.FIRM
        require(by, P.ASSIGN_FIRM_PEOPLE if firm else P.ASSIGN_CLIENT_PEOPLE, engagement)
    return write(organization, email=email, role=role, by=by, name=name, engagement=engagement)


def write(
    organization: Organization,
    *,
    email: str,
    role: Role | str,
    by: User,
    name: str = "",
    engagement: Engagement | None = None,
) -> Invitation:
    """Make and send an invitation after its caller has checked the right to.

    The row in hand carries the secret this once (`invitation.secret`); it is stored nowhere.
    Raises Invalid, Refused.
    """
    if not rules.fits(organization.kind, role):
        raise Invalid(
            f"“{role}” is no role at {organization}.", code="role_of_other_side", field="role"
        )
    email = email.strip().lower()
    secret = new_secret(INVITATION_PREFIX)
    invitation = Invitation(
        organization=organization, email=email, name=name.strip(), role=role,
        engagement_id=engagement.pk if engagement else None, secret_hash=secret.hash,
        invited_by=by, expires_at=timezone.now() + rules.LASTS,
    )  # fmt: skip
    invitation.secret = secret.text
    with transaction.atomic(), acting.inside(organization.pk):
        invitation.clean_fields(exclude=["secret_hash"])
        members = Membership.objects.filter(
            organization=organization, person__email=email, status=MembershipStatus.ACTIVE
        )
        if members.exists():
            raise Refused(f"{email} is already a member.", code="already_member")
        Invitation.objects.filter(
            organization=organization, email=email, status=InvitationStatus.SENT,
            expires_at__lte=timezone.now(),
        ).update(status=InvitationStatus.REVOKED)  # fmt: skip
        if Invitation.objects.filter(
            organization=organization, email=email, status=InvitationStatus.SENT
        ).exists():
            raise Refused(
                f"{email} was already invited; withdraw that first.", code="already_invited"
            )
        invitation.save(force_insert=True)
        trail.record("invited", invitation, by=by, organization_id=organization.pk, after=str(role))
    mail.send_after_commit("invitation", to=email, context={
        "organization": organization.name, "inviter": str(by),
        "role": invitation.get_role_display(),
        "path": f"/invitations/{secret.text}/", "days": rules.LASTS.days,
    })  # fmt: skip
    return invitation


def withdraw(invitation: Invitation, *, by: User) -> None:
    """Take an unused invitation back. Raises PermissionDenied, Refused when it was used."""
    require(by, P.MANAGE_PEOPLE, invitation.organization)
    changed = Invitation.objects.filter(pk=invitation.pk, status=InvitationStatus.SENT).update(
        status=InvitationStatus.REVOKED
    )
    if not changed:
        raise Refused("This invitation was used or withdrawn already.", code="invitation_over")
    trail.record(
        "invitation_withdrawn", invitation, by=by, organization_id=invitation.organization_id
    )


def shown(secret: str) -> Invitation:
    """The invitation whose link was opened. Raises NotVisible, Refused with the reason."""
    if not looks_right(secret, INVITATION_PREFIX):
        raise NotVisible("There is no such invitation.")
    with transaction.atomic(), acting.acting(acting.Actor(presented=hash_of(secret))):
        invitation = Invitation.objects.filter(secret_hash=hash_of(secret)).first()
    if invitation is None:
        raise NotVisible("There is no such invitation.")
    if reason := rules.refusal(invitation.status, invitation.expires_at, timezone.now()):
        raise Refused(reason, code="invitation_over")
    with transaction.atomic(), acting.inside(invitation.organization_id):
        invitation.organization = Organization.objects.get(pk=invitation.organization_id)
    return invitation


def accept(secret: str, *, person: User) -> Membership:
    """Join with a link. The signed-in person's address must be the invited one (AUT-9).

    One of two parallel uses wins. Raises NotVisible, Refused, also for somebody who works for
    the other side of this client (AC-06).
    """
    invitation = shown(secret)
    if person.email.lower() != invitation.email.lower():
        raise RightRefused(
            f"This invitation is for {invitation.email}; you are signed in as {person.email}.",
            code="other_address",
        )
    organization = invitation.organization
    with transaction.atomic(), acting.inside(organization.pk):
        used = Invitation.objects.filter(pk=invitation.pk, status=InvitationStatus.SENT).update(
            status=InvitationStatus.ACCEPTED, accepted_by=person
        )
        if not used:
            raise Refused("This invitation was used already.", code="invitation_over")
        with as_guards_say():
            membership, _ = Membership.objects.update_or_create(
                organization=organization,
                person=person,
                defaults={"role": invitation.role, "status": MembershipStatus.ACTIVE},
            )
        trail.record(
            "joined", organization, by=person, organization_id=organization.pk,
            after=invitation.role,
        )  # fmt: skip
    if invitation.engagement_id:
        _assign_too(invitation, person)
    return membership


def accept_as_new(secret: str, *, name: str, password: str) -> User:
    """Make the account an invitation is for, and join with it; the link proves the address (AUT-9).

    An address that has an account joins by signing in to it. Raises NotVisible, Refused,
    Invalid for no name, ValidationError for a weak password (AUT-2).
    """
    invitation = shown(secret)
    name = " ".join(name.split())
    if not name:
        raise Invalid("Write your name.", code="name_required", field="name")
    newcomer = User(email=invitation.email, name=name)
    newcomer.context_words = (invitation.organization.name,)
    validate_password(password, newcomer)
    return _accept_as_new(secret, invitation, name, password)


def accept_signed_on(secret: str, *, name: str) -> User:
    """The same for somebody whom the organization's provider has just signed in: no password.

    Raises NotVisible, Refused.
    """
    invitation = shown(secret)
    name = " ".join(name.split())[:120] or invitation.email.partition("@")[0]
    return _accept_as_new(secret, invitation, name, None)


def _accept_as_new(secret: str, invitation: Invitation, name: str, password: str | None) -> User:
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise Refused(
            f"{invitation.email} has an account already. Sign in with it first.",
            code="account_exists",
        )
    with transaction.atomic():
        person = User.objects.create_user(invitation.email, password, name=name)
        accept(secret, person=person)
    return person


def _assign_too(invitation: Invitation, person: User) -> None:
    """Give the place on the engagement that the invitation promised."""
    assert invitation.engagement_id is not None
    with transaction.atomic(), acting.on_behalf_of_the_engagement(invitation.engagement_id):
        engagement = Engagement.objects.select_related("firm", "client").get(
            pk=invitation.engagement_id
        )
        assignments.place(
            engagement, invitation.organization, person, invitation.role, by=invitation.invited_by
        )
