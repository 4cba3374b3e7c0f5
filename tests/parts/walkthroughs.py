"""Walkthroughs in the generated tests: one, by the staff of the team."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from audits.actions import walkthroughs
from audits.actions.walkthroughs import Seen
from audits.models import EngagementControl
from tests import factories

FIELDS_TXT = """
shown firm audits.api.walkthroughs.WalkthroughSerializer: id version engagement control ref item walked_on walked_with seen differs narrative_number done_by done_at
sent firm audits.api.walkthroughs.SeenBody: item walked_on walked_with seen differs
sent firm audits.api.walkthroughs.WalkthroughBody: item walked_on walked_with seen differs control
form firm audits.portal.walkthroughs.WalkthroughForm: version item walked_on walked_with seen differs
"""  # noqa: E501
PORTAL_IDS = {"walkthrough": "audits.Walkthrough"}


def play(world: SimpleNamespace) -> dict[str, Any]:
    """Staff walk one item through a control."""
    return {"audits.Walkthrough": _walked(world, "Ticket 7").pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """Nothing that both sides read: a walkthrough is the firm's."""


def _walked(world: SimpleNamespace, item: str) -> Any:
    from tests.access.scenes import acts

    before = world.engagement.status
    with transaction.atomic():
        factories.moved_to(world, "walkthrough")
    with acts(world.auditor, world.firm):
        rows = EngagementControl.objects.select_related("engagement")
        control = rows.filter(engagement=world.engagement).order_by("ref").first()
        told = Seen(item, date(2026, 3, 2), "The CISO", "It ran as told.")
        row = walkthroughs.write(control, told, by=world.auditor)
    with transaction.atomic():
        factories.moved_to(world, before)
    return row


def _while_it_is_walked(play: Any, state: str, who: Any) -> None:
    factories.moved_to(play.world, "walkthrough")


ARRANGED = {"walkthrough": _while_it_is_walked}
FIELDS = {
    "walkthrough": lambda play, who: {
        "item": "Ticket 8", "walked_on": "2026-10-01", "walked_with": "The CISO",
        "seen": "It ran as told.", "version": "1",
    },
}  # fmt: skip
