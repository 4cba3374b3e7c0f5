"""The clients of a firm."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from tenants.models import Engagement, Organization, User


def of(firm: Organization) -> QuerySet[Organization]:
    """The organizations the firm knows as its clients, by name."""
    return Organization.objects.filter(firms__firm=firm).order_by("name")


def engagement_counts(user: User) -> dict[object, int]:
    """Client id → how many engagements with it `user` may see (1 query)."""
    rows = Engagement.objects.visible_to(user).order_by().values_list("client_id")
    return dict(rows.annotate(count=Count("pk")))
