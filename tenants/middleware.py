"""One request, one actor: the signed-in person in one organization, or a token's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from tenants import signed_on, trail
from tenants.acting import NOBODY, Actor, acting
from tenants.actions import provisioning_tokens, refused, support
from tenants.choices import MembershipStatus
from tenants.models import ApiToken, IdentityProvider, Membership, Organization, User
from tenants.permissions import P, carries
from tenants.queries import support as support_queries
from tenants.queries.second_factor import has_factor
from tenants.queries.tokens import live_token
from tenants.refusals import problem_of, refusal
from tenants.secrets import TOKEN_PREFIX, hash_of, looks_right

API = "/api/"
SCIM = "/scim/"
CHOSEN = "organization"
"""Session key: the organization the person chose to act in."""

Answer = Callable[[HttpRequest], HttpResponse]


class ActingMiddleware:
    """Finds who asks and for whom, before the view's transaction begins (TEN-8).

    Sets `request.organization` and `request.membership` (None for nobody), `request.memberships`
    (all of the person's) and `request.demands_sign_on` (the organization that wants its own sign-in
    first, or None). The API knows only tokens, SCIM only a directory's keys, the portal only
    sessions (API-3).
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organization = request.membership = None
        request.memberships = []
        request.demands_sign_on = None
        origin = trail.Origin(request.id, address_of(request))
        token = trail.origin.set(origin)
        try:
            actor = self.who_asks(request)
            if actor is None:
                return _refuse_token(request.id)
            _renew_session(request)
            with acting(actor):
                response = self.get_response(request)
                refused.note(request, response)
        finally:
            trail.origin.reset(token)
        return response

    def who_asks(self, request: HttpRequest) -> Actor | None:
        """The actor of a request, by its token, key or session; None for a token refused."""
        if request.path.startswith(API):
            return self._by_token(request)
        if request.path.startswith(SCIM):
            return self._by_directory_key(request)
        return self._by_session(request)

    def _by_session(self, request: HttpRequest) -> Actor:
        user = request.user
        if not user.is_authenticated:
            return NOBODY
        if is_barred(user):
            request.user = AnonymousUser()
            return NOBODY
        with acting(Actor(person_id=user.pk)), transaction.atomic():
            found = list(
                Membership.objects.filter(person=user, status=MembershipStatus.ACTIVE)
                .select_related("organization")
                .order_by("organization__name")
            )
        request.memberships = [
            each for each in found if signed_on.reaches(request.session, each.organization)
        ]
        if signed_on.is_bound(request.session) and not request.memberships:
            logout(request)
            return NOBODY
        chosen = request.session.get(CHOSEN)
        held = {str(membership.organization_id): membership for membership in request.memberships}
        request.membership = held.get(str(chosen)) or next(iter(held.values()), None)
        if request.membership is None:
            return self._by_leave(request, user)
        if _must_sign_on(request, request.membership):
            request.demands_sign_on, request.membership = request.membership.organization, None
            return Actor(person_id=user.pk)
        request.organization = request.membership.organization
        return Actor(person_id=user.pk, organization_id=request.organization.pk)

    def _by_leave(self, request: HttpRequest, user: User) -> Actor:
        """An operator whom a tenant lets look: at one engagement's pages, reading only (ACC-18).

        Each page is recorded before it is shown. Everybody else, every other page, and an operator
        without a second factor, is nobody's member's.
        """
        nobodys = Actor(person_id=user.pk)
        with acting(nobodys), transaction.atomic():
            leave = support_queries.live(user)
        there = f"/engagements/{leave.engagement_id}/" if leave else ""
        if leave is None or leave.organization_id is None or not request.path.startswith(there):
            return nobodys
        if not has_factor(user):
            return nobodys
        actor = Actor(person_id=user.pk, organization_id=leave.organization_id)
        with acting(actor), transaction.atomic():
            request.organization = Organization.objects.get(pk=leave.organization_id)
            support.note_look(leave, request.path, by=user)
        return replace(actor, looks_only=True)

    def _by_token(self, request: HttpRequest) -> Actor | None:
        """NOBODY without a token; None for one that is wrong, expired, revoked or orphaned."""
        request.user = AnonymousUser()
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return NOBODY
        if kind.lower() != "bearer" or not looks_right(secret, TOKEN_PREFIX):
            return None
        found = _token(secret)
        if found is None:
            return None
        token, request.membership = found
        request.user, request.organization = token.person, token.organization
        request.memberships = [request.membership]
        request.user.token_scopes = tuple(token.scopes)
        return Actor(token.person_id, token.organization_id, presented=token.secret_hash)

    def _by_directory_key(self, request: HttpRequest) -> Actor:
        """The administrator who made the key, for managing people alone; NOBODY without one."""
        request.user = AnonymousUser()
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        found = provisioning_tokens.holder(secret) if kind.lower() == "bearer" else None
        if found is None or is_barred(found[0].person):
            return NOBODY
        key, request.membership = found
        request.user, request.organization = key.person, key.organization
        request.memberships = [request.membership]
        request.user.token_scopes = (str(P.MANAGE_PEOPLE),)
        return Actor(person_id=key.person_id, organization_id=key.organization_id)


def _renew_session(request: HttpRequest) -> None:
    """A new session id for somebody whose rights changed since their last request (AUT-5)."""
    row = getattr(request.session, "row", None)
    if row is not None and row.renew:
        request.session.cycle_key()


def address_of(request: HttpRequest) -> str | None:
    """The visitor's network address, as the nearest proxy of ours saw it (HDR-8)."""
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(passed) >= count:
        return _checked_address(passed[-count])
    return request.META.get("REMOTE_ADDR") or None


def _checked_address(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None


def is_barred(user: User) -> bool:
    """A person of the sample, whose address everybody knows, anywhere but on loopback (AUT-13)."""
    return not settings.LOCAL and user.email.endswith(".example")


def _must_sign_on(request: HttpRequest, membership: Membership) -> bool:
    """Whether the organization wants its provider's sign-in, and this session has none.

    One administrator breaks out, with their own second factor, so that nobody is locked out.
    """
    organization = membership.organization
    if not organization.requires_single_sign_on or signed_on.is_bound(request.session):
        return False
    administers = carries(membership.role, P.MANAGE_ORGANIZATION)
    if not administers or not signed_on.used_second_factor(request.session):
        return True
    who = Actor(person_id=membership.person_id, organization_id=organization.pk)
    with acting(who), transaction.atomic():
        return not IdentityProvider.objects.filter(
            organization=organization, breaks_out_id=membership.person_id
        ).exists()


def _token(secret: str) -> tuple[ApiToken, Membership] | None:
    """The live token and its person's live membership. Last use is noted once a minute at most."""
    presented = hash_of(secret)
    with acting(Actor(presented=presented)), transaction.atomic():
        found = live_token(presented)
        if found is None or is_barred(found[1].person):
            return None
        token, now = found[0], timezone.now()
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return found


def _refuse_token(request_id: str) -> HttpResponse:
    said = "The token is unknown, expired or revoked. Make a new one in your settings."
    problem = problem_of(refusal(401, said, code="token_refused"), request_id)
    return JsonResponse(
        problem, status=401, content_type="application/problem+json",
        headers={"WWW-Authenticate": "Bearer"},
    )  # fmt: skip


def acts_as(request: HttpRequest, user: User, organization_id: UUID | str) -> bool:
    """Remember the organization `user` chose; False when they are no member of it."""
    ids = {str(membership.organization_id) for membership in request.memberships}
    if str(organization_id) not in ids:
        return False
    request.session[CHOSEN] = str(organization_id)
    request.session.cycle_key()
    return True
