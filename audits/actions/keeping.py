"""Records of which an engagement has one: written, or written anew with a risen version."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model

from tenants.models import Engagement

Row = TypeVar("Row", bound=Model)


def keep_one(model: type[Row], engagement: Engagement, **columns: Any) -> Row:
    """The engagement's one row of `model` with these columns. The caller holds the engagement."""
    held = model._default_manager.filter(engagement=engagement).first()
    if held is None:
        held = model(engagement=engagement, version=0)
    for name, value in columns.items():
        setattr(held, name, value)
    held.version += 1  # type: ignore[attr-defined]
    held.save()
    return held
