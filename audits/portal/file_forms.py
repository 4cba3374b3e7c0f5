"""Forms of the firm's file: a workpaper with the fields of its kind, signatures, notes."""

from __future__ import annotations

from typing import Any

from django import forms

from audits.actions.review_notes import LONGEST
from audits.models.workpapers import Workpaper
from audits.papers import PAPERS
from audits.rules.workpapers import CHOICE, DATE, KINDS, NUMBER, Field
from tenants.portal.fields import VersionForm


class WorkpaperForm(VersionForm):
    """Title, the fields of the kind, and free text."""

    title = forms.CharField(max_length=160, required=False)
    text = forms.CharField(
        label="Notes", required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip

    def __init__(self, data: Any, kind: str, paper: Workpaper | None = None) -> None:
        held = paper.fields if paper else {}
        initial = {f"of_{name}": value for name, value in held.items()}
        if paper:
            initial |= {"title": paper.title, "text": paper.text, "version": paper.version}
        else:
            initial["title"] = PAPERS[kind].label
        super().__init__(data, initial=initial)
        for field in KINDS[kind].fields:
            self.fields[f"of_{field.name}"] = _form_field(field)
        self.order_fields(["version", "title", *(f"of_{each.name}" for each in KINDS[kind].fields)])

    @property
    def of_kind(self) -> dict[str, str]:
        """The fields of the kind, by name; an emptied one is empty text."""
        return {
            name.removeprefix("of_"): str("" if value is None else value)
            for name, value in self.cleaned_data.items()
            if name.startswith("of_")
        }


def _form_field(field: Field) -> forms.Field:
    common: dict[str, Any] = {
        "label": field.label, "required": field.required, "help_text": field.help,
        "error_messages": {"required": f"Fill in “{field.label}”."},
    }  # fmt: skip
    if field.form == CHOICE:
        choices = (("", "Choose"), *field.choices)
        return forms.ChoiceField(choices=choices, **common)
    if field.form == NUMBER:
        return forms.IntegerField(min_value=0, max_value=999_999, **common)
    if field.form == DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    return forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), **common)


class SignForm(forms.Form):
    """One signature on the paper as it was shown."""

    level = forms.CharField(max_length=16, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SignManyForm(forms.Form):
    """One signature on each of several papers of a kind."""

    level = forms.CharField(max_length=16)
    papers = forms.TypedMultipleChoiceField(
        error_messages={"required": "Choose at least one paper to sign."}
    )


class ReasonForm(VersionForm):
    """A reason."""

    reason = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why."},
    )  # fmt: skip


class DecideForm(forms.Form):
    """Why a rule is set aside on these facts."""

    subject = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why."},
        help_text="It stays in the file, and holds while the facts stay as they are.",
    )  # fmt: skip


class NoteTextForm(forms.Form):
    """The text of a review note, or of its answer."""

    text = forms.CharField(
        label="Note", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something."},
    )  # fmt: skip
