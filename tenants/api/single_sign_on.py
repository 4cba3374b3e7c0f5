"""The organization's identity provider, the keys of its directory, and what its groups give."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import provisioning_groups, provisioning_tokens
from tenants.actions import single_sign_on as actions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.api.shapes import PersonName
from tenants.choices import Role, SignOnProtocol
from tenants.errors import Refused
from tenants.models import DirectoryGroup, IdentityProvider, ProvisioningToken
from tenants.queries import connections
from tenants.queries import single_sign_on as queries


class ProviderSerializer(Shown):
    """Where the organization's people sign in. Its secret is shown to nobody."""

    is_required = serializers.BooleanField(
        source="organization.requires_single_sign_on", read_only=True
    )
    breaks_out = PersonName(
        read_only=True, allow_null=True, help_text="Who gets in without it while it is required."
    )
    sign_in_address = serializers.SerializerMethodField(help_text="Where people begin.")
    redirect_uri = serializers.SerializerMethodField(help_text="For OpenID Connect.")
    acs_url = serializers.SerializerMethodField(help_text="For SAML.")
    entity_id = serializers.SerializerMethodField(help_text="For SAML; metadata lies there.")

    class Meta:
        model = IdentityProvider
        fields = (
            "id", "version", "protocol", "issuer", "client_id", "sso_url", "is_on", "is_required",
            "breaks_out", "tested_at", "sign_in_address", "redirect_uri", "acs_url", "entity_id",
            "created_at",
        )  # fmt: skip

    def get_sign_in_address(self, row: IdentityProvider) -> str:
        """Where people begin."""
        return connections.address_of(row)

    def get_redirect_uri(self, row: IdentityProvider) -> str:
        """What an OpenID Connect provider is told; empty for SAML."""
        return connections.address_of(row, "callback") if row.protocol == "oidc" else ""

    def get_acs_url(self, row: IdentityProvider) -> str:
        """What a SAML provider is told; empty for OpenID Connect."""
        return connections.address_of(row, "acs") if row.protocol == "saml" else ""

    def get_entity_id(self, row: IdentityProvider) -> str:
        """What a SAML provider calls us; empty for OpenID Connect."""
        return connections.address_of(row, "metadata") if row.protocol == "saml" else ""


class ProviderBody(Body):
    """A provider: OpenID Connect by issuer, client id and secret; SAML by metadata or its parts."""

    protocol = serializers.ChoiceField(SignOnProtocol.choices)
    issuer = serializers.CharField(max_length=500, required=False, allow_blank=True)
    client_id = serializers.CharField(max_length=255, required=False, allow_blank=True)
    secret = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, help_text="Left out: stays as it is."
    )
    metadata = serializers.CharField(
        max_length=250_000, required=False, allow_blank=True, help_text="The XML itself."
    )
    sso_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    certificate = serializers.CharField(max_length=20_000, required=False, allow_blank=True)


