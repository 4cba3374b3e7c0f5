"""A firm asks a client that is on the platform already to work with it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now

from tenants.choices import InvitationStatus
from tenants.models.people import Organization, User
from tenants.visibility import new_key
from tenants.walls import KEEP, RowWall, shown


class Introduction(models.Model):
    """A firm's letter to the administrator of a client it does not know yet, by their address.

    The firm learns nothing until they agree: a letter that was refused keeps its status and only
    loses its secret, so it looks like one that nobody answered.
    """

    secret: str = ""
    """The link's secret, on the row in hand when it is made; no column."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="introductions")
    email = models.EmailField()
    secret_hash = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=InvitationStatus, default=InvitationStatus.SENT)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    client = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-created_at",)
        default_permissions = ()
        constraints = (
            RowWall.organization(also_reads=shown("secret_hash"), rights=KEEP),
            models.UniqueConstraint(fields=["secret_hash"], name="introduction_secret_once"),
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(status=InvitationStatus.SENT),
                name="introduction_open_once_per_address",
            ),
            models.CheckConstraint(
                name="introduction_names_a_client_once_it_agreed",
                condition=Q(status=InvitationStatus.ACCEPTED, client__isnull=False)
                | (~Q(status=InvitationStatus.ACCEPTED) & Q(client=None)),
            ),
        )

    def __str__(self) -> str:
        return self.email

    @property
    def anchor(self) -> Organization:
        """Permissions on a letter are asked of the firm that wrote it."""
        return self.organization
