"""Changes of scope in lists, and as a signature covers one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse

from audits.choices.scope_changes import ScopeChangeKind, ScopeChangeStatus
from audits.models.scope_changes import ScopeChange
from audits.papers import Content
from audits.rules.period_changes import days_changed
from tenants.choices import Category
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.searching import SHOWN
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting

NAMES = {
    "categories": "Categories", "as_of": "As-of date", "period_start": "First day",
    "period_end": "Last day", "words": "In words",
}  # fmt: skip


def reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
    """What a signature on each change of scope covers (1 query)."""
    rows = ScopeChange.objects.filter(engagement=engagement)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return {
        row.pk: {
            "kind": row.kind, "asked_by": row.asked_by, "reason_code": row.reason_code,
            "reason": row.reason, "effect": row.effect, "before": row.before, "after": row.after,
            "decision": row.decision, "refused": row.status == ScopeChangeStatus.REFUSED,
            "decided": row.decided_by_id,
        }
        for row in rows
    }  # fmt: skip


def name(content: Content) -> str:
    """What lists call one."""
    return f"Change of scope: {ScopeChangeKind(content['kind']).label.lower()}"


def facts(change: ScopeChange) -> list[tuple[str, str, str]]:
    """(what, before, after) of a change, in words."""
    return [
        (NAMES[key], _said(key, change.before[key]), _said(key, value))
        for key, value in change.after.items()
    ]


def days(change: ScopeChange) -> tuple[int, int] | None:
    """Days that a change of the period adds and takes away; None for other changes."""
    if change.kind != ScopeChangeKind.PERIOD or "period_start" not in change.after:
        return None
    before, after = (
        (date.fromisoformat(values["period_start"]), date.fromisoformat(values["period_end"]))
        for values in (change.before, change.after)
    )
    return days_changed(before, after)


def to_decide(user: User) -> list[WaitingGroup]:
    """For partners: changes of scope that wait for their decision (1 query)."""
    mine = engagements_granting(user, P.DECIDE_ENGAGEMENT)
    rows = (
        ScopeChange.objects.visible_to(user)
        .filter(engagement__in=mine, status=ScopeChangeStatus.PROPOSED)
        .select_related("engagement")
    )
    items = [
        WaitingItem(
            str(row), reverse("audits:scope_change", args=[row.engagement_id, row.pk]),
            engagement=row.engagement.title, note=row.asked_by,
        )
        for row in rows
    ]  # fmt: skip
    if not items:
        return []
    return [
        WaitingGroup("Changes of scope", "Scope to decide", items[:SHOWN], len(items),
                     icon="git-branch")
    ]  # fmt: skip


def _said(key: str, value: Any) -> str:
    if key == "categories":
        return ", ".join(str(Category(each).label) for each in value)
    return str(value or "")
