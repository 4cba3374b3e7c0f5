"""The way of an engagement: forward through its gates, back with a reason, held, withdrawn."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tenants import acting, findings, outbox, tasks
from tenants.actions import engagements, report_dates
from tenants.errors import Invalid, MoveRefused, Refused
from tenants.models import Engagement, OutboxEntry, PhaseReturn, TrailEntry
from tests import factories
from tests.conftest import as_

WAY = (
    ("begin", "acceptance", "lead"), ("take_on", "planning", "partner"),
    ("finish_planning", "walkthrough", "lead"), ("finish_walkthroughs", "fieldwork", "lead"),
    ("finish_fieldwork", "review", "lead"), ("finish_review", "reporting", "partner"),
    ("release", "released", "partner"),
)  # fmt: skip


@pytest.fixture
def open_gates(monkeypatch):
    """Nothing holds an engagement: its gates have tests of their own."""
    monkeypatch.setattr(findings, "SOURCES", {status: [] for status in findings.SOURCES})


def moved(world, name, who="lead", **more):
    with as_(getattr(world, who), world.firm):
        return engagements.move(world.engagement, name, by=getattr(world, who), **more)


def test_an_examination_goes_from_draft_to_wrap_up_each_step_by_its_role(world, open_gates):
    for name, status, who in WAY:
        if who == "partner":
            with pytest.raises(PermissionDenied):
                moved(world, name, "senior")
        moved(world, name, who)
        assert world.engagement.status == status
    assert world.engagement.released_at is not None
    with acting.acting(acting.Actor(system=True)):
        row = OutboxEntry.objects.get(task="tenants.begin_wrap_up")
    tasks.perform(str(row.pk))
    with as_(world.lead, world.firm):
        assert Engagement.objects.get().status == "wrap_up"
    assert "tenants.begin_wrap_up" in outbox.TASKS


@pytest.mark.parametrize(("at", "to"), list(engagements.BACK.items()))
def test_it_goes_back_one_phase_with_a_reason_by_a_leader_later_the_partner(world, at, to):
    name = "step_back_from_review" if at in ("review", "reporting") else "step_back"
    factories.moved_to(world, at)
    with pytest.raises(PermissionDenied):
        moved(world, name, "lead" if at in ("review", "reporting") else "senior", note="Why.")
    with pytest.raises(Invalid, match="reason"):
        moved(world, name, "partner")
    moved(world, name, "partner", note="A system was forgotten.")
    assert world.engagement.status == to
    with as_(world.partner, world.firm):
        back = PhaseReturn.objects.get()
        assert (back.from_status, back.to_status, back.reason) == (
            at,
            to,
            "A system was forgotten.",
        )
        assert TrailEntry.objects.get(verb=name).zone == "firm"
    with as_(world.client, world.client_organization):
        assert not PhaseReturn.objects.exists()
        assert not TrailEntry.objects.filter(verb=name).exists()


def test_a_hold_names_the_day_it_ends_and_keeps_it(world):
    today = timezone.localdate()
    for until in (None, today):
        with pytest.raises(Invalid, match="after today"):
            moved(world, "hold", note="Waiting.", until=until)
    moved(world, "hold", note="Waiting.", until=today + timedelta(days=9))
    assert world.engagement.held_until == today + timedelta(days=9)
    moved(world, "resume")
    assert (world.engagement.status, world.engagement.held_until) == ("draft", None)


def test_a_withdrawal_says_how_the_client_was_told(world):
    with pytest.raises(Invalid, match="client was told"):
        moved(world, "withdraw", "partner", note="No assertion.")
    moved(world, "withdraw", "partner", note="No assertion.", told_client="By letter of today.")
    assert world.engagement.withdrawn_at is not None
    with as_(world.client, world.client_organization):
        detail = TrailEntry.objects.get(verb="withdraw").detail
    assert detail["told_client"] == "By letter of today."


def test_a_withdrawn_file_is_locked_and_no_earlier_one(world, open_gates):
    factories.moved_to(world, "reporting")
    with pytest.raises(MoveRefused):
        moved(world, "lock", "partner")
    moved(world, "withdraw", "partner", note="No assertion.", told_client="By letter.")
    moved(world, "lock", "partner")
    assert world.engagement.status == "locked"
    assert world.engagement.locked_at is not None


def dated(world, on, who="partner"):
    with as_(getattr(world, who), world.firm):
        return report_dates.set_report_date(world.engagement, on, by=getattr(world, who))


def test_a_report_is_dated_by_the_partner_in_reporting_after_the_period(world, monkeypatch):
    on = date(2026, 11, 20)
    with pytest.raises(Refused, match="in reporting"):
        dated(world, on)
    factories.moved_to(world, "reporting")
    with pytest.raises(PermissionDenied):
        dated(world, on, "lead")
    for wrong, why in ((date(2026, 9, 30), "after September 30"), (date(2040, 1, 1), "ahead")):
        with pytest.raises(Invalid, match=why):
            dated(world, wrong)
    with monkeypatch.context() as patch:
        patch.setattr(
            report_dates, "BEFORE_REPORT_DATE", [lambda engagement, on: "SO-03: not yet."]
        )
        with pytest.raises(Refused, match="SO-03"):
            dated(world, on)
    assert dated(world, on).report_date == on
