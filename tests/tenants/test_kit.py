"""The words and marks of the page kit: sizes, moments, due dates, people, fields, filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from tenants.portal.steps import steps_at
from tenants.templatetags import kit

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


class Filters(forms.Form):
    """A list's filters."""

    q = forms.CharField(required=False)
    status = forms.MultipleChoiceField(choices=[("open", "Open"), ("draft", "Draft")])
    late = forms.BooleanField(label="Overdue only", required=False)
    order = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (12_345_678, "12.3 MB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_a_size_is_said_in_the_unit_a_person_would_use(size, words):
    assert kit.size_in_words(size) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=30), "Oct 24, 2026"),
        (timedelta(days=-1), "Nov 24, 2026"),
    ],
)
def test_a_moment_is_said_as_distance_until_a_week_has_passed(before, words):
    assert kit.ago_words(NOON - before, NOON) == words


@pytest.mark.parametrize(
    ("days", "words", "tone"),
    [
        (-5, "5 days late", "late"),
        (-1, "1 day late", "late"),
        (0, "due today", "soon"),
        (1, "due tomorrow", "soon"),
        (3, "due in 3 days", "soon"),
        (4, "due in 4 days", "calm"),
    ],
)
def test_a_due_date_says_where_today_stands_to_it(days, words, tone):
    assert (kit.due_in_words(days), kit.due_in_tone(days)) == (words, tone)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dana Whitlock", "DW"),
        ("Jean Luc de la Tour", "JT"),
        ("pat@firm.example", "P"),
        ("lee.wong@firm.example", "LW"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_initials_are_first_and_last(name, letters):
    assert kit.initials(name) == letters


def test_a_persons_color_never_changes_and_is_one_of_twelve():
    people = [f"person{n}@x.example" for n in range(200)]
    assert {kit.hue(person) for person in people} == set(range(12))
    assert kit.hue("Dana@X.example ") == kit.hue("dana@x.example")


def test_an_icon_is_silent_unless_it_has_a_name_of_its_own():
    assert 'aria-hidden="true"' in kit.icon("check")
    assert 'aria-label="a &quot;b&quot;"' in kit.icon("check", label='a "b"')


def test_a_date_field_uses_the_browsers_picker_and_iso_dates():
    class Period(forms.Form):
        start = forms.DateField()

    shown = kit.widget(Period({"start": date(2026, 9, 30)})["start"])
    assert 'type="date"' in shown
    assert 'value="2026-09-30"' in shown


def test_help_and_errors_of_a_field_are_tied_to_its_input():
    class Title(forms.Form):
        title = forms.CharField(help_text="As on the <b>cover</b>.")

    template = Template('{% include "partials/field.html" with field=form.title only %}')
    page = template.render(Context({"form": Title({"title": ""})}))
    assert 'aria-describedby="id_title_helptext' in page
    assert 'id="id_title_helptext"' in page
    assert 'aria-invalid="true"' in page
    assert "As on the &lt;b&gt;cover&lt;/b&gt;." in page


def test_each_active_filter_has_a_chip_that_removes_it_alone():
    request = RequestFactory().get("/?q=chart&status=open&status=draft&late=on&order=due&cursor=x")
    chips = kit.filter_chips(Context({"request": request}), Filters(request.GET))
    assert [(chip["label"], chip["value"]) for chip in chips] == [
        ("Search", "chart"),
        ("Status", "Open"),
        ("Status", "Draft"),
        ("Overdue only", ""),
    ]
    assert chips[1]["url"] == "?q=chart&status=draft&late=on&order=due"


def test_a_captured_block_is_printed_twice_and_stays_escaped():
    template = Template("{% capture name %}{{ text }}{% endcapture %}{{ name }}|{{ name }}")
    assert template.render(Context({"text": "<i>"})) == "&lt;i&gt;|&lt;i&gt;"


def test_the_steps_of_a_wizard_are_done_present_and_to_do():
    shown = steps_at(1, ("Choose", "Look", "Import"), {0: "/choose/"})
    assert [(each["label"], each["state"], each["url"]) for each in shown] == [
        ("Choose", "done", "/choose/"), ("Look", "current", ""), ("Import", "todo", ""),
    ]  # fmt: skip
