"""The evidence host: a second address that gives out stored bytes and knows nothing else (UPL-12).

Whoever may have an object is led here by a link that works once. What a browser could be made to
run in a file has no session, page or form of ours around it: the site's cookies are the site's
alone, and every other path is absent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from evidence import downloads
from evidence.actions import download_links
from evidence.models import DownloadLink
from tenants import trail
from tenants.acting import Actor, acting
from tenants.choices import MembershipStatus
from tenants.errors import GrcError, NotVisible
from tenants.middleware import address_of, is_barred
from tenants.models import Membership, User
from tenants.queries.tokens import live_token
from tenants.secrets import hash_of, looks_right

log = logging.getLogger(__name__)
ABSENT = "There is nothing here."
ENDED = "Your session or token has ended, or your right to this file. Sign in and start again."
LOADED_BY_A_PAGE = {"", "document", "empty"}
"""What a browser says it fetches for (`Sec-Fetch-Dest`) when it is not building a page."""

Answer = Callable[[HttpRequest], HttpResponseBase]


class EvidenceHost:
    """Answers what is asked of the evidence host, so that nothing after it ever sees it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_asked(request):
            return self.get_response(request)
        origin = trail.origin.set(trail.Origin(request.id, address_of(request)))
        try:
            return _answer(request)
        except GrcError as refused:
            return _plain(refused.status, refused.message)
        except PermissionDenied:
            return _plain(403, ENDED)
        except Exception:
            log.exception("The evidence host failed.")
            return _plain(500, "Something failed on our side. Try again in a minute.")
        finally:
            trail.origin.reset(origin)


def is_asked(request: HttpRequest) -> bool:
    """Whether the request is for the evidence host."""
    if not settings.EVIDENCE_ADDRESS:
        return False
    asked = urlsplit(f"//{request.get_host()}").hostname
    return asked == urlsplit(settings.EVIDENCE_ADDRESS).hostname


def _answer(request: HttpRequest) -> HttpResponseBase:
    secret = request.path.removeprefix("/")
    known = looks_right(secret, download_links.LINK_PREFIX)
    if not known or request.headers.get("Sec-Fetch-Dest", "") not in LOADED_BY_A_PAGE:
        raise NotVisible(ABSENT)
    if request.method not in ("GET", "HEAD"):
        return _plain(405, "This address is only read.")
    browser = request.COOKIES.get(settings.EVIDENCE_COOKIE_NAME, "")
    with acting(Actor(presented=hash_of(secret))), transaction.atomic():
        link = download_links.find(hash_of(secret), browser)
    with _holder_of(link) as user, transaction.atomic():
        given = downloads.found(link.kind, link.subject_id, user)
        key, told = "", downloads.sends_bytes(request)
        if told and link.opened_at is None:
            key = download_links.open_grant(link, by=user, browser=browser)
        given.note(user, told)
    response = downloads.stream(request, given, lambda: _holder_of(link))
    if key:
        response.set_cookie(
            settings.EVIDENCE_COOKIE_NAME, key, secure=not settings.LOCAL, httponly=True,
            samesite="Lax", max_age=download_links.GRANT_LIVES,
        )  # fmt: skip
    return response


@contextmanager
def _holder_of(link: DownloadLink) -> Iterator[User]:
    """Act as the link's person, while the session or token it was made in still stands.

    Raises PermissionDenied.
    """
    user = _by_token(link) if link.token_hash else _by_session(link)
    if user is None or is_barred(user):
        raise PermissionDenied(ENDED)
    with acting(Actor(person_id=user.pk, organization_id=link.organization_id)):
        yield user


def _by_token(link: DownloadLink) -> User | None:
    with acting(Actor(presented=link.token_hash)), transaction.atomic():
        live = live_token(link.token_hash)
    if live is None:
        return None
    token, membership = live
    user: User = membership.person
    user.token_scopes = tuple(token.scopes)
    return user


def _by_session(link: DownloadLink) -> User | None:
    session = import_module(settings.SESSION_ENGINE).SessionStore(
        download_links.session_key_of(link)
    )
    holder = HttpRequest()
    holder.session = session
    user = get_user(holder)
    if not isinstance(user, User) or user.pk != link.person_id:
        return None
    return user if _is_member(user, link.organization_id) else None


def _is_member(user: User, organization_id: UUID) -> bool:
    with acting(Actor(person_id=user.pk, organization_id=organization_id)), transaction.atomic():
        memberships = Membership.objects.filter(person=user, organization_id=organization_id)
        return memberships.filter(status=MembershipStatus.ACTIVE).exists()


def _plain(status: int, said: str) -> HttpResponse:
    return HttpResponse(f"{said}\n", status=status, content_type="text/plain; charset=utf-8")
