"""The forms of the library: what a control tells, a list to bring in, an objective."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils import timezone

from audits.choices import ControlFrequency, ControlNature, ControlType, ObjectiveGroup
from audits.queries.library import criteria_known, objectives_known
from audits.rules.controls import LIMITS, ControlFields
from audits.rules.criteria import RequirementKind, parse_references
from tenants.models import Organization
from tenants.portal.fields import VersionForm

BY_LINE = ("systems", "evidence")
BY_REFERENCE = {"criteria": RequirementKind.TSC, "objectives": RequirementKind.OBJECTIVE}


class LibraryFilters(forms.Form):
    """What the list of controls can be narrowed by."""

    q = forms.CharField(label="Search controls", required=False, max_length=100)
    frequency = forms.ChoiceField(
        label="Frequency",
        required=False,
        choices=[("", "Any frequency"), *ControlFrequency.choices],
    )
    nature = forms.ChoiceField(
        label="Nature", required=False, choices=[("", "Any nature"), *ControlNature.choices]
    )
    criterion = forms.ChoiceField(label="Answers to", required=False)
    retired = forms.BooleanField(label="Retired only", required=False)

    def __init__(self, data: Any, client: Organization) -> None:
        super().__init__(data)
        criteria = [(one, one) for one in criteria_known()]
        objectives = [(one, one) for one in objectives_known(client)]
        self.fields["criterion"].choices = [  # type: ignore[attr-defined]
            ("", "Any criterion or objective"), ("Criteria", criteria), ("Objectives", objectives),
        ]  # fmt: skip

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        asked = {key: value for key, value in self.cleaned_data.items() if value}
        if "q" in asked:
            asked["words"] = asked.pop("q")
        return asked


class ControlForm(forms.Form):
    """What a control tells; the id only while it is new."""

    ref = forms.CharField(
        label="Id", max_length=LIMITS["ref"], help_text="Short and yours, such as AC-01. It stays."
    )
    title = forms.CharField(max_length=LIMITS["title"])
    narrative = forms.CharField(
        max_length=LIMITS["narrative"],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Who does what, when, in which system, what record is kept and where, and what "
        "happens when it fails. 60 to 120 words let a stranger repeat it.",
    )
    owner_role = forms.CharField(
        label="Owner", max_length=LIMITS["owner_role"], help_text="A role, not a name."
    )
    frequency = forms.ChoiceField(choices=ControlFrequency)
    nature = forms.ChoiceField(choices=ControlNature)
    type = forms.ChoiceField(choices=ControlType)
    systems = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="One a line."
    )
    criteria = forms.CharField(
        label="Trust services criteria",
        required=False,
        max_length=1_000,
        help_text="Such as CC6.1, CC6.2 or a range, CC6.1-CC6.3.",
    )
    objectives = forms.CharField(
        label="SOC 1 control objectives",
        required=False,
        max_length=1_000,
        help_text="Yours or those of the catalog, such as CO-01.",
    )
    evidence = forms.CharField(
        label="Usual evidence",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What shows that the control ran, one line each.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, client: Organization, told: ControlFields | None = None,
                 version: int | None = None) -> None:  # fmt: skip
        super().__init__(data, initial={"version": version, **(_initial(told) if told else {})})
        self.client = client
        if told:
            self.fields["ref"].disabled = True
            self.fields["ref"].help_text = "Engagements and requests name it, so it stays."

    @property
    def told(self) -> ControlFields:
        """The control as the form tells it."""
        return ControlFields(
            **{name: value for name, value in self.cleaned_data.items() if name != "version"}
        )

    def clean_systems(self) -> tuple[str, ...]:
        """One system a line."""
        return _lines(self.cleaned_data["systems"])

    def clean_evidence(self) -> tuple[str, ...]:
        """One kind of evidence a line."""
        return _lines(self.cleaned_data["evidence"])

    def clean_criteria(self) -> tuple[str, ...]:
        """The criteria that the text names."""
        return self._references("criteria", criteria_known())

    def clean_objectives(self) -> tuple[str, ...]:
        """The objectives that the text names."""
        return self._references("objectives", objectives_known(self.client))

    def _references(self, field: str, known: list[str]) -> tuple[str, ...]:
        found = parse_references(
            self.cleaned_data[field], kind=BY_REFERENCE[field], known=known, in_scope=known
        )
        if wrong := [problem.message for problem in found.problems if problem.is_error]:
            raise forms.ValidationError(wrong)
        return found.identifiers


class RetireForm(VersionForm):
    """The day from which a control runs no more."""

    on = forms.DateField(label="Runs no more from", initial=timezone.localdate)


class WhyForm(forms.Form):
    """One line why a control answers to a criterion or objective."""

    rationale = forms.CharField(
        label="Why, in one line", max_length=300, required=False,
        help_text="What in the control meets it.",
    )  # fmt: skip


class ListForm(forms.Form):
    """A control list to read."""

    file = forms.FileField(
        label="Control list (CSV)",
        help_text="One control a row, up to 4 MB: id, title, narrative, owner role, frequency, "
        "nature and type; systems, criteria, objectives and usual evidence where you have them.",
    )


class ObjectiveForm(VersionForm):
    """A control objective in the client's words."""

    ref = forms.CharField(label="Id", max_length=20, help_text="Such as CO-01. It stays.")
    group = forms.ChoiceField(label="About", choices=ObjectiveGroup)
    domain = forms.CharField(max_length=80, help_text="Such as payroll processing.")
    title = forms.CharField(max_length=160)
    text = forms.CharField(
        label="Objective", max_length=4_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="“Controls give reasonable assurance that …”: specific enough to be tested.",
    )  # fmt: skip


def _initial(told: ControlFields) -> dict[str, str]:
    joined = {name: "\n".join(getattr(told, name) or ()) for name in BY_LINE}
    joined |= {name: ", ".join(getattr(told, name) or ()) for name in BY_REFERENCE}
    return {**asdict(told), **joined}


def _lines(text: str) -> tuple[str, ...]:
    lines = {line.strip().casefold(): line.strip() for line in reversed(text.splitlines())}
    return tuple(reversed([line for line in lines.values() if line]))
