"""The request list: its views with their counts, what narrows it, its orders, and stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from evidence.choices import OVER, WITH_CLIENT, WITH_FIRM, Part, Priority, RequestStatus
from evidence.models import (
    EvidenceRequest,
    Handling,
    Message,
    RequestControl,
    RequestPerson,
    RequestScopeItem,
)
from evidence.models.evidence_requests import EvidenceRequestQuerySet
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries import pages
from tenants.visibility import reach

SIZE = 50
"""Requests on a page."""
ALL = "all"
NOBODY = "none"
"""The owner of requests that have none."""

VIEWS = {
    ALL: "All", "mine": "Waiting for me", "overdue": "Overdue", "review": "To review",
    "returned": "Returned", "drafts": "Drafts", "settled": "Settled",
}  # fmt: skip
"""View → its name; drafts are the firm's alone."""
ORDERS: dict[str, tuple[str, ...]] = {
    "due": ("due_on",), "ref": ("ref",), "title": ("title",), "area": ("area",),
    "kind": ("kind",), "owner": ("owner__name",), "status": ("rank", "due_on"),
    "priority": ("urgency", "due_on"), "returns": ("return_count",),
}  # fmt: skip
"""What the list can be ordered by; with "-" in front, the other way round."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the list is asked for; empty means any. `purpose` is "c:" or "s:" and an id."""

    view: str = ALL
    words: str = ""
    status: str = ""
    kind: str = ""
    area: str = ""
    owner: str = ""
    purpose: str = ""
    order: str = "due"

    @property
    def narrows(self) -> bool:
        """Whether less is asked for than a whole view."""
        return any((self.words, self.status, self.kind, self.area, self.owner, self.purpose))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some rows in order, and the ids from which to go on; None at an end."""

    rows: list[EvidenceRequest]
    before: UUID | None
    after: UUID | None


def of_engagement(user: User, engagement: Engagement) -> EvidenceRequestQuerySet:
    """The requests of the engagement that `user` sees."""
    rows: EvidenceRequestQuerySet = EvidenceRequest.objects.visible_to(user)
    return rows.filter(engagement=engagement)


def firm_side(user: User, engagement: Engagement) -> bool:
    """Whether `user` works on the engagement for the firm."""
    return P.VIEW_FIRM_FILE in reach(user).get(engagement.pk, frozenset())


def asked_of(user: User) -> Q:
    """Requests that `user` answers, as owner or contributor."""
    contributes = RequestPerson.objects.filter(
        evidence_request=OuterRef("pk"), person=user, part=Part.CONTRIBUTOR
    )
    return Q(owner=user) | Q(Exists(contributes))


def for_review_by(user: User) -> Q:
    """Submissions that `user` reviews: taken up, looked after, or nobody's."""
    handled = Handling.objects.filter(evidence_request=OuterRef("pk"))
    own = handled.filter(Q(reviewer=user) | Q(reviewer=None, assignee=user))
    anybody_elses = handled.filter(Q(reviewer__isnull=False) | Q(assignee__isnull=False))
    return Q(Exists(own)) | Q(status=RequestStatus.SUBMITTED) & ~Q(Exists(anybody_elses))


def to_decide() -> Q:
    """A proposal of the client waits: not applicable, or another due date."""
    return Q(status=RequestStatus.NA_PROPOSED) | Q(
        status__in=WITH_CLIENT, proposed_due_on__isnull=False
    )


def view_filters(user: User, engagement: Engagement) -> dict[str, Q]:
    """View → which requests it holds, in the order of the strip."""
    today = timezone.localdate(timezone=engagement.client.zone)
    firm = firm_side(user, engagement)
    held = reach(user).get(engagement.pk, frozenset())
    mine = Q(status__in=WITH_CLIENT) & asked_of(user)
    if firm:
        mine = Q(status__in=(RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW))
        mine &= for_review_by(user)
        mine = mine | to_decide() if P.DECIDE_NOT_APPLICABLE in held else mine
    views = {
        ALL: Q(),
        "mine": mine,
        "overdue": Q(status__in=WITH_CLIENT, due_on__lt=today),
        "review": Q(status__in=WITH_FIRM),
        "returned": Q(status=RequestStatus.RETURNED),
        "drafts": Q(status=RequestStatus.DRAFT),
        "settled": Q(status__in=OVER),
    }
    return views if firm else {name: rule for name, rule in views.items() if name != "drafts"}


