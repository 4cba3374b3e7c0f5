"""One's own tokens: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from tenants.actions import tokens
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.models import ApiToken
from tenants.permissions import P
from tenants.queries import directory


class TokenSerializer(Shown):
    """A token by name and first letters; its secret is kept nowhere."""

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiToken
        fields = (
            "id", "name", "hint", "scopes", "expires_at", "last_used_at", "revoked_at",
            "created_at",
        )  # fmt: skip


class NewTokenSerializer(TokenSerializer):
    """A token with its secret, this once; null on a retry."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "secret")  # type: ignore[assignment]


class TokenBody(Body):
    """A token of one's own in the present organization."""

    name = serializers.CharField(max_length=80, help_text="The program that will use it.")
    days = serializers.IntegerField(
        min_value=1, max_value=tokens.MOST_DAYS, default=tokens.USUAL_DAYS
    )
    scopes = serializers.ListField(
        child=serializers.ChoiceField([(str(each), str(each)) for each in P]), default=list,
        max_length=len(P), help_text="Permissions to limit it to; empty: all of one's own.",
    )  # fmt: skip


class TokenViewSet(VisibleViewSet):
    """The caller's own tokens in the present organization."""

    queryset = ApiToken.objects.order_by("-created_at")
    serializer_class = TokenSerializer
    orderings = {"created_at": "created_at", "expires_at": "expires_at", "name": "name"}
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The caller's tokens."""
        return directory.own_tokens(self.request.user, self.request.organization)

    @takes(TokenBody, answers=NewTokenSerializer, status=201, secrets=("secret",))
    def create(self, request: Request) -> Response:
        """Make a token; the answer shows its secret this once."""
        token, secret = tokens.create(request.organization, by=request.user, **self.body())
        token.secret = secret
        return self.answer(token)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Revoke a token at once."""
        tokens.revoke(self.get_object(), by=request.user)
        return self.gone()
