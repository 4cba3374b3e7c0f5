"""What was refused: told in the trail after the rollback, in a transaction of its own (AUD-1).

A right refused on something the person sees becomes an entry of its book. A look at what is not
there for the person (foreign or absent, which are one) is only counted, for the operator.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone

from tenants import trail
from tenants.acting import Actor, acting
from tenants.choices import OrganizationKind, TrailZone
from tenants.errors import GrcError, RightRefused
from tenants.models import Engagement
from tenants.permissions import NotAllowed
from tenants.visibility import reach

log = structlog.get_logger(__name__)

REFUSED = "refused"
_LOOK = """INSERT INTO tenants_missedlook AS looks (organization_id, day, count)
VALUES (%s, %s, 1) ON CONFLICT (organization_id, day) DO UPDATE SET count = looks.count + 1"""


def note(request: Any, response: HttpResponse) -> None:
    """Tell of an answer that refused a signed-in person something; others are left alone.

    The answer goes out whatever becomes of this; a failure is logged.
    """
    refusal: GrcError | None = getattr(response, "refusal", None)
    if request.organization is None:
        return
    try:
        if response.status_code == 404 and _names_something(request):
            _count(request)
        elif refusal is not None and (refusal.denied or isinstance(refusal, RightRefused)):
            _record(request, refusal)
    except DatabaseError as error:
        log.error("refusal_not_recorded", error=type(error).__name__)


def _names_something(request: Any) -> bool:
    return bool(request.resolver_match and request.resolver_match.kwargs)


def _count(request: Any) -> None:
    with acting(Actor(system=True)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOOK, [request.organization.pk, timezone.now().date()])


def _record(request: Any, refusal: GrcError) -> None:
    with transaction.atomic():
        denied = _denied(refusal)
        anchor = denied.anchor if denied else _anchor(request)
        trail.record(
            REFUSED, denied.subject if denied else anchor, by=request.user, note=refusal.message,
            detail={
                "asked": denied.asked if denied else refusal.code, "status": refusal.status,
                "route": request.resolver_match.view_name if request.resolver_match else "",
                "method": request.method,
            },
            **_book(request, anchor),
        )  # fmt: skip


def _denied(refusal: GrcError) -> NotAllowed | None:
    """The refused right, which may have been told anew with a reference in front."""
    error: BaseException | None = refusal.denied
    while error is not None and not isinstance(error, NotAllowed):
        error = error.__cause__
    return error


def _anchor(request: Any) -> Model:
    """Where it was refused when that was not said: the address's engagement, if it is seen."""
    kwargs = request.resolver_match.kwargs if request.resolver_match else {}
    engagements = Engagement.objects.visible_to(request.user)
    found: Model | None = engagements.filter(pk=kwargs.get("engagement")).first()
    return found or request.organization


def _book(request: Any, anchor: Model) -> dict[str, Any]:
    """A side reads its own; what is not of an engagement in sight is its organization's."""
    if not isinstance(anchor, Engagement) or anchor.pk not in reach(request.user):
        return {"organization_id": request.organization.pk}
    firm = request.organization.kind == OrganizationKind.FIRM
    zone = TrailZone.FIRM if firm else TrailZone.CLIENT
    return {"engagement_id": anchor.pk, "zone": zone}
