"""Forms of testing: what is thought of a control, a test, its steps, its conclusion, a report."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.utils import timezone

from audits.actions.control_tests import LONGEST
from audits.actions.ipe_checks import LIMITS, Checked
from audits.actions.test_plans import Covers
from audits.choices.testing import (
    CONCLUSIONS,
    ProcedureNature,
    Risk,
    RiskFactor,
    TestConclusion,
    TestKind,
)
from audits.models.control_tests import ControlTest
from audits.rules.testing import OTHERS, Attribute, Step
from tenants.choices import ExamType
from tenants.models import Engagement
from tenants.portal.fields import VersionForm

NATURES: Final = ", ".join(each.label.lower() for each in ProcedureNature)
_STEP = re.compile(r"^\s*(\w+)\s*[:\u2013\u2014-]\s*(.*)$", re.DOTALL)
_LETTERED = re.compile(r"^\s*([A-Z]{1,2})\s*[:.)]\s+(.*)$", re.DOTALL)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ThoughtForm(VersionForm):
    """What is thought of a control before it is tested."""

    key = forms.BooleanField(
        label="Key control", required=False,
        help_text="What it answers to fails without it. Only key controls must be tested.",
    )  # fmt: skip
    risk = forms.ChoiceField(choices=Risk.choices)
    factors = forms.MultipleChoiceField(
        label="Why the risk is higher", choices=RiskFactor.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    assigned_to = forms.ChoiceField(label="Who works on it", required=False)
    dependents_of = forms.MultipleChoiceField(
        label="Controls it rests on", required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text="Such as the change and access controls of the system it runs in (TP-06).",
    )  # fmt: skip

    def __init__(self, data: Any, people: Any, controls: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: Any = self.fields
        fields["assigned_to"].choices = [("", "Nobody in particular"), *people]
        fields["dependents_of"].choices = controls


class CoversForm(VersionForm):
    """What a test covers and how it is told."""

    covers_from = forms.DateField(label="From", required=False)
    covers_to = forms.DateField(
        label="To", required=False, help_text="Left empty, the whole period."
    )
    planned_size = forms.IntegerField(label="Items planned", required=False, min_value=1)
    report_wording = forms.CharField(
        label="As the report tells it", required=False, max_length=LONGEST, widget=_area(3),
        help_text="Readers of the report see this, and never the notes.",
    )  # fmt: skip
    notes = forms.CharField(
        label="Notes of the firm", required=False, max_length=LONGEST, widget=_area(3)
    )
    others_who = forms.CharField(
        label="Work of others used (optional)", required=False, max_length=LONGEST,
        help_text="Internal audit or a specialist: then tell all four (TP-09).",
    )  # fmt: skip
    others_competence = forms.CharField(
        label="Their competence", required=False, max_length=LONGEST
    )
    others_objectivity = forms.CharField(
        label="Their objectivity", required=False, max_length=LONGEST
    )
    others_reperformed = forms.CharField(
        label="What of it you did again", required=False, max_length=LONGEST
    )

    def __init__(self, data: Any, kind: str = "", test: ControlTest | None = None) -> None:
        super().__init__(data, initial=_told(test) if test else None)
        if kind == TestKind.DESIGN:
            for name in ("covers_from", "covers_to"):
                del self.fields[name]

    @property
    def told(self) -> Covers:
        """The test as the form tells it."""
        values = dict(self.cleaned_data)
        values.pop("version", None)
        others = {name: values.pop(f"others_{name}") for name in OTHERS}
        values.pop("kind", None)
        return Covers(**values, others_work={name: text for name, text in others.items() if text})


def _told(test: ControlTest) -> dict[str, Any]:
    names = ("version", "covers_from", "covers_to", "planned_size", "report_wording", "notes")
    others = {f"others_{name}": test.others_work.get(name, "") for name in OTHERS}
    return {**{name: getattr(test, name) for name in names}, **others}


class NewTestForm(CoversForm):
    """One more test of a control."""

    kind = forms.ChoiceField(choices=TestKind.choices, label="It tests")

    def __init__(self, data: Any, engagement: Engagement, kind: str) -> None:
        super().__init__(data)
        fields: Any = self.fields
        if engagement.exam_type == ExamType.TYPE_1:
            fields["kind"].choices = TestKind.choices[:1]
        fields["kind"].initial = kind
        self.order_fields(["kind"])


class StepsForm(VersionForm):
    """Steps and attributes as lines of text, so that whole plans can be pasted."""

    step_lines = forms.CharField(
        label="Steps, one a line", max_length=LONGEST, required=False, widget=_area(8),
        help_text=f"Each opens with what you do: {NATURES}. Such as “Inspection: read the ticket”.",
    )  # fmt: skip
    attribute_lines = forms.CharField(
        label="Attributes, one a line", max_length=LONGEST, required=False, widget=_area(6),
        help_text="What is asked of every item. “A: …” keeps its letter; a new line gets the next.",
    )  # fmt: skip

    def clean_step_lines(self) -> list[Step]:
        """The steps. Raises ValidationError naming the line."""
        known = {each.label.lower(): each.value for each in ProcedureNature}
        found = []
        for number, line in _lines(self.cleaned_data["step_lines"]):
            said = _STEP.match(line)
            if said is None or said[1].lower() not in known or not said[2].strip():
                raise forms.ValidationError(
                    f"Line {number}: open with one of {NATURES}, a colon, and what to do."
                )
            found.append(Step(known[said[1].lower()], said[2].strip()))
        return found

    def clean_attribute_lines(self) -> list[Attribute]:
        """The attributes, with the letters that are said."""
        found = []
        for _, line in _lines(self.cleaned_data["attribute_lines"]):
            said = _LETTERED.match(line)
            found.append(Attribute(said[2], said[1]) if said else Attribute(line.strip()))
        return found

    @staticmethod
    def of(test: ControlTest) -> dict[str, Any]:
        """What the form shows of a test."""
        return {
            "version": test.version,
            "step_lines": "\n".join(
                f"{each.get_nature_display()}: {' '.join(each.instruction.split())}"
                for each in test.procedures.all()
            ),
            "attribute_lines": "\n".join(
                f"{each.letter}: {' '.join(each.text.split())}" for each in test.attributes.all()
            ),
        }


def _lines(text: str) -> list[tuple[int, str]]:
    return [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]


class TemplateForm(VersionForm):
    """The test whose steps are copied."""

    template = forms.ChoiceField(label="Copy from")

    def __init__(self, data: Any, tests: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: Any = self.fields
        fields["template"].choices = tests


class ConclusionForm(VersionForm):
    """What a test came to."""

    conclusion = forms.ChoiceField(widget=forms.RadioSelect)
    conclusion_reason = forms.CharField(
        label="What it rests on", max_length=LONGEST, widget=_area(4)
    )

    def __init__(self, data: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        fields: Any = self.fields
        fields["conclusion"].choices = [
            (each.value, each.label)
            for each in CONCLUSIONS[TestKind(kind)]
            if each != TestConclusion.SKIPPED
        ]


class ReopenForm(VersionForm):
    """Why a concluded test goes on."""

    note = forms.CharField(
        label="Reason", max_length=2_000, widget=_area(3),
        help_text="Signatures on the test go stale. The firm alone can read it, in the history.",
    )  # fmt: skip


class IpeForm(VersionForm):
    """A report that the client made, and what shows that it can be relied on."""

    report = forms.CharField(max_length=LIMITS["report"])
    source = forms.CharField(label="System it comes from", max_length=LIMITS["source"])
    query = forms.CharField(
        label="Query or parameters", required=False, max_length=LIMITS["query"], widget=_area(2)
    )
    run_by = forms.CharField(label="Run by", max_length=LIMITS["run_by"])
    run_at = forms.DateTimeField(
        label="Run at", initial=timezone.localtime,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    row_count = forms.IntegerField(label="Rows", min_value=0, max_value=2_000_000_000)
    completeness = forms.CharField(
        max_length=LIMITS["completeness"], widget=_area(3),
        help_text="What shows that no row is missing: a count from elsewhere, gaps in a sequence.",
    )  # fmt: skip
    accuracy = forms.CharField(
        max_length=LIMITS["accuracy"], widget=_area(3),
        help_text="What shows that its rows are right: a few traced to where they come from.",
    )  # fmt: skip

    @property
    def told(self) -> Checked:
        """The check as the form tells it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return Checked(**values)
