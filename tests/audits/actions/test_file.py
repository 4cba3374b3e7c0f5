"""Workpapers, review notes and decisions, and how each holds an engagement until it is cured."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import decisions, review_notes, workpapers
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import Workpaper
from audits.rules.workpapers import KINDS, checked, next_ref
from grc.sample.cures.file import SAYS, cure
from tenants import findings
from tenants.actions import engagements, report_dates
from tenants.errors import Invalid, MoveRefused, NotVisible, Refused
from tenants.findings import BLOCK, OVERRIDE, Finding
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.actions.test_sign_offs import acts, raw, signed, standing, written
from tests.conftest import as_
from tests.evidence import requests


def rules_open(world, phase=""):
    with acts(world, "lead"):
        return [each.finding.rule for each in open_findings(world.engagement, phase) if each.holds]


def texts(world, phase=""):
    with acts(world, "lead"):
        return " ".join(each.finding.text for each in open_findings(world.engagement, phase))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"searched": "All"}, "result"), ({"searched": "", "result": "clear"}, "searched"),
        ({"searched": "All", "result": "maybe"}, "result"), ({"color": "red"}, "fields"),
    ],
)  # fmt: skip
def test_a_paper_has_the_fields_of_its_kind(values, field):
    with pytest.raises(Invalid) as refused:
        checked("conflict_check", values)
    assert refused.value.field == field
    said = {"searched": " All ", "result": "clear", "resolution": ""}
    assert checked("conflict_check", said) == {"searched": "All", "result": "clear"}


def test_numbers_and_dates_are_read_as_such():
    assert checked("budget", {"partner_hours": "24"}) == {"partner_hours": 24}
    for wrong in ("-1", "1.5", "many"):
        with pytest.raises(Invalid, match="whole number"):
            checked("budget", {"partner_hours": wrong})
    events = {**SAYS["subsequent_events"], "covers_to": "2026-11-20"}
    assert checked("subsequent_events", events)["covers_to"] == "2026-11-20"
    with pytest.raises(Invalid, match="date"):
        checked("subsequent_events", {**events, "covers_to": "soon"})


def test_references_count_on_in_their_part_of_the_file(world):
    assert next_ref("acceptance", ["A-1", "A-7", "B-9", "A-x"]) == "A-8"
    first = written(world, "conflict_check", fields=SAYS["conflict_check"])
    assert (first.ref, written(world).ref) == ("A-1", "B-1")
    with pytest.raises(Refused, match="one already"):
        written(world, "conflict_check", fields=SAYS["conflict_check"])


def test_a_draft_goes_with_a_line_in_the_history_and_a_signed_paper_stays_so_05(world):
    draft, kept = written(world), written(world)
    signed(world, kept, "prepared", "auditor")
    with acts(world, "auditor") as by:
        with pytest.raises(Refused, match="SO-05"):
            workpapers.remove(kept, by=by)
        with pytest.raises(IntegrityError, match="SO-05"):
            raw("DELETE FROM audits_workpaper WHERE id = %s", kept.pk)
        workpapers.remove(draft, by=by)
        assert set(Workpaper.objects.values_list("pk", flat=True)) == {kept.pk}


def test_a_quality_review_is_the_reviewer_s_to_write(world):
    said = {"matters": "The opinion.", "conclusion": "Agreed."}
    with pytest.raises(PermissionDenied):
        written(world, "quality_review", "lead", fields=said)
    assert written(world, "quality_review", "reviewer", fields=said).ref == "H-1"
    with pytest.raises(PermissionDenied):
        written(world, "other", "reviewer")


ASKED = sorted((each.asked_at, kind) for kind, each in KINDS.items() if each.asked_at)


@pytest.mark.parametrize(("phase", "kind"), ASKED)
def test_a_phase_does_not_end_without_its_papers_each_signed(world, phase, kind):
    label = dict(Workpaper._meta.get_field("kind").choices)[kind]
    factories.moved_to(world, phase, report_date=date(2026, 11, 20))
    assert f"There is no paper “{label}” yet." in texts(world)
    written(world, kind, "lead", fields={**SAYS[kind], **({"covers_to": "2026-11-20"}
            if kind == "subsequent_events" else {})})  # fmt: skip
    assert f"There is no paper “{label}” yet." not in texts(world)
    assert f"{label}” is not prepared yet" in texts(world)
    cure(factories.Cast(world), world.engagement)
    assert label not in texts(world)


@pytest.mark.parametrize(
    ("phase", "kind", "wrong", "words"),
    [
        ("acceptance", "conflict_check", {"result": "found"}, "how it was resolved"),
        ("acceptance", "acceptance", {"conclusion": "decline"}, "to decline"),
        ("reporting", "subsequent_events", {"covers_to": "2026-11-19"}, "before the report date"),
        ("reporting", "subsequent_events", {"effect": "hold"}, "hold the report"),
    ],
)
def test_a_paper_that_says_no_holds_the_engagement(world, phase, kind, wrong, words):
    factories.moved_to(world, phase, report_date=date(2026, 11, 20))
    right = {**SAYS[kind], **({"covers_to": "2026-11-20"} if phase == "reporting" else {})}
    paper = written(world, kind, "lead", fields={**right, **wrong})
    assert words in texts(world)
    with acts(world, "lead") as by:
        workpapers.change(paper, fields=right, by=by)
    assert words not in texts(world)


def test_planning_takes_a_partner_and_a_manager(world):
    factories.moved_to(world, "planning")
    assert "is on the engagement" not in texts(world)
    raw_owner = "DELETE FROM tenants_assignment WHERE role = 'manager'"
    with acts(world, "partner"):
        raw(raw_owner)
        found = [each.finding.text for each in open_findings(world.engagement)]
    assert "No manager is on the engagement." in found


def test_acceptance_moves_on_once_all_is_written_and_signed(world):
    factories.moved_to(world, "acceptance")
    with acts(world, "partner") as by, pytest.raises(MoveRefused, match="§9"):
        engagements.move(world.engagement, "take_on", by=by)
    factories.taken_on(world, ("take_on", "partner"))
    assert world.engagement.status == "planning"


def test_so_07_an_open_note_holds_the_engagement_until_its_author_or_a_manager_clears_it(world):
    factories.moved_to(world, "review")
    paper = written(world)
    with acts(world, "auditor") as by, pytest.raises(PermissionDenied):
        review_notes.write(world.engagement, "other", paper.pk, text="Why?", by=by)
    with acts(world, "senior") as by:
        note = review_notes.write(world.engagement, "other", paper.pk, text="Why?", by=by)
    assert "SO-07" in rules_open(world)
    with acts(world, "auditor") as by:
        with pytest.raises(PermissionDenied):
            review_notes.clear(note, by=by)
        review_notes.answer(note, text="Because.", by=by)
    assert "SO-07" in rules_open(world)
    with acts(world, "reviewer") as by, pytest.raises(PermissionDenied, match="SO-07"):
        review_notes.clear(note, by=by)
    with acts(world, "lead") as by:
        review_notes.clear(note, by=by)
        with pytest.raises(Refused, match="cleared"):
            review_notes.answer(note, text="More.", by=by)
    assert "SO-07" not in rules_open(world)


def test_so_07_notes_are_dropped_at_wrap_up_alone(world):
    paper = written(world)
    with acts(world, "lead") as by:
        review_notes.write(world.engagement, "other", paper.pk, text="Why?", by=by)
        with pytest.raises(IntegrityError, match="SO-07"):
            raw("DELETE FROM audits_reviewnote")
    factories.moved_to(world, "wrap_up")
    with acts(world, "lead"):
        raw("DELETE FROM audits_reviewnote")
        assert not ReviewNote.objects.exists()


@pytest.mark.parametrize("required", ["yes", "no"])
def test_so_03_a_required_quality_review_comes_before_the_date_of_the_report(world, required):
    fields = {**SAYS["eqr_decision"], "required": required}
    written(world, "eqr_decision", "lead", fields=fields)
    factories.moved_to(world, "reporting")

    def dated():
        with acts(world, "partner") as by:
            return report_dates.set_report_date(world.engagement, date(2026, 11, 20), by=by)

    if required == "no":
        assert dated().report_date == date(2026, 11, 20)
        assert "SO-03" not in rules_open(world)
        return
    with pytest.raises(Refused, match="SO-03"):
        dated()
    assert "SO-03" in rules_open(world)
    said = {"matters": "The opinion.", "conclusion": "Agreed."}
    review = written(world, "quality_review", "reviewer", fields=said)
    with pytest.raises(Refused, match="SO-03"):
        dated()
    signed(world, review, "eqr", "reviewer")
    assert dated().report_date == date(2026, 11, 20)
    assert "SO-03" not in rules_open(world)


@pytest.fixture
def to_decide(monkeypatch):
    """What is open at draft: one rule a partner may set aside, one that nobody does."""
    route = ("tenants:engagement", ())
    found = [
        Finding("RT-13", OVERRIDE, "40 days.", "Lengthen it.", route, facts={"days": 40}),
        Finding("RT-05", BLOCK, "No.", "Change it.", route),
    ]
    monkeypatch.setitem(findings.SOURCES, "draft", [lambda engagement: found])
    return found


def test_a_partner_sets_a_rule_aside_on_the_facts_as_they_are(world, to_decide):
    assert rules_open(world) == ["RT-05", "RT-13"]
    with acts(world, "lead") as by, pytest.raises(PermissionDenied):
        decisions.decide(world.engagement, "RT-13", reason="First year.", by=by)
    with acts(world, "partner") as by:
        with pytest.raises(Refused, match="nobody sets this aside"):
            decisions.decide(world.engagement, "RT-05", reason="Please.", by=by)
        with pytest.raises(Invalid):
            decisions.decide(world.engagement, "RT-13", reason=" ", by=by)
        with pytest.raises(NotVisible):
            decisions.decide(world.engagement, "RT-99", reason="What?", by=by)
        decisions.decide(world.engagement, "RT-13", reason="First year.", by=by)
    assert rules_open(world) == ["RT-05"]
    to_decide[0] = Finding(
        "RT-13", OVERRIDE, "20 days.", "Lengthen it.", to_decide[0].route, facts={"days": 20}
    )
    assert rules_open(world) == ["RT-05", "RT-13"]


def test_lk_04_late_work_takes_a_procedure_a_partner_approved_until_it_is_done(world):
    factories.taken_controls(world)
    requests.sent(world)
    factories.moved_to(world, "wrap_up")
    touch = "UPDATE evidence_evidencerequest SET version = version + 1"
    paper = written(world, "late_procedure", "lead",
                    fields={"what": "Read one more ticket.", "effect": "None."})  # fmt: skip

    def refused():
        with as_(world.client, world.client_organization):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(touch)
                    return not cursor.rowcount
            except IntegrityError as locked:
                return "LK-04" in str(locked)

    assert refused()
    signed(world, paper, "prepared", "lead")
    assert refused()
    signed(world, paper, "partner_reviewed", "partner")
    assert not refused()
    with acts(world, "lead") as by:
        with pytest.raises(Refused, match="LK-04"):
            workpapers.change(paper, fields={"what": "Everything."}, by=by)
        workpapers.change(paper, fields={"closed_on": "2026-11-21"}, by=by)
    assert refused()
    assert standing(world, paper).missing == ("prepared", "partner_reviewed")
