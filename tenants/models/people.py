"""Organizations, people, and how a person belongs to an organization."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from tenants.choices import (
    InvitationStatus,
    MembershipStatus,
    OrganizationKind,
    Role,
    SecondFactor,
)
from tenants.guards import MEMBERSHIP_GUARD, RELATIONSHIP_GUARD
from tenants.permissions import P
from tenants.visibility import new_key
from tenants.walls import KEEP, RowWall, any_of, is_the, shown


def check_time_zone(value: str) -> None:
    """Refuse a name that is no IANA time zone."""
    if value not in available_timezones():
        raise ValidationError(f"“{value}” is no time zone; write one such as America/New_York.")


class Organization(models.Model):
    """A tenant: an audit firm or a service organization.

    Days and business days of its people are those of `time_zone`; public holidays those of
    `holiday_country` (ISO 3166 code; empty: weekends only). With `requires_single_sign_on` its
    people act here only after their identity provider has signed them in; sessions it began end
    when `sign_on_epoch` rises.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    kind = models.CharField(max_length=6, choices=OrganizationKind)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(
        max_length=64, default="America/New_York", validators=[check_time_zone]
    )
    holiday_country = models.CharField(max_length=2, blank=True)
    second_factor = models.CharField(
        max_length=14,
        choices=SecondFactor,
        default=SecondFactor.EVERYBODY,
        db_default=SecondFactor.EVERYBODY,
    )
    requires_single_sign_on = models.BooleanField(default=False)
    sign_on_epoch = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("name",)
        constraints = (
            RowWall(
                sees=is_the("id", "organization"),
                also_reads=any_of("id", "organizations"),
                rights=KEEP,
            ),
            models.CheckConstraint(
                name="organization_kind_known", condition=Q(kind__in=OrganizationKind.values)
            ),
            models.CheckConstraint(
                name="organization_second_factor_known",
                condition=Q(second_factor__in=SecondFactor.values),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this organization's days begin and end."""
        return ZoneInfo(self.time_zone)

    @property
    def anchor(self) -> Organization:
        """Permissions on an organization are asked of itself."""
        return self


class UserManager(BaseUserManager["User"]):
    """Makes people; e-mail addresses are kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person who signs in by e-mail; without a password they cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from memberships and assignments, never from here."""

    context_words: tuple[str, ...] = ()
    """Further words that a password may not lean on; no column."""
    is_superuser = None
    groups = None  # type: ignore[assignment]  # removes the inherited field
    user_permissions = None  # type: ignore[assignment]
    is_staff = False

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "email")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_once_without_regard_to_case"),
        )

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """Up to two letters for an avatar."""
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Relationship(models.Model):
    """A firm and a client who know each other; engagements are opened within it."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    firm = models.ForeignKey(Organization, models.PROTECT, related_name="clients")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="firms")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            RowWall(
                sees=is_the("firm_id", "organization"),
                also_reads=is_the("client_id", "organization"),
                rights="SELECT, INSERT",
            ),
            RELATIONSHIP_GUARD,
            models.UniqueConstraint(fields=["firm", "client"], name="relationship_once"),
            models.CheckConstraint(name="relationship_joins_two", condition=~Q(firm=F("client"))),
        )

    def __str__(self) -> str:
        return f"{self.firm_id} examines {self.client_id}"


class Membership(models.Model):
    """A person in an organization, with the role they have there. Nobody writes their own."""

    view_permission = P.VIEW_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    title = models.CharField(max_length=120, blank=True)
    status = models.CharField(
        max_length=8, choices=MembershipStatus, default=MembershipStatus.ACTIVE
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("person__name",)
        constraints = (
            RowWall(
                sees=f"{is_the('organization_id', 'organization')} AND NOT "
                f"({is_the('person_id', 'person')})",
                also_reads=f"{is_the('organization_id', 'organization')} OR "
                f"{is_the('person_id', 'person')}",
                rights=KEEP,
            ),
            MEMBERSHIP_GUARD,
            models.UniqueConstraint(fields=["organization", "person"], name="membership_once"),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
        )

    def __str__(self) -> str:
        return f"{self.person} as {self.get_role_display()}"

    @property
    def anchor(self) -> Organization:
        """Permissions on a membership are asked of its organization."""
        return self.organization


class Invitation(models.Model):
    """A letter that lets one address into one organization, in one role (AUT-8, AUT-9).

    Only the hash of its secret is kept. `engagement_id` and `engagement_role`, if set, become an
    assignment when the invitation is accepted.
    """

    secret: str = ""
    """The link's secret, on the row in hand when it is made; no column."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=20, choices=Role)
    engagement_id = models.UUIDField(null=True, blank=True)
    secret_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=InvitationStatus, default=InvitationStatus.SENT)
    version = models.PositiveIntegerField(default=1, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            RowWall.organization(also_reads=shown("secret_hash"), rights=KEEP),
            models.UniqueConstraint(fields=["secret_hash"], name="invitation_secret_once"),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(status=InvitationStatus.SENT),
                name="invitation_open_once_per_address",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def anchor(self) -> Organization:
        """Permissions on an invitation are asked of its organization."""
        return self.organization


class ApiToken(models.Model):
    """A program's key: hashed, prefixed, scoped, expiring (API-1, API-2).

    It acts as `person` in `organization`, never with more than that person's present rights
    (ACC-14). `scopes` lists permissions; an empty list holds all of the person's.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="tokens")
    person = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            RowWall(
                sees=f"{is_the('organization_id', 'organization')} AND "
                f"{is_the('person_id', 'person')}",
                also_reads=f"{shown('secret_hash')} OR {is_the('organization_id', 'organization')}",
                rights=KEEP,
            ),
            models.UniqueConstraint(fields=["secret_hash"], name="token_secret_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
