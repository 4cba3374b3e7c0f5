"""Rows that one side writes and later hands over: the other side sees them from then on."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from tenants.walls import RowWall, any_of

SIDES = {"firm": "firm_side", "client": "client_side"}


def handed_over(side: str, *, rights: str = "SELECT, INSERT, UPDATE") -> RowWall:
    """The wall of a row that `side` ("firm" or "client") writes: shared once `handed_over_at`."""
    own = any_of("engagement_id", SIDES[side])
    return RowWall.shared(only=f"handed_over_at IS NOT NULL OR {own}", rights=rights)


def visible_now(engagement_ids: Any, own_side: Any) -> Q:
    """The same as a filter: rows of `engagement_ids`, those not handed over of `own_side` alone."""
    return Q(engagement__in=engagement_ids) & (
        Q(handed_over_at__isnull=False) | Q(engagement__in=own_side)
    )
