"""Forms of the client's system: an entry with the facts of its kind, and what a list holds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from audits.choices.system import ProcessingAspect
from audits.models.system import SystemEntry
from audits.queries.system_entries import next_ref, relatable
from audits.rules.system_entries import KINDS, LIMITS, Told, facts_of, targets_of
from audits.rules.system_facts import CHOICE, DATE, FACT_LIMIT, LIST, YES, Fact
from tenants.models import Organization
from tenants.portal.fields import VersionForm


class EntryFilters(forms.Form):
    """What the list of entries can be narrowed by."""

    q = forms.CharField(label="Search entries", required=False, max_length=100)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    retired = forms.BooleanField(label="Retired only", required=False)

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for and makes sense."""
        self.is_valid()
        asked = {key: value for key, value in self.cleaned_data.items() if value}
        if "q" in asked:
            asked["words"] = asked.pop("q")
        if asked.get("kind") not in KINDS:
            asked.pop("kind", None)
        return asked


class SystemEntryForm(VersionForm):
    """What an entry says: id, name, text, then the facts of its kind and what it is related to."""

    ref = forms.CharField(
        label="Id", max_length=LIMITS["ref"], help_text="Short and yours. It stays."
    )
    title = forms.CharField(label="Name", max_length=LIMITS["title"])
    text = forms.CharField(
        label="What it is", max_length=LIMITS["text"], widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def __init__(
        self, data: Any, client: Organization, kind: str, entry: SystemEntry | None = None,
        owners: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(data, initial=_initial(client, kind, entry))
        self.kind, self.entry = kind, entry
        about = KINDS[kind]
        self.fields["text"].help_text = about.hint
        if entry:
            self.fields["ref"].disabled = True
        if about.categories:
            self.fields["category"] = forms.ChoiceField(choices=[("", "Choose"), *about.categories])
        if about.aspects:
            self.fields["aspects"] = forms.MultipleChoiceField(
                label="What of the processing", required=False, choices=ProcessingAspect.choices,
                widget=forms.CheckboxSelectMultiple,
                help_text="For processing integrity alone; together your commitments name all.",
            )  # fmt: skip
        for fact in facts_of(kind):
            self.fields[fact.name] = _fact_field(fact)
        if targets_of(kind):
            self.fields["related"] = forms.ModelMultipleChoiceField(
                relatable(client, kind, entry.pk if entry else None), required=False,
                label="Related to", widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        if owners is not None:
            self.fields["owner"] = forms.ModelChoiceField(
                owners, required=False, empty_label="Administrators alone", label="Kept by",
                help_text="The control owner who may change it too.",
            )  # fmt: skip

    @property
    def told(self) -> Told:
        """The entry as the form tells it."""
        said = self.cleaned_data
        return Told(
            self.kind, said["ref"], said["title"], said["text"], said.get("category", ""),
            tuple(said.get("aspects", ())),
            {fact.name: _kept(said.get(fact.name)) for fact in facts_of(self.kind)},
        )  # fmt: skip

    @property
    def related(self) -> list[Any]:
        """Ids of the entries it is related to."""
        return [each.pk for each in self.cleaned_data.get("related", ())]


def _kept(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _initial(client: Organization, kind: str, entry: SystemEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"ref": next_ref(client, kind)}
    facts = {
        name: ", ".join(value) if isinstance(value, list) else value
        for name, value in entry.facts.items()
    }
    return {
        "ref": entry.ref, "title": entry.title, "text": entry.text, "category": entry.category,
        "aspects": entry.aspects, "version": entry.version, "owner": entry.owner_id,
        "related": [link.target_id for link in entry.links.all()], **facts,
    }  # fmt: skip


def _fact_field(fact: Fact) -> forms.Field:
    common: dict[str, Any] = {
        "label": fact.label, "required": fact.needed, "help_text": fact.help,
        "error_messages": {"required": f"Fill in “{fact.label}”."},
    }  # fmt: skip
    if fact.form == CHOICE:
        return forms.ChoiceField(choices=[("", "Choose"), *fact.choices], **common)
    if fact.form == YES:
        return forms.BooleanField(**common)
    if fact.form == DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    if fact.form == LIST:
        return forms.CharField(max_length=1_000, **common)
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(max_length=FACT_LIMIT, widget=widget, **common)


class RetireEntryForm(VersionForm):
    """The day from which an entry is no part of the system."""

    on = forms.DateField(label="No part of the system from", initial=timezone.localdate)
