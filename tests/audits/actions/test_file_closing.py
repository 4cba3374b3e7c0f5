"""The end of a file: deadlines, the lock and what it drops, addenda (LK-01 to LK-05, SO-07)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from audits.actions import file_closing, review_notes, sign_offs, workpapers
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import Workpaper
from audits.rules.deadlines import due_on, words
from grc.sample.cures.file import SAYS, cure
from tenants import acting, findings, notices, outbox, tasks
from tenants.actions import engagements
from tenants.choices import Role
from tenants.errors import MoveRefused, Refused
from tenants.models import Notice, OutboxEntry, TrailEntry
from tests import factories
from tests.audits.actions.test_file import rules_open, texts
from tests.audits.actions.test_sign_offs import acts, raw, signed, standing, written


def moved(world, name, who="partner", **more):
    with acts(world, who) as by:
        return engagements.move(world.engagement, name, by=by, **more)


def waiting(world):
    with acting.acting(acting.Actor(system=True)):
        return list(OutboxEntry.objects.filter(task=file_closing.DEADLINE).order_by("due_at"))


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 1, 2), "is to be locked within 59 days"),
        (date(2026, 3, 1), "is to be locked within 1 day"),
        (date(2026, 3, 2), "is to be locked within 0 days"),
        (date(2026, 3, 3), "should have been locked 1 day ago"),
    ],
)
def test_lk_01_the_last_day_is_the_sixtieth(today, said):
    assert due_on(date(2026, 1, 1)) == date(2026, 3, 2)
    assert words(date(2026, 1, 1), today) == said


@pytest.mark.parametrize("ends", ["release", "withdraw"])
def test_lk_01_lk_05_four_alerts_are_planned_from_release_or_withdrawal(world, monkeypatch, ends):
    monkeypatch.setattr(findings, "SOURCES", {status: [] for status in findings.SOURCES})
    factories.moved_to(world, "reporting")
    assert waiting(world) == []
    more = {"note": "No assertion.", "told_client": "By letter."} if ends == "withdraw" else {}
    moved(world, ends, **more)
    moment = world.engagement.released_at or world.engagement.withdrawn_at
    assert [(row.due_at - moment).days for row in waiting(world)] == [30, 45, 53, 60]


@pytest.mark.parametrize(("days", "told"), [(31, 2), (61, 3)])
def test_lk_01_partner_and_manager_are_told_and_past_the_day_the_reviewer(world, days, told):
    ago = timezone.now() - timedelta(days=days)
    factories.moved_to(world, "wrap_up", released_at=ago)
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        outbox.enqueue(file_closing.DEADLINE, engagement_id=world.engagement.pk,
                       subject=world.engagement.pk)  # fmt: skip
    tasks.perform(str(waiting(world)[0].pk))
    with acting.on_behalf_of_the_engagement(world.engagement.pk):
        assert Notice.objects.filter(kind=file_closing.NOTICE).count() == told
    with acts(world, "partner") as by:
        (line,) = notices.lines_for(list(Notice.objects.filter(person=by)), by)
    assert ("should have been" in line.text) is (days > 60)
    assert ("LK-01" in _rules(world)) is (days > 60)
    assert "LK-01" not in rules_open(world)  # it is noted, and holds nobody


def _rules(world):
    from tenants.queries.findings import open_findings

    with acts(world, "lead"):
        return [each.finding.rule for each in open_findings(world.engagement)]


@pytest.mark.parametrize("notes", ["keep", "drop"])
def test_so_07_the_lock_keeps_or_drops_all_notes_as_its_proposal_says(world, notes):
    paper = written(world, who="senior")
    with acts(world, "lead") as by:
        note = review_notes.write(world.engagement, "other", paper.pk, text="Why?", by=by)
        review_notes.clear(note, by=by)
    signed(world, paper, "prepared", "senior")
    signed(world, paper, "reviewed", "lead")
    factories.moved_to(world, "wrap_up", released_at=timezone.now())
    fields = {**SAYS["lock_proposal"], "notes": notes}
    proposal = written(world, "lock_proposal", "lead", fields=fields)
    signed(world, proposal, "prepared", "lead")
    assert "SO-04" in rules_open(world)
    signed(world, proposal, "partner_reviewed", "partner")
    only_the_file(world)
    with acts(world, "partner"):
        assert ReviewNote.objects.exists() is (notes == "keep")
        assert TrailEntry.objects.filter(verb="notes_dropped").exists() is (notes == "drop")


def only_the_file(world):
    """Lock, with what other parts ask for done."""
    factories.taken_on(world, ("lock", Role.PARTNER))
    assert world.engagement.status == "locked"


def test_lk_05_a_withdrawn_file_is_locked_on_a_signed_proposal_as_it_stands(world):
    written(world)  # nobody has signed it, and nobody will
    moved(world, "withdraw", note="No assertion.", told_client="By letter.")
    with pytest.raises(MoveRefused, match="Proposal to lock"):
        moved(world, "lock")
    cure(factories.Cast(world), world.engagement)
    assert "is not prepared yet" not in texts(world)
    only_the_file(world)


def test_lk_03_a_locked_file_takes_an_addendum_reviewed_by_the_partner_and_nothing_else(world):
    said = {"reason": "A letter came late.", "effect": "None."}
    with pytest.raises(Refused, match="locked file"):
        written(world, "addendum", "lead", fields=said)
    kept = written(world)
    factories.moved_to(world, "locked")
    with pytest.raises(Refused, match="LK-03"):
        written(world)
    with pytest.raises(PermissionDenied):
        written(world, "addendum", "senior", fields=said)
    addendum = written(world, "addendum", "lead", fields=said)
    with acts(world, "lead") as by:
        sign_offs.open_paper(world.engagement, "addendum", addendum.pk, by=by)
    signed(world, addendum, "prepared", "lead")
    signed(world, addendum, "partner_reviewed", "partner")
    assert standing(world, addendum).missing == ()
    with pytest.raises(IntegrityError, match="LK-03"):
        signed(world, kept, "prepared", "auditor")
    with acts(world, "lead") as by:
        for change in ("UPDATE audits_workpaper SET title = 'x'", "DELETE FROM audits_workpaper"):
            with pytest.raises(IntegrityError, match="LK-03"):
                raw(change)
        with pytest.raises(IntegrityError, match="LK-03"):
            workpapers.change(addendum, text="More.", by=by)
        assert Workpaper.objects.count() == 2
