"""Addresses of what disagrees."""

from __future__ import annotations

from django.urls import path

from audits.api.consistency import ConsistencyViewSet

routes = [
    path(
        "controls/consistency/", ConsistencyViewSet.as_view({"get": "own"}),
        name="library-consistency",
    ),
    path(
        "engagements/<uuid:pk>/consistency/", ConsistencyViewSet.as_view({"get": "of_engagement"}),
        name="engagement-consistency",
    ),
]  # fmt: skip
