"""Which tables hold in a firm: its own newest, or the platform's, with the number to stamp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from audits.choices.populations import FirmTableKind
from audits.models.firm_tables import FirmTable
from audits.rules.firm_tables import KINDS, Evaluation, SampleSizes, Values
from tenants.choices import OrganizationKind
from tenants.models import Organization, User
from tenants.permissions import P


@dataclass(frozen=True, slots=True)
class Used:
    """A table as it holds now. `number` 0: the platform's own."""

    number: int
    values: Values


def current(firm_id: UUID, kind: str) -> Used:
    """The firm's newest table of a kind, or the platform's (1 query)."""
    row = FirmTable.objects.filter(organization_id=firm_id, kind=kind).order_by("-number").first()
    return Used(row.number, KINDS[kind](row.content)) if row else Used(0, KINDS[kind]({}))


def sample_sizes(firm_id: UUID) -> tuple[int, SampleSizes]:
    """The number and the table of sample sizes (1 query)."""
    used = current(firm_id, FirmTableKind.SAMPLE_SIZES)
    assert isinstance(used.values, SampleSizes)
    return used.number, used.values


def evaluation(firm_id: UUID) -> tuple[int, Evaluation]:
    """The number of the table, and by what deviations are judged (1 query)."""
    used = current(firm_id, FirmTableKind.EVALUATION)
    assert isinstance(used.values, Evaluation)
    return used.number, used.values


def versions(user: User, firm: Organization) -> QuerySet[Any]:
    """All versions of a firm's tables, newest first, for those who keep them; else none."""
    rows = FirmTable.objects.select_related("made_by", "organization")
    if firm.kind != OrganizationKind.FIRM or not user.has_perm(P.MANAGE_FIRM_TABLES, firm):
        return rows.none()
    return rows.filter(organization=firm)