def counted(rows: EvidenceRequestQuerySet, rules: dict[str, Q]) -> dict[str, int]:
    """Name of a rule → how many of `rows` fit it (1 query)."""
    counts = {
        name: Count("pk", filter=rule) if rule else Count("pk") for name, rule in rules.items()
    }
    return dict(rows.order_by().aggregate(**counts))


def fits(asked: Asked, view: Q) -> Q:
    """The rule of the view narrowed by what is asked."""
    plain = {"status": asked.status, "kind": asked.kind, "area": asked.area}
    rule = view & Q(**{name: value for name, value in plain.items() if value})
    if asked.owner:
        rule &= Q(owner__isnull=True) if asked.owner == NOBODY else Q(owner=asked.owner)
    if asked.purpose:
        rule &= _serves(asked.purpose)
    for word in asked.words.split():
        rule &= (
            Q(ref__icontains=word)
            | Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(area__icontains=word)
        )
    return rule


def _serves(purpose: str) -> Q:
    kind, _, key = purpose.partition(":")
    through = RequestControl.objects.filter(control=UUID(key))
    if kind == "s":
        through = RequestScopeItem.objects.filter(scope_item=UUID(key))
    return Q(Exists(through.filter(evidence_request=OuterRef("pk"))))


def order_of(name: str) -> list[str]:
    """The fields of an order; of one that is unknown, the due date."""
    back = name.startswith("-")
    first, *rest = ORDERS.get(name.lstrip("-"), ORDERS["due"])
    return [f"-{first}" if back else first, *rest]


def stretch(
    rows: EvidenceRequestQuerySet,
    everything: EvidenceRequestQuerySet,
    order: Sequence[str],
    *,
    after: str | UUID = "",
    before: str | UUID = "",
    size: int = SIZE,
) -> Stretch:
    """`size` of `rows` behind the request `after`, or ahead of `before`, or the first.

    The request named need not be among `rows`, only among `everything`: one that has just been
    accepted still has a next one. At most 2 queries.
    """
    keys = _keys(everything, order, after or before)
    standing = pages.ordered(_ranked(rows), order)
    if keys is None:
        found = list(standing[: size + 1])
        return Stretch(found[:size], None, found[size - 1].pk if len(found) > size else None)
    if after:
        found = list(pages.after(standing, order, keys)[: size + 1])
        more, found = len(found) > size, found[:size]
        return Stretch(found, *_ends(found, earlier=True, later=more))
    behind = pages.after(pages.ordered(_ranked(everything), order), order, keys)
    ahead = standing.exclude(pk__in=behind.order_by().values("pk")).exclude(pk=before)
    found = list(ahead.reverse()[: size + 1])
    more, found = len(found) > size, found[:size][::-1]
    return Stretch(found, *_ends(found, earlier=more, later=True))


def _keys(rows: EvidenceRequestQuerySet, order: Sequence[str], key: str | UUID) -> Any:
    """Where the request stands in the order; None when there is no such request."""
    try:
        wanted = UUID(str(key)) if key else None
    except ValueError:
        return None
    found = pages.ordered(_ranked(rows), order).filter(pk=wanted).first() if wanted else None
    return pages.keys_of(found) if found else None


def _ends(
    found: list[EvidenceRequest], *, earlier: bool, later: bool
) -> tuple[UUID | None, UUID | None]:
    if not found:
        return None, None
    return (found[0].pk if earlier else None), (found[-1].pk if later else None)


def _ranked(rows: EvidenceRequestQuerySet) -> EvidenceRequestQuerySet:
    """With the places of status and priority in their own order, not the alphabet's."""
    ranked: EvidenceRequestQuerySet = rows.annotate(
        rank=_place("status", RequestStatus.values), urgency=_place("priority", Priority.values)
    )
    return ranked


def _place(name: str, values: Sequence[str]) -> Case:
    steps = (When(**{name: value}, then=Value(place)) for place, value in enumerate(values))
    return Case(*steps, default=Value(99), output_field=IntegerField())


def as_listed(rows: EvidenceRequestQuerySet, *, firm: bool) -> EvidenceRequestQuerySet:
    """Rows with owner and `message_count`; for the firm also `handled`, who looks after them."""
    messages = (
        Message.objects.filter(evidence_request=OuterRef("pk"))
        .order_by()
        .values("evidence_request")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = rows.select_related("owner").annotate(
        message_count=Coalesce(Subquery(messages, output_field=IntegerField()), 0)
    )
    if not firm:
        return rows
    handled = Handling.objects.select_related("assignee", "reviewer")
    found: EvidenceRequestQuerySet = rows.prefetch_related(
        Prefetch("handlings", handled, to_attr="handled")
    )
    return found
