"""Whether what let a request in still does: asked anew while the request goes on (ACC-13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy

from django.contrib.auth import get_user
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from tenants.acting import acting
from tenants.middleware import CHOSEN, ActingMiddleware
from tenants.models import User


@contextmanager
def asked_anew(request: HttpRequest) -> Iterator[User]:
    """Act as the one who sent `request`, let in anew as if it had come just now.

    Raises PermissionDenied when the session or token has ended, or leads to another person or
    place than before.
    """
    again = _as_if_new(request)
    actor = ActingMiddleware(_no_answer).who_asks(again)
    person = again.user
    same = person.pk == request.user.pk and again.organization == request.organization
    if actor is None or not same or not isinstance(person, User):
        raise PermissionDenied("Your session or token has ended.")
    with acting(actor):
        yield person


def _as_if_new(request: HttpRequest) -> HttpRequest:
    """The request as it came, with its session read afresh, in the organization it acts in."""
    again = copy(request)
    again.__dict__.pop("_cached_user", None)
    again.organization = again.membership = None
    again.session = type(request.session)(request.session.session_key)
    again.user = get_user(again)
    if request.organization is not None:
        again.session[CHOSEN] = str(request.organization.pk)  # never saved
    return again


def _no_answer(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError("Only who asks is asked here.")
