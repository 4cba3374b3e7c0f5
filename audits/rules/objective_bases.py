"""Why a SOC 1 control objective matters for financial reporting (RT-08, RT-09)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from audits.choices import ObjectiveGroup as G

NOT_RELEVANT: Final = "Not relevant to financial reporting; consider a SOC 2."


@dataclass(frozen=True, slots=True)
class Basis:
    """What an objective rests on. classes and application: ids of stated entries; supports: the
    business objective whose application an ITGC objective guards; hosting: it guards the user
    entities' own financial processing (RT-09)."""

    group: str
    classes: Collection[UUID] = ()
    assertions: Collection[str] = ()
    application: UUID | None = None
    supports: UUID | None = None
    hosting: bool = False


def problem_of(basis: Basis | None, bases: Mapping[UUID, Basis], stated: Collection[UUID]) -> str:
    """Why an objective is not shown to matter for financial reporting, or nothing (RT-08).

    bases: of all objectives in scope, by scope item; stated: entries the client states now.
    """
    if basis is None:
        return "nobody has said what it rests on"
    if basis.group == G.BUSINESS_PROCESS:
        return _of_business(basis, stated)
    if basis.hosting:
        return ""
    if basis.application not in stated:
        return "no stated application is named"
    supported = bases.get(basis.supports) if basis.supports else None
    if supported is None or supported.group != G.BUSINESS_PROCESS or _of_business(
        supported, stated
    ):  # fmt: skip
        return "it supports no business objective in scope that rests on transactions"
    return ""


def _of_business(basis: Basis, stated: Collection[UUID]) -> str:
    if not any(each in stated for each in basis.classes):
        return "no stated transaction class is named"
    return "" if basis.assertions else "no assertion is named"


def without_business(bases: Collection[Basis | None]) -> bool:
    """Whether it is said of all objectives, and none is about a business process (RT-09)."""
    return bool(bases) and all(each and each.group == G.ITGC for each in bases)
