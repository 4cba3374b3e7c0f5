"""What every page needs, and how a portal view reaches rows and translates refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tenants.actions import identities
from tenants.choices import OrganizationKind
from tenants.errors import Invalid, Refused
from tenants.models import Engagement, Membership, Notice, Organization, User
from tenants.permissions import P, carries
from tenants.portal.tabs import tabs_of
from tenants.queries.second_factor import is_exempt
from tenants.queries.support import is_operator
from tenants.visibility import reach

View = Callable[..., HttpResponseBase]


class Request(HttpRequest):
    """A request as `ActingMiddleware` leaves it, of a person signed in (for annotations alone)."""

    user: User
    organization: Organization
    membership: Membership
    memberships: list[Membership]
    demands_sign_on: Organization | None
    id: str


FRAME, PLAIN_FRAME = "base.html", "base_plain.html"
"""Around a page of somebody who acts in an organization, and of one who acts in none."""
FIRM, CLIENT = OrganizationKind.FIRM, OrganizationKind.CLIENT


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the main navigation; `kinds` are the organizations whose people see it, those
    whose role there carries `asks`."""

    order: int
    label: str
    name: str
    icon: str
    kinds: tuple[str, ...] = (FIRM, CLIENT)
    asks: P | None = None


NAVIGATION: list[Entry] = [
    Entry(10, "Home", "tenants:home", "home"),
    Entry(20, "Engagements", "tenants:engagements", "clipboard-list"),
    Entry(30, "Clients", "tenants:clients", "building", (FIRM,)),
    Entry(40, "People", "tenants:people", "users"),
    Entry(50, "Settings", "tenants:settings", "settings"),
]
"""The main navigation, shown by `order`; higher apps add theirs."""


OPENING_WAYS: list[tuple[str, str, str]] = []
"""(label, url name, icon) of further ways to open an engagement; higher apps add theirs."""


def signed_in(view: View) -> View:
    """Only for a person who acts in an organization; without one, the page that says so.

    Moments on the page are shown in the organization's time zone.
    """

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.demands_sign_on is not None:
            return _sign_on_first(request, request.demands_sign_on)
        if request.organization is None:
            context = {"operator": is_operator(request.user)}
            return render(request, "tenants/no_organization.html", context, status=403)
        with timezone.override(request.organization.zone):
            return view(request, *args, **kwargs)

    return login_required(wrapped)


def of_an_account(view: View) -> View:
    """For everybody with an account of their own to look after: a member, and an operator of the
    platform, who acts in no organization."""
    of_members = signed_in(view)

    @wraps(view)
    def wrapped(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = request.user
        operates = person.is_authenticated and not request.memberships and is_operator(person)
        return (view if operates else of_members)(request, *args, **kwargs)

    return wrapped


def page(request: Request) -> dict[str, Any]:
    """Context of every page: organization, navigation and the inbox count (1 query)."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return {"organization": None, "memberships": [], "navigation": [], "frame": PLAIN_FRAME}
    unread = Notice.objects.filter(
        person=request.user, organization=organization, read_at=None
    ).count()
    return {
        "organization": organization,
        "membership": request.membership,
        "memberships": request.memberships,
        "navigation": list(_navigation(request)),
        "manages_organization": may(request, P.MANAGE_ORGANIZATION),
        "inbox_count": unread,
        "exempt": is_exempt(request.user),
        "frame": FRAME,
    }


def engagement_page(
    request: Request,
    engagement: Engagement,
    template: str,
    context: dict[str, Any],
    **kwargs: Any,
) -> HttpResponse:
    """A page inside an engagement, with its tabs. Renders at once, inside the transaction."""
    tabs = tabs_of(request.user, request.path, engagement)
    return render(request, template, {"engagement": engagement, "tabs": tabs, **context}, **kwargs)


def back(request: Request, fallback: str, *args: Any, says: str = "") -> HttpResponse:
    """Redirect to a page of ours after an action; `says` is shown there."""
    if says:
        messages.success(request, says)
    return redirect(reverse(fallback, args=args))


def may(request: Request, permission: P) -> bool:
    """Whether to offer what needs `permission` on the organization; the action asks again."""
    return request.membership is not None and carries(request.membership.role, permission)


def holds(request: Request, permission: P, engagement: Engagement) -> bool:
    """Whether to offer what needs `permission` on the engagement; the action asks again."""
    return permission in reach(request.user).get(engagement.pk, frozenset())


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, even when that is nothing; None when the page is asked for."""
    return request.POST if request.method == "POST" else None


@contextmanager
def applying(form: BaseForm) -> Iterator[None]:
    """Act inside: a refused input becomes an error at its field, and nothing of it is kept."""
    try:
        with transaction.atomic():
            yield
    except (Invalid, Refused) as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    except ValidationError as refused:
        found = getattr(refused, "message_dict", {NON_FIELD_ERRORS: refused.messages})
        for field, texts in found.items():
            form.add_error(field if field in form.fields else None, texts)


def form_page(request: Request, form: BaseForm, template: str, **context: Any) -> HttpResponse:
    """The page of a form: as asked for, or again with its errors (400)."""
    status = 400 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def _sign_on_first(request: Request, organization: Organization) -> HttpResponse:
    """The organization wants its provider's sign-in: the way there, and to one's other ones."""
    others = [each for each in request.memberships if each.organization_id != organization.pk]
    context = {
        "demanding": organization,
        "provider": identities.provider_of(organization),
        "others": others,
        "next": request.get_full_path(),
    }
    return render(request, "tenants/single_sign_on/demanded.html", context, status=403)


def _navigation(request: Request) -> Iterator[dict[str, Any]]:
    entries = [
        entry
        for entry in NAVIGATION
        if request.organization.kind in entry.kinds
        and (entry.asks is None or may(request, entry.asks))
    ]
    for entry in sorted(entries, key=lambda entry: entry.order):
        if url := _address(entry.name):
            active = request.path == url or (url != "/" and request.path.startswith(url))
            yield {"label": entry.label, "url": url, "icon": entry.icon, "active": active}


def _address(name: str, *args: Any) -> str:
    """Where a page is; empty when no app that is installed has it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
