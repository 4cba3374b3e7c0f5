"""What a client's promises must cover in a SOC 2 or SOC 3 (RT-10, RT-11)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from audits.choices.system import ProcessingAspect
from tenants.choices import Category


@dataclass(frozen=True, slots=True)
class Promised:
    """A commitment or a requirement: its category, and what of the processing it is about."""

    category: str
    aspects: Collection[str] = ()


def without(categories: Iterable[str], promised: Iterable[Promised]) -> list[str]:
    """The chosen categories that nothing is promised about, in their order (RT-10)."""
    covered = {each.category for each in promised}
    return [category for category in categories if category not in covered]


def aspects_missing(categories: Collection[str], commitments: Iterable[Promised]) -> list[str]:
    """What of the processing no commitment is about, where integrity is examined (RT-10)."""
    if Category.PROCESSING_INTEGRITY not in categories:
        return []
    named = {
        aspect
        for each in commitments
        if each.category == Category.PROCESSING_INTEGRITY
        for aspect in each.aspects
    }
    return [str(aspect) for aspect in ProcessingAspect if aspect not in named]


def privacy_doubted(
    categories: Collection[str], commitments: Iterable[Promised], *, personal_data: bool
) -> str:
    """Why Privacy may be the wrong category, or nothing (RT-11)."""
    if Category.PRIVACY not in categories:
        return ""
    promised = any(each.category == Category.PRIVACY for each in commitments)
    if promised and personal_data:
        return ""
    lacks = [
        *([] if personal_data else ["no personal data is stated"]),
        *([] if promised else ["nothing is promised about it"]),
    ]
    return f"Privacy is examined, but {' and '.join(lacks)}."
