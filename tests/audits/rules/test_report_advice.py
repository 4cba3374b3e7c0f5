"""Which report the questionnaire points to, row by row of soc.md, section 5."""

from __future__ import annotations

from datetime import date

import pytest

from audits.rules.periods import gap, gap_in_words
from audits.rules.report_advice import (
    QUESTIONS,
    Answers,
    as_kept,
    difference,
    from_kept,
    recommend,
)
from tenants.rules.engagements import Terms, covers, doubts

LOOKED_BACK = {"proof_over_time": True}


def names(**answers):
    return [each.name for each in recommend(Answers(**answers))]


def categories(**answers):
    (one,) = recommend(Answers(asked_about_trust=True, **answers))
    return set(one.categories) - {"security"}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, []),
        ({"moves_money": True}, []),  # nobody's auditor relies on it
        ({"auditors_rely": True}, []),
        ({"moves_money": True, "auditors_rely": True}, ["SOC 1 Type 2"]),
        ({"asked_about_trust": True}, ["SOC 2 Type 2"]),
        ({"moves_money": True, "auditors_rely": True, "asked_about_trust": True},
         ["SOC 1 Type 2", "SOC 2 Type 2"]),
        ({"for_the_public": True}, ["SOC 2 Type 2", "SOC 3 Type 2"]),
        ({"for_the_public": True, "needed_soon": True}, ["SOC 2 Type 1"]),  # RT-05
    ],
)  # fmt: skip
def test_the_report_follows_from_who_relies_on_what(answers, expected):
    assert names(**answers) == expected


@pytest.mark.parametrize(
    ("answers", "exam"),
    [
        ({"first_report": True}, "T1"), ({"needed_soon": True}, "T1"),
        ({"controls_are_new": True}, "T1"), ({"proof_over_time": True}, "T2"), ({}, "T2"),
        ({"first_report": True, "proof_over_time": True}, "T2"),
        ({"needed_soon": True, "proof_over_time": True}, "T1"),
    ],
)  # fmt: skip
def test_the_type_follows_from_the_time_there_is(answers, exam):
    (one,) = recommend(Answers(asked_about_trust=True, **answers))
    assert one.exam == exam
    assert one.why


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, set()),
        ({"promises_uptime": True}, {"availability"}),
        ({"promises_correct_output": True}, {"processing_integrity"}),
        ({"promises_secrecy": True}, {"confidentiality"}),
        ({"holds_personal_data": True, "promises_to_persons": True}, {"privacy"}),
        ({"holds_personal_data": True}, {"confidentiality"}),
        ({"promises_to_persons": True}, set()),
    ],
)
def test_categories_follow_from_the_promises_made(answers, expected):
    assert categories(**answers) == expected


def test_every_answer_is_asked_once():
    assert [each.name for each in QUESTIONS] == list(Answers.__dataclass_fields__)


def test_what_was_chosen_is_compared_with_what_fits():
    fits = recommend(Answers(asked_about_trust=True, promises_uptime=True, **LOOKED_BACK))
    assert from_kept(as_kept(fits)) == fits
    assert difference(fits, Terms("SOC2", "T2", ("availability", "security"))) == ""
    assert difference(fits, Terms("SOC2", "T1", ("security", "availability"))) == (
        "The answers point to a SOC 2 Type 2; this is a SOC 2 Type 1."
    )
    said = difference(fits, Terms("SOC2", "T2", ("security", "privacy")))
    assert said == "The answers would leave out Privacy and include Availability."
    assert "none of the SOC reports" in difference([], Terms("SOC1", "T2"))
    pair = recommend(Answers(True, True, True, **LOOKED_BACK))
    assert difference(pair, Terms("SOC1", "T2")) == ""


@pytest.mark.parametrize(
    ("report", "start", "end", "said"),
    [
        ("SOC1", date(2025, 1, 1), date(2025, 6, 30), []),
        ("SOC1", date(2025, 3, 1), date(2025, 8, 30), [("RT-13", False)]),  # a day short
        ("SOC2", date(2025, 2, 1), date(2025, 4, 30), []),
        ("SOC2", date(2025, 1, 1), date(2025, 3, 30), [("RT-13", False)]),
        ("SOC2", date(2025, 1, 1), date(2025, 2, 27), [("RT-13", True)]),
        ("SOC2", date(2025, 1, 1), date(2025, 12, 31), []),
        ("SOC2", date(2025, 1, 1), date(2026, 1, 1), [("RT-13", False)]),
    ],
)
def test_rt_13_periods_are_counted_in_calendar_months(report, start, end, said):
    of = ("security",) if report == "SOC2" else ()
    found = doubts(Terms(report, "T2", of, None, start, end))
    assert [(each.rule, each.decided) for each in found] == said


def test_rt_12_security_is_left_out_by_a_partner_alone():
    year = (None, date(2025, 1, 1), date(2025, 12, 31))
    assert doubts(Terms("SOC2", "T2", ("security", "privacy"), *year)) == []
    (found,) = doubts(Terms("SOC2", "T2", ("privacy",), *year))
    assert (found.rule, found.decided) == ("RT-12", True)


def test_months_end_where_the_month_does():
    assert covers(date(2025, 8, 31), date(2026, 2, 27), 6)
    assert not covers(date(2025, 8, 31), date(2026, 2, 26), 6)


@pytest.mark.parametrize(
    ("end", "days", "words"),
    [
        (date(2025, 9, 30), 0, ""),
        (date(2025, 9, 27), 3, "There is a gap of 3 days"),
        (date(2025, 10, 1), -1, "There is an overlap of 1 day"),
    ],
)
def test_rt_14_a_period_begins_the_day_after_the_last_one(end, days, words):
    assert gap(end, date(2025, 10, 1)) == days
    assert gap_in_words(days) == words
