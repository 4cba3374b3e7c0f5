"""What an organization's directory says of its people and groups by SCIM (AUT-12)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from tenants.choices import Role
from tenants.models.people import Invitation, Organization, User
from tenants.permissions import P
from tenants.visibility import new_key
from tenants.walls import KEEP, RowWall, SameEngagement, shown


class ProvisioningToken(models.Model):
    """The key of an organization's directory: hashed, prefixed, expiring, for `/scim/v2/` alone.

    It acts as `person`, the administrator who made it, and stops when they stop being one.
    """

    view_permission = P.MANAGE_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    hint = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            RowWall.organization(also_reads=shown("secret_hash"), rights=KEEP),
            models.UniqueConstraint(fields=["secret_hash"], name="provisioning_secret_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class DirectoryUser(models.Model):
    """A person as the directory has them. Their membership follows; their account is their own.

    `person` is known once they are a member; before that, `invitation` is on its way.
    """

    view_permission = P.MANAGE_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="directory_users")
    user_name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True)
    display_name = models.CharField(max_length=255, blank=True)
    given_name = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField()
    is_active = models.BooleanField(default=True)
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            RowWall.organization(),
            SameEngagement(link="invitation_id", to="tenants_invitation", by="organization_id"),
            models.UniqueConstraint(
                "organization", Lower("user_name"), name="directory_user_name_once"
            ),
            models.UniqueConstraint(
                fields=["organization", "person"],
                condition=Q(person__isnull=False),
                name="directory_user_person_once",
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.user_name

    @property
    def name(self) -> str:
        """What to call them in a letter."""
        return self.display_name or " ".join(filter(None, (self.given_name, self.family_name)))


class DirectoryGroup(models.Model):
    """A group of the directory. `role`, which an administrator sets here, is what it gives."""

    view_permission = P.MANAGE_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="directory_groups")
    display_name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True)
    role = models.CharField(max_length=20, choices=Role, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    changed_at = models.DateTimeField(auto_now=True)
    users = models.ManyToManyField(DirectoryUser, through="DirectoryMember", related_name="groups")

    class Meta:
        ordering = ("display_name", "id")
        constraints = (
            RowWall.organization(),
            models.UniqueConstraint(
                "organization", Lower("display_name"), name="directory_group_name_once"
            ),
            models.CheckConstraint(
                name="directory_group_role_known", condition=Q(role__in=["", *Role.values])
            ),
        )

    def __str__(self) -> str:
        return self.display_name

    @property
    def anchor(self) -> Organization:
        """Permissions on a group are asked of its organization."""
        return self.organization


class DirectoryMember(models.Model):
    """A person in a group of the directory."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    group = models.ForeignKey(
        DirectoryGroup, models.CASCADE, related_name="memberships", db_constraint=False
    )
    user = models.ForeignKey(
        DirectoryUser, models.CASCADE, related_name="memberships", db_constraint=False
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            RowWall.organization(),
            SameEngagement(
                link="group_id", to="tenants_directorygroup", by="organization_id",
                on_delete="CASCADE",
            ),
            SameEngagement(
                link="user_id", to="tenants_directoryuser", by="organization_id",
                on_delete="CASCADE",
            ),
            models.UniqueConstraint(
                fields=["organization", "group", "user"], name="directory_member_once"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
