"""The request list: views, filters, order, pages; and the same list as a file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone

from evidence.actions.request_bulk import note_export
from evidence.choices import OVER, WITH_CLIENT
from evidence.models.evidence_requests import EvidenceRequestQuerySet
from evidence.portal.request_forms import FilterForm
from evidence.queries import browsing
from evidence.queries.absent_people import absent_people
from evidence.queries.request_facets import facets, purposes
from evidence.queries.request_facts import facts_of_rows
from evidence.rules.file_names import content_disposition
from evidence.rules.request_list_export import write_csv, write_xlsx
from tenants.models import Engagement
from tenants.permissions import P
from tenants.portal.base import Request, engagement_page, holds, signed_in
from tenants.portal.engagements import found

COLUMNS = (
    ("Ref", "ref", "tm-fit"), ("Request", "title", "tm-wide"), ("Area", "area", ""),
    ("Kind", "kind", "tm-fit"), ("Owner", "owner", ""), ("Due", "due", "tm-fit"),
    ("Status", "status", "tm-fit"), ("Priority", "priority", "tm-fit"),
    ("Returns", "returns", "tm-fit tm-end"),
)  # fmt: skip
"""Heading, order and class of each column that can be ordered by."""
CURSORS = ("after", "before")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """The requests of an engagement that the person sees."""
    anchor = found(request, engagement)
    firm = browsing.firm_side(request.user, anchor)
    everything = browsing.of_engagement(request.user, anchor)
    form = FilterForm(request.GET, anchor, facets(everything), purposes(anchor), firm=firm)
    asked = form.asked
    views = browsing.view_filters(request.user, anchor)
    asked = asked if asked.view in views else replace(asked, view=browsing.ALL)
    rule = browsing.fits(asked, views[asked.view])
    counts = browsing.counted(everything, {**views, "asked": rule})
    part = browsing.stretch(
        browsing.as_listed(everything.filter(rule), firm=firm),
        everything,
        browsing.order_of(asked.order),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "form": form,
        "rows": part.rows,
        "over": OVER,
        "with_client": WITH_CLIENT,
        "year": timezone.localdate().year,
        "firm": firm,
        "views": _views(request, views, counts, asked.view, firm=firm),
        "columns": _columns(request, asked.order),
        "page": _page(request, part, counts["asked"]),
        "total": counts[browsing.ALL],
        "asked": asked,
        "nav": _without(request, *CURSORS),
        "bulk_moves": _bulk_moves(request, anchor) if part.rows else [],
        "may_draft": holds(request, P.DRAFT_REQUEST, anchor),
        "may_import": holds(request, P.DRAFT_REQUEST, anchor),
        "absent": _absent(request, anchor, firm=firm),
        "export_query": _without(request, *CURSORS),
    }
    return engagement_page(request, anchor, "evidence/requests/index.html", context)


@signed_in
def export(request: Request, engagement: UUID, kind: str) -> HttpResponse:
    """The list as it is narrowed now, as a workbook or as CSV; it imports back unchanged."""
    if kind not in ("xlsx", "csv"):
        raise Http404
    anchor = found(request, engagement)
    rows = narrowed(request, anchor)
    facts = facts_of_rows(rows)
    note_export(anchor, by=request.user, count=len(facts), kind=kind)
    if kind == "csv":
        response = HttpResponse(write_csv(facts), content_type="text/csv; charset=utf-8")
    else:
        written = f"{timezone.localtime():%Y-%m-%d %H:%M %Z}"
        title = f"{anchor.client.name} · {anchor.title}"
        note = f"{len(facts)} evidence requests, written {written} for {request.user}"
        response = HttpResponse(write_xlsx(facts, title=title, note=note), content_type=XLSX)
    response["Content-Disposition"] = content_disposition(f"{anchor.title} requests.{kind}")
    return response


def narrowed(request: Request, anchor: Engagement) -> EvidenceRequestQuerySet:
    """The requests that the address's filters ask for."""
    everything = browsing.of_engagement(request.user, anchor)
    firm = browsing.firm_side(request.user, anchor)
    form = FilterForm(request.GET, anchor, facets(everything), purposes(anchor), firm=firm)
    views = browsing.view_filters(request.user, anchor)
    asked = form.asked
    return everything.filter(browsing.fits(asked, views.get(asked.view, views[browsing.ALL])))


def _without(request: Request, *names: str, **changes: str) -> str:
    """The address's query without some names, and with others changed."""
    query = request.GET.copy()
    for name in (*names, *CURSORS):
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()


def _views(
    request: Request, views: Any, counts: dict[str, int], current: str, *, firm: bool
) -> list[dict[str, Any]]:
    """The strip of views; each keeps the order and drops the filters."""
    order = request.GET.get("order", "")
    labels = dict(browsing.VIEWS)
    labels["review"] = "To review" if firm else "With the auditor"
    kept = f"&order={order}" if order.lstrip("-") in browsing.ORDERS else ""
    return [
        {
            "label": labels[name],
            "url": f"?view={name}{kept}" if name != browsing.ALL else f"?{kept.lstrip('&')}",
            "active": name == current,
            "count": counts[name],
        }
        for name in views
    ]


def _columns(request: Request, order: str) -> list[dict[str, Any]]:
    """Headings that order the list; the one in force turns round."""
    found = []
    for label, name, style in COLUMNS:
        up, down = order == name, order == f"-{name}"
        url = "?" + _without(request, "order", order=f"-{name}" if up else name)
        sort = "ascending" if up else "descending" if down else ""
        found.append({"label": label, "url": url, "sort": sort, "style": style, "name": name})
    return found


def _page(request: Request, part: browsing.Stretch, total: int) -> dict[str, Any]:
    def url(name: str, key: UUID | None) -> str | None:
        return "?" + _without(request, **{name: str(key)}) if key else None

    return {
        "shown": len(part.rows), "total": total, "noun": "requests",
        "previous_url": url("before", part.before), "next_url": url("after", part.after),
    }  # fmt: skip


def _bulk_moves(request: Request, anchor: Engagement) -> list[dict[str, Any]]:
    """What can be done to the selected requests; the actions ask again."""
    offers = (
        (P.SUBMIT_REQUEST, {"name": "submit", "label": "Submit to auditor", "icon": "send"}),
        (P.SEND_REQUEST, {"name": "send", "label": "Send to client", "icon": "send"}),
        (P.REVIEW_EVIDENCE, {"name": "begin_review", "label": "Begin review", "icon": "eye"}),
        (P.REVIEW_EVIDENCE, {"name": "accept", "label": "Accept", "icon": "check"}),
        (P.DRAFT_REQUEST, {"name": "look_after", "label": "Look after", "icon": "user-check"}),
        (P.CHANGE_DUE_DATE, {"name": "change_due_date", "label": "Due date", "icon": "calendar"}),
        (P.WITHDRAW_REQUEST, {"name": "withdraw", "label": "Withdraw", "icon": "circle-x"}),
    )
    return [offer for permission, offer in offers if holds(request, permission, anchor)]


def _absent(request: Request, anchor: Engagement, *, firm: bool) -> int:
    """How many people are named and not here, for those who can do something about it."""
    permission = P.SEND_REQUEST if firm else P.ASSIGN_CLIENT_PEOPLE
    if not holds(request, permission, anchor):
        return 0
    return len(absent_people(request.user, anchor, firm=firm))
