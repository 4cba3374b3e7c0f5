"""The forms of the request pages. They check shape; what is allowed, the actions say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from evidence.choices import (
    Priority,
    RequestKind,
    RequestStatus,
    ReturnReason,
    Sensitivity,
)
from evidence.queries import browsing
from evidence.queries.request_facets import Facets
from tenants.choices import Basis
from tenants.models import Engagement
from tenants.portal.fields import NoteForm

Choices = list[tuple[str, str]]


class Lines(forms.CharField):
    """A text of several lines, which end as they do in Python, whatever the browser sends."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> Any:
        """The text with plain line ends."""
        found = super().to_python(value)
        return found.replace("\r\n", "\n") if isinstance(found, str) else found


class FilterForm(forms.Form):
    """What the request list is narrowed by; view and order go along unseen."""

    q = forms.CharField(label="Search requests", required=False, max_length=100)
    status = forms.ChoiceField(label="Status", required=False)
    kind = forms.ChoiceField(label="Kind", required=False)
    area = forms.ChoiceField(label="Area", required=False)
    owner = forms.ChoiceField(label="Owner", required=False)
    purpose = forms.ChoiceField(label="For", required=False)
    view = forms.CharField(required=False, widget=forms.HiddenInput)
    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict,
        engagement: Engagement,
        facets: Facets,
        purposes: tuple[Choices, Choices],
        *,
        firm: bool,
    ) -> None:
        super().__init__(data)
        hidden = () if firm else (RequestStatus.DRAFT,)
        statuses = [choice for choice in RequestStatus.choices if choice[0] not in hidden]
        controls, items = purposes
        criteria = "Criteria" if engagement.basis == Basis.CRITERION else "Objectives"
        self._choices("status", [("", "Any status"), *statuses])
        self._choices("kind", [("", "Any kind"), *RequestKind.choices])
        self._choices("area", [("", "Any area"), *((area, area) for area in facets.areas)])
        self._choices("owner", [("", "Any owner"), *facets.owners])
        groups = [
            (name, some) for name, some in (("Controls", controls), (criteria, items)) if some
        ]
        self._choices("purpose", [("", f"Any control or {criteria.lower()}"), *groups])
        if not facets.areas:
            del self.fields["area"]
        if not groups:
            del self.fields["purpose"]

    def _choices(self, name: str, choices: Any) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def asked(self) -> browsing.Asked:
        """What is asked for and makes sense; a value that is none counts as not given."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        found["words"] = found.pop("q", "")
        if found.get("order", "").lstrip("-") not in browsing.ORDERS:
            found.pop("order", None)
        if found.get("view") not in browsing.VIEWS:
            found.pop("view", None)
        return browsing.Asked(**found)


class GiveBackForm(NoteForm):
    """Why a submission goes back, in a word and in a text the client can act on (RQ-02)."""

    field_order = ("version", "reason", "note")
    reason = forms.ChoiceField(
        label="What is wrong", error_messages={"required": "Choose what is wrong."}
    )

    def __init__(self, data: Any = None, *, note: str = "required", version: int = 0) -> None:
        super().__init__(data, note=note, version=version)
        self.fields["reason"].choices = [("", "Choose one"), *ReturnReason.choices]  # type: ignore[attr-defined]
        self.fields["note"].label = "What the client should do"
        self.fields["note"].help_text = "The owner reads this first; it stays in the history."
        self.fields["note"].error_messages["required"] = "Say what the client should do."


class AcceptForm(NoteForm):
    """Accepting; where dates do not fit, all the same and with the reason.

    Where a file has no dates there is nothing to judge: no box is offered.
    """

    field_order = ("version", "override", "note")
    override = forms.BooleanField(
        label="Accept it all the same, for the reason below", required=False
    )

    def __init__(self, data: Any = None, *, misfit: bool, version: int = 0) -> None:
        super().__init__(data, note="optional", version=version)
        if misfit:
            self.fields["note"].label = "Note (needed to accept it all the same)"
        else:
            del self.fields["override"]


class DueDateForm(NoteForm):
    """Another due date, with the reason."""

    field_order = ("version", "due_on", "note")
    due_on = forms.DateField(
        label="New due date", widget=forms.DateInput,
        error_messages={"required": "Choose the new day."},
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, note: str, version: int = 0, due_on: Any = None
    ) -> None:
        super().__init__(data, note=note, version=version)
        self.initial["due_on"] = due_on


class TextForm(forms.Form):
    """A message or a note."""

    text = Lines(
        rows=3, label="Message", max_length=10_000,
        error_messages={"required": "Write something first."},
    )  # fmt: skip


class AnswerForm(forms.Form):
    """The client's answer in words; of a population also where it came from."""

    text = Lines(
        rows=4, label="Answer in words", required=False, max_length=20_000,
        help_text="Where files alone do not say it. The auditor reads it once you submit.",
    )  # fmt: skip
    source_query = Lines(
        rows=2, label="Query or report it came from", required=False, max_length=5_000,
    )  # fmt: skip
    run_on = forms.DateField(label="Run on", required=False, widget=forms.DateInput)
    row_count = forms.IntegerField(
        label="Number of rows", required=False, min_value=0, max_value=2_000_000_000
    )

    def __init__(self, data: Any = None, *, population: bool, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        if not population:
            for name in ("source_query", "run_on", "row_count"):
                del self.fields[name]


class CoverageForm(forms.Form):
    """Which dates a file speaks for: a span, or the day it was captured."""

    covers_from = forms.DateField(label="Covers from", required=False, widget=forms.DateInput)
    covers_to = forms.DateField(label="Covers to", required=False, widget=forms.DateInput)
    captured_on = forms.DateField(
        label="Or captured on", required=False, widget=forms.DateInput,
        help_text="For a screenshot or setting.",
    )  # fmt: skip
    expires_on = forms.DateField(
        label="Valid until", required=False, widget=forms.DateInput, help_text="If it expires."
    )

    def clean(self) -> dict[str, Any]:
        """The span runs forward."""
        found = super().clean() or {}
        first, last = found.get("covers_from"), found.get("covers_to")
        if first and last and first > last:
            self.add_error("covers_to", "The dates run backwards.")
        return found


class DatesForm(CoverageForm):
    """The dates of a file that is here, as the person saw them."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class UploadForm(CoverageForm):
    """What is said of files on their way in, all of it optional."""

    expires_on = None  # type: ignore[assignment]
    source_system = forms.CharField(label="Source system", required=False, max_length=120)


class NewVersionForm(UploadForm):
    """One file that replaces another."""

    field_order = ("file",)
    file = forms.FileField(label="File", max_length=1000)


class LookAfterForm(forms.Form):
    """Who of the firm looks after a request."""

    assignee = forms.ChoiceField(label="Looks after it", required=False)

    def __init__(self, data: Any = None, *, people: Choices, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["assignee"].choices = [("", "Nobody yet"), *people]  # type: ignore[attr-defined]


class RequestForm(forms.Form):
    """All that a request says. Controls and scope items are picked in lists of their own."""

    title = forms.CharField(
        label="What is asked for", max_length=500,
        error_messages={"required": "Say in a few words what is asked for."},
    )  # fmt: skip
    description = Lines(
        rows=4, label="Description", required=False, max_length=20_000,
    )  # fmt: skip
    acceptance_hint = Lines(
        rows=2, label="What good evidence looks like", required=False, max_length=5_000,
        help_text="Such as: shows the full month, system name and date visible.",
    )  # fmt: skip
    ref = forms.CharField(
        label="Reference", required=False, max_length=40, help_text="Empty: the next free one."
    )
    area = forms.CharField(label="Area", required=False, max_length=120)
    kind = forms.ChoiceField(label="Kind", choices=RequestKind.choices)
    priority = forms.ChoiceField(label="Priority", choices=Priority.choices)
    due_on = forms.DateField(label="Due date", required=False, widget=forms.DateInput)
    period_from = forms.DateField(label="Period from", required=False, widget=forms.DateInput)
    period_to = forms.DateField(label="Period to", required=False, widget=forms.DateInput)
    as_of = forms.DateField(label="Or as of", required=False, widget=forms.DateInput)
    owner = forms.ChoiceField(label="Owner", required=False)
    owner_email = forms.CharField(
        label="Or by e-mail, if not here yet", required=False, max_length=300,
        help_text="They are suggested to the client’s administrator as a person to invite.",
    )  # fmt: skip
    sensitivity = forms.ChoiceField(label="Who may see it", choices=Sensitivity.choices)
    covers_all_scope = forms.BooleanField(label="It is for everything in scope", required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, people: Choices, sent: bool, new: bool, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields["owner"].choices = [("", "Nobody yet"), *people]  # type: ignore[attr-defined]
        if sent:
            del self.fields["due_on"]
        if not new:
            self.fields["ref"].required = True
            self.fields["ref"].help_text = ""
