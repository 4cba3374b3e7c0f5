"""Asking a client that is on the platform already to work with one's firm, and its answer."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from tenants.actions import introductions as actions
from tenants.api.base import VisibleViewSet, takes
from tenants.api.bodies import Body, Shown
from tenants.api.requests import Request
from tenants.api.shapes import OrganizationName, PersonName
from tenants.models import Introduction
from tenants.queries import introductions as queries


class IntroductionSerializer(Shown):
    """A firm's letter. `sent` says that nobody agreed, whatever became of it."""

    invited_by = PersonName(read_only=True)
    client = OrganizationName(read_only=True, allow_null=True)

    class Meta:
        model = Introduction
        fields = ("id", "email", "status", "client", "invited_by", "expires_at", "created_at")


class IntroductionAskBody(Body):
    """The address of the client's administrator."""

    email = serializers.EmailField()


class IntroductionAnswerBody(Body):
    """The secret of the letter's link, and the answer of the client the token acts in."""

    secret = serializers.CharField(max_length=120)
    answer = serializers.ChoiceField([("agree", "Agree"), ("refuse", "Refuse")])


class IntroductionViewSet(VisibleViewSet):
    """Letters of the caller's firm to clients that are here already."""

    queryset = Introduction.objects.order_by("-created_at")
    serializer_class = IntroductionSerializer
    orderings = {"created_at": "created_at", "email": "email"}
    search_fields = ("email",)
    versioned = False

    def get_queryset(self) -> QuerySet[Any]:
        """The firm's letters."""
        return queries.letters(self.request.user, self.request.organization)

    @takes(IntroductionAskBody)
    def create(self, request: Request) -> Response:
        """Write to a client's administrator; nothing is told of whom the address belongs to."""
        made = actions.ask(request.organization, by=request.user, **self.body())
        return self.created(made)

    def destroy(self, request: Request, pk: Any) -> Response:
        """Withdraw a letter nobody agreed to."""
        actions.withdraw(self.get_object(), by=request.user)
        return self.gone()

    @takes(IntroductionAnswerBody, status=204)
    @action(detail=False, methods=["post"], url_path="answer", url_name="answer")
    def decide(self, request: Request) -> Response:
        """Agree to a letter or refuse it, for the client one administers."""
        given = self.body()
        act = actions.agree if given["answer"] == "agree" else actions.refuse
        act(given["secret"], request.organization, by=request.user)
        return self.gone()