class ProviderViewSet(VisibleViewSet):
    """The organization's identity provider: one or none, for whoever manages the organization."""

    queryset = IdentityProvider.objects.order_by("created_at")
    serializer_class = ProviderSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """The provider."""
        return queries.providers(self.request.user, self.request.organization)

    @takes(ProviderBody)
    def create(self, request: Request) -> Response:
        """Connect a provider; it is off until somebody has tested it in the portal."""
        if self.get_queryset().exists():
            raise Refused("A provider is connected; change that one.", code="exists_already")
        return self.created(self._connect({}, self.body()))

    @takes(ProviderBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change the provider; another issuer or client switches it off until it is tested."""
        row = self.get_object()
        names = ("protocol", "issuer", "client_id", "sso_url")
        known = {name: getattr(row, name) for name in names} | {"certificate": row.certificates}
        return self.reply(self._connect(known, self.body(), version=self.version()))

    def destroy(self, request: Request, pk: Any) -> Response:
        """Disconnect it, with everybody's links."""
        actions.disconnect(self.get_object(), by=request.user, version=self.version())
        return self.gone()

    @takes()
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: Any) -> Response:
        """Ask the provider what it says of itself, without anybody signing in."""
        row = self.get_object()
        actions.check(row, by=request.user)
        return self.reply(row)

    @takes()
    @action(detail=True, methods=["post"])
    def switch_on(self, request: Request, pk: Any) -> Response:
        """Let people sign in through it; somebody has tested it before."""
        return self.reply(actions.switch_on(self.get_object(), by=request.user))

    @takes()
    @action(detail=True, methods=["post"])
    def switch_off(self, request: Request, pk: Any) -> Response:
        """Let nobody sign in through it; sessions it began end."""
        return self.reply(actions.switch_off(self.get_object(), by=request.user))

    @takes()
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: Any) -> Response:
        """Stop requiring it. Requiring it takes a second factor, which a program has not."""
        return self.reply(actions.release(self.get_object(), by=request.user))

    def _connect(self, known: dict[str, Any], given: dict[str, Any], **more: Any) -> Any:
        values = {**known, **given}
        common = {"by": self.request.user, "issuer": values.get("issuer", ""), **more}
        organization = self.request.organization
        if values["protocol"] == SignOnProtocol.OIDC:
            return actions.connect_openid(
                organization, client_id=values.get("client_id", ""),
                secret=values.get("secret", ""), **common,
            )  # fmt: skip
        return actions.connect_saml(
            organization, metadata=values.get("metadata", "").encode(),
            sso_url=values.get("sso_url", ""), certificate=values.get("certificate", ""), **common,
        )  # fmt: skip


class KeySerializer(Shown):
    """A directory's key by name and first letters; its secret is kept nowhere."""

    person = PersonName(read_only=True, help_text="The administrator it acts as.")

    class Meta:
        model = ProvisioningToken
        fields = (
            "id", "name", "hint", "person", "expires_at", "last_used_at", "revoked_at",
            "created_at",
        )  # fmt: skip


class NewKeySerializer(KeySerializer):
    """A key with its secret, this once; null on a retry."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(KeySerializer.Meta):
        fields = (*KeySerializer.Meta.fields, "secret")  # type: ignore[assignment]


class KeyBody(Body):
    """A key for the organization's directory."""

    name = serializers.CharField(max_length=80, help_text="The directory that will use it.")
    days = serializers.IntegerField(
        min_value=1,
        max_value=provisioning_tokens.MOST_DAYS,
        default=provisioning_tokens.USUAL_DAYS,
    )


class KeyViewSet(VisibleViewSet):
    """Keys of the organization's directory, for SCIM alone."""

    queryset = ProvisioningToken.objects.order_by("-created_at")
    serializer_class = KeySerializer
    orderings = {"created_at": "created_at", "expires_at": "expires_at", "name": "name"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The keys."""
        return queries.provisioning_tokens(self.request.user, self.request.organization)

    @takes(KeyBody, answers=NewKeySerializer, status=201, secrets=("secret",))
    def create(self, request: Request) -> Response:
        """Make a key that acts as oneself; the answer shows its secret this once."""
        token, secret = provisioning_tokens.create(
            request.organization, by=request.user, **self.body()
        )
        token.secret = secret
        return self.answer(token)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Revoke a key at once."""
        provisioning_tokens.revoke(self.get_object(), by=request.user)
        return self.gone()


class GroupSerializer(Shown):
    """A group of the directory. `role` is what it gives its people here; empty: nothing."""

    user_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = DirectoryGroup
        fields = ("id", "version", "display_name", "role", "user_count", "created_at")


class GroupBody(Body):
    """What the group gives."""

    role = serializers.ChoiceField(Role.choices, allow_blank=True)


class GroupViewSet(VisibleViewSet):
    """Groups that the organization's directory sent."""

    queryset = DirectoryGroup.objects.order_by("display_name")
    serializer_class = GroupSerializer
    orderings = {"display_name": "display_name", "created_at": "created_at"}
    search_fields = ("display_name",)

    def get_queryset(self) -> QuerySet[Any]:
        """The groups, with how many people are in each."""
        return queries.groups(self.request.user, self.request.organization)

    @takes(GroupBody)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say which role the group gives; its people follow at once."""
        row = provisioning_groups.set_role(
            self.get_object(), by=request.user, version=self.version(), **self.body()
        )
        return self.reply(row)
