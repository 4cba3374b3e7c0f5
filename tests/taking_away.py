"""Ways in which a right is taken away, each by the action that people use for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone

from tenants.actions import assignments, memberships, tokens
from tenants.choices import Role
from tenants.models import ApiToken, Membership
from tests import factories
from tests.conftest import as_

Taking = Callable[[SimpleNamespace], object]


def with_administrator(world: SimpleNamespace) -> SimpleNamespace:
    """The world with an administrator of the firm, who lets people go."""
    world.admin = factories.member(world.firm, Role.FIRM_ADMIN, name="Admin Person")
    return world


def membership_ended(world: SimpleNamespace) -> None:
    with as_(world.admin, world.firm), transaction.atomic():
        held = Membership.objects.get(organization=world.firm, person=world.senior)
        memberships.end(held, by=world.admin)


def person_suspended(world: SimpleNamespace) -> None:
    with as_(world.senior, world.firm), transaction.atomic():
        type(world.senior).objects.filter(pk=world.senior.pk).update(is_active=False)


def assignment_ended(world: SimpleNamespace) -> None:
    with as_(world.lead, world.firm), transaction.atomic():
        held = world.engagement.assignments.get(person=world.senior)
        assignments.unassign(held, by=world.lead)


def last_day_passed(world: SimpleNamespace) -> None:
    day = timezone.localdate(timezone=world.firm.zone) - timedelta(days=1)
    with as_(world.lead, world.firm), transaction.atomic():
        assignments.assign(
            world.engagement, person=world.senior, role=Role.SENIOR, by=world.lead,
            starts_on=day - timedelta(days=9), ends_on=day,
        )  # fmt: skip


def demoted(world: SimpleNamespace) -> None:
    """Staff sees the engagement and neither sends requests nor downloads packages."""
    with as_(world.lead, world.firm), transaction.atomic():
        assignments.assign(
            world.engagement, person=world.senior, role=Role.STAFF, by=world.lead
        )  # fmt: skip


def token_revoked(world: SimpleNamespace) -> None:
    with as_(world.senior, world.firm), transaction.atomic():
        for token in ApiToken.objects.filter(person=world.senior):
            tokens.revoke(token, by=world.senior)


def token_expired(world: SimpleNamespace) -> None:
    with as_(world.senior, world.firm), transaction.atomic():
        ApiToken.objects.filter(person=world.senior).update(
            expires_at=timezone.now() - timedelta(minutes=1)
        )


OF_THE_PERSON: dict[str, Taking] = {
    "membership ended": membership_ended,
    "person suspended": person_suspended,
    "assignment ended": assignment_ended,
    "last day passed": last_day_passed,
}
"""Taken from the senior, in every session and by every token."""
OF_THE_TOKEN: dict[str, Taking] = {"token revoked": token_revoked, "token expired": token_expired}


def nothing(world: Any) -> None:
    """The twin: everything stays."""
