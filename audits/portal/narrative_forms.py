"""The forms around a narrative: a version, a proposal, an approval, a document."""

from __future__ import annotations

from django import forms

from audits.rules.controls import LIMITS
from tenants.portal.fields import VersionForm


class NarrativeForm(forms.Form):
    """A control told anew."""

    text = forms.CharField(
        label="Narrative", max_length=LIMITS["narrative"],
        widget=forms.Textarea(attrs={"rows": 12}),
    )  # fmt: skip
    effective_from = forms.DateField(
        label="Runs so since (optional)",
        required=False,
        help_text="The first day the control ran this way. Auditors may test both versions.",
    )


class ApproveForm(forms.Form):
    """The version a person read before they approve it."""

    number = forms.IntegerField(widget=forms.HiddenInput)


class RefuseForm(VersionForm):
    """Why a proposal is not taken."""

    reason = forms.CharField(
        max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Whoever proposed it reads this.",
    )  # fmt: skip


class DocumentForm(forms.Form):
    """A document of narratives to read."""

    file = forms.FileField(
        label="Narratives (Markdown or Word)",
        help_text="Each control is a heading that opens with its id, with its text below. Export "
        "first: the file comes in the right shape.",
        widget=forms.FileInput(attrs={"accept": ".md,.markdown,.docx"}),
    )
