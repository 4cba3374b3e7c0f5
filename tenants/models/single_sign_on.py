"""An organization's identity provider, and whom it has vouched for (AUT-11)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.choices import SignOnProtocol
from tenants.models.people import Organization, User
from tenants.permissions import P
from tenants.visibility import new_key
from tenants.walls import APPEND, RowWall, SameEngagement, is_the, shown


class IdentityProvider(models.Model):
    """Where an organization's people sign in: one for each organization, and for it alone.

    `sign_in_name` is made by the server and never changes: it stands in the addresses the provider
    is told, and whoever shows it may read this row to begin a sign-in. `tested_at` is when somebody
    last signed in through it as it is set now; empty since a change. `breaks_out` may use their
    own sign-in, with a second factor, while single sign-on is required.
    """

    view_permission = P.MANAGE_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.OneToOneField(
        Organization, models.PROTECT, related_name="identity_provider"
    )
    protocol = models.CharField(max_length=4, choices=SignOnProtocol)
    sign_in_name = models.SlugField(max_length=60, db_index=False)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255, blank=True)
    sealed_secret = models.TextField(blank=True)
    sso_url = models.CharField(max_length=500, blank=True)
    certificates = models.TextField(blank=True)
    is_on = models.BooleanField(default=False)
    breaks_out = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    tested_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("created_at",)
        constraints = (
            RowWall.organization(also_reads=shown("sign_in_name")),
            models.UniqueConstraint(fields=["sign_in_name"], name="sign_in_name_once"),
            models.CheckConstraint(
                name="identity_provider_has_what_its_protocol_needs",
                condition=(
                    Q(protocol=SignOnProtocol.OIDC, sso_url="", certificates="")
                    & ~Q(client_id="")
                    & ~Q(sealed_secret="")
                )
                | (
                    Q(protocol=SignOnProtocol.SAML, client_id="", sealed_secret="")
                    & ~Q(sso_url="")
                    & ~Q(certificates="")
                ),
            ),
            models.CheckConstraint(
                name="identity_provider_is_on_when_tested",
                condition=Q(is_on=False) | Q(tested_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_protocol_display()}: {self.issuer}"

    @property
    def anchor(self) -> Organization:
        """Permissions on an identity provider are asked of its organization."""
        return self.organization


class Identity(models.Model):
    """A person as a provider knows them: issuer and subject, never an address (AUT-11)."""

    view_permission = P.VIEW_ORGANIZATION

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="identities")
    provider = models.ForeignKey(
        IdentityProvider, models.CASCADE, related_name="identities", db_constraint=False
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("created_at",)
        verbose_name_plural = "identities"
        constraints = (
            RowWall.organization(also_reads=is_the("person_id", "person")),
            SameEngagement(
                link="provider_id", to="tenants_identityprovider", by="organization_id",
                on_delete="CASCADE",
            ),
            models.UniqueConstraint(
                fields=["organization", "issuer", "subject"], name="identity_subject_once"
            ),
            models.UniqueConstraint(fields=["organization", "person"], name="identity_person_once"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} at {self.issuer}"


class SpentAssertion(models.Model):
    """An assertion or code that was used: its second use collides here (AUT-10)."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        constraints = (
            RowWall.organization(rights=f"{APPEND}, DELETE"),
            models.UniqueConstraint(fields=["organization", "digest"], name="assertion_spent_once"),
        )

    def __str__(self) -> str:
        return self.digest
