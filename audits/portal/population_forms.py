"""Forms of populations and samples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django import forms

from audits.actions.populations import LIMITS, Told
from audits.actions.samples import BECAUSE, Choice
from audits.choices.populations import BY_HAND, DateOrder, PopulationPart, SampleMethod
from audits.models.populations import Population
from audits.queries.samples import Asked
from audits.rules.firm_tables import MOST_ITEMS
from audits.rules.population_rows import Layout
from tenants.portal.fields import VersionForm

TWO_ROWS: Final = {"rows": 2}


class ToldForm(forms.Form):
    """What is told of a list, whatever way its rows come in."""

    part = forms.ChoiceField(label="Which part of the period", choices=PopulationPart.choices)
    covers_from = forms.DateField(label="First day it covers")
    covers_to = forms.DateField(label="Last day it covers")
    unit = forms.CharField(
        label="What one row is", max_length=LIMITS["unit"],
        help_text="One performance of the control, such as one request for access.",
    )  # fmt: skip
    source = forms.CharField(
        label="Where it comes from", max_length=LIMITS["source"],
        help_text="The system, and the report or screen in it.",
    )  # fmt: skip
    query = forms.CharField(
        label="Query or filter", max_length=LIMITS["query"], widget=forms.Textarea(attrs=TWO_ROWS)
    )
    run_by = forms.CharField(label="Run by", max_length=LIMITS["run_by"])
    run_at = forms.DateTimeField(
        label="Run at", help_text="After the last day it covers, in your organization’s time zone."
    )
    key_columns = forms.CharField(
        label="Columns that name a row", required=False, max_length=1_000,
        help_text="Headings, one to a line or with | between them. None: the row’s number.",
        widget=forms.Textarea(attrs=TWO_ROWS),
    )  # fmt: skip
    date_column = forms.CharField(
        label="Column of the day", required=False, max_length=300,
        help_text="When the control was performed; shows whether items reach every quarter.",
    )  # fmt: skip
    date_order = forms.ChoiceField(
        label="How its dates are written", choices=DateOrder.choices, required=False
    )
    replaces = forms.ChoiceField(
        label="It corrects", required=False,
        help_text="The corrected one stays in the file with its sample; this one is drawn anew.",
    )  # fmt: skip

    def __init__(self, data: Any, standing: Iterable[Population], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._standing = {str(row.pk): row for row in standing}
        choices = [(key, str(row)) for key, row in self._standing.items()]
        self.fields["replaces"].choices = [("", "None"), *choices]
        if not choices:
            del self.fields["replaces"]

    @property
    def told(self) -> Told:
        """The list as the form tells it."""
        said = self.cleaned_data
        keys = said["key_columns"].replace("\r", "").replace("|", "\n").split("\n")
        layout = Layout(
            tuple(key.strip() for key in keys if key.strip()), said["date_column"],
            said["date_order"] or DateOrder.YEAR_FIRST,
        )  # fmt: skip
        return Told(
            part=said["part"], covers=(said["covers_from"], said["covers_to"]), unit=said["unit"],
            source=said["source"], query=said["query"], run_by=said["run_by"],
            run_at=said["run_at"], layout=layout,
            replaces=self._standing.get(said.get("replaces", "")),
        )  # fmt: skip


class WriteInForm(ToldForm):
    """A short list, its rows pasted."""

    rows = forms.CharField(
        label="The rows", max_length=4_000_000, strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="As copied from a sheet, or as CSV. The first line holds the headings.",
    )  # fmt: skip


class AcceptForm(VersionForm):
    """How a list is known to be complete, and its rows true."""

    completeness = forms.CharField(
        label="How you know that no row is missing", max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="An independent count, unbroken numbers, or a trace from another source.",
    )  # fmt: skip
    accuracy = forms.CharField(
        label="How you know that its rows are true", max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Which rows you traced to their source, and what you saw.",
    )  # fmt: skip
    counted = forms.IntegerField(
        label="Rows by an independent count", required=False, min_value=0, max_value=2_000_000,
        help_text="Where there is one; it must be the number of rows of the list.",
    )  # fmt: skip
    zero_checked = forms.BooleanField(
        label="I made sure that nothing happened in this time", required=False
    )

    def __init__(self, data: Any, population: Population) -> None:
        super().__init__(data, initial={"version": population.version})
        if population.row_count:
            del self.fields["zero_checked"]


class DrawForm(forms.Form):
    """How items are to be chosen."""

    method = forms.ChoiceField(label="Method", choices=SampleMethod.choices)
    size = forms.IntegerField(label="Items", min_value=1, max_value=MOST_ITEMS, required=False)
    keys = forms.CharField(
        label="Rows by hand", required=False, max_length=650_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For a choice by hand: the keys of the rows, one to a line.",
    )  # fmt: skip
    why = forms.CharField(
        label="Why", required=False, max_length=4_000, widget=forms.Textarea(attrs=TWO_ROWS),
        help_text="For a choice by hand, or another size than the firm’s table says.",
    )  # fmt: skip

    def __init__(self, data: Any, asked: Asked) -> None:
        super().__init__(data, initial={"size": asked.sized.size, "method": SampleMethod.RANDOM})
        self.fields["size"].help_text = f"The firm’s table says {asked.sized.size}."

    @property
    def choice(self) -> Choice:
        """The choice as the form tells it."""
        said = self.cleaned_data
        by_hand = said["method"] in BY_HAND
        return Choice(
            said["method"], said["size"], said["why"], keys_in(said["keys"]) if by_hand else ()
        )


class ExpandForm(forms.Form):
    """How many more, and why."""

    count = forms.IntegerField(label="How many more", min_value=1, max_value=MOST_ITEMS)
    reason = forms.CharField(
        label="Why", max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="An expansion never thins out a failure that has a system to it.",
    )  # fmt: skip


class AddForm(forms.Form):
    """Which rows more, and why."""

    keys = forms.CharField(
        label="Keys of the rows", max_length=650_000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One to a line.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    @property
    def named(self) -> list[str]:
        """The keys."""
        return keys_in(self.cleaned_data["keys"])


class ReplaceForm(forms.Form):
    """Why an item is replaced."""

    because = forms.ChoiceField(
        label="What is wrong with the row", choices=list(BECAUSE.items()),
        help_text="Evidence that is not available is a deviation, and no reason.",
    )  # fmt: skip
    reason = forms.CharField(
        label="How you know", max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )


def keys_in(text: str) -> list[str]:
    """The keys of a text, one to a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
