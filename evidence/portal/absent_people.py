"""People a list names who are not on the engagement yet (IM-05)."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from evidence.actions import absent_people as actions
from evidence.queries import browsing
from evidence.queries.absent_people import Absent, absent_people, suggested
from tenants.choices import CLIENT_ROLES, Role
from tenants.errors import GrcError, Invalid
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, back, engagement_page, holds, signed_in
from tenants.portal.engagements import found

ROLES = [(str(role), str(role.label)) for role in CLIENT_ROLES]
USUAL = str(Role.CONTROL_OWNER)


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Who is named and not here: the firm names them to the client, the client lets them in."""
    anchor = found(request, engagement)
    firm = browsing.firm_side(request.user, anchor)
    permission = P.SEND_REQUEST if firm else P.ASSIGN_CLIENT_PEOPLE
    if not holds(request, permission, anchor):
        raise PermissionDenied("Seniors and the client's administrators see who is missing.")
    people = absent_people(request.user, anchor, firm=firm)
    refusal: GrcError | None = None
    if request.method == "POST":
        try:
            says = _act(request, anchor, people, firm=firm)
        except GrcError as refused:
            refusal = refused
        else:
            return back(request, "evidence:requests", anchor.pk, says=says)
    context = {
        "people": people,
        "firm": firm,
        "roles": ROLES,
        "usual": USUAL,
        "told": set(suggested(anchor)) if firm else set(),
        "chosen": set(request.POST.getlist("email")),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return engagement_page(
        request, anchor, "evidence/requests/absent_people.html", context, status=status
    )


def _act(request: Request, anchor: Engagement, people: list[Absent], *, firm: bool) -> str:
    """Name the chosen to the client, or let them in; what the page says then."""
    known = {person.email for person in people}
    chosen = [email for email in request.POST.getlist("email") if email in known]
    if not chosen:
        raise Invalid("Choose at least one person.", code="nobody_chosen", field="email")
    if firm:
        actions.suggest(anchor, chosen, by=request.user)
        return f"{anchor.client.name}’s administrators now see whom to invite."
    roles = {email: request.POST.get(f"role:{email}", USUAL) for email in chosen}
    assigned, invited = actions.let_in(anchor, roles, by=request.user)
    return f"{invited} invited, {assigned} added to the engagement."
