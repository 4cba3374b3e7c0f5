"""Fields and small forms that several pages share."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

import holidays
from django import forms
from django.utils.translation import gettext

COMMON_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Toronto",
    "America/Vancouver", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Asia/Kolkata",
    "Asia/Singapore", "Australia/Sydney", "UTC",
)  # fmt: skip
REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def time_zones() -> list[tuple[str, list[tuple[str, str]]]]:
    """Time zones to choose from: the usual ones, then all by region."""
    names = sorted(available_timezones())
    regions = [
        (region, [_named(name) for name in names if name.startswith(region + "/")])
        for region in REGIONS
    ]
    return [("Usual", [_named(name) for name in COMMON_ZONES]), *regions]


def holiday_countries() -> list[tuple[str, str]]:
    """Countries whose public holidays are known, by code; the empty choice counts weekends only."""
    codes = sorted(code for code in holidays.list_supported_countries() if len(code) == 2)
    return [
        ("", "Weekends only"),
        ("US", "US · United States"),
        *((code, code) for code in codes if code != "US"),
    ]


class TimeZoneField(forms.ChoiceField):
    """One of the world's time zones."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Time zone")
        super().__init__(choices=time_zones, **kwargs)


READ_BY_BOTH = "Both sides can read it in the history."
READ_BY_FIRM = "The firm alone can read it, in the history."


class NoteForm(forms.Form):
    """The form of a move: the version the person saw, and a reason where one is asked.

    `note` is "", "optional" or "required", as `lifecycle.Move.note` has it.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label="Note", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, data: Any = None, *, note: str = "", version: int = 0, read_by: str = READ_BY_BOTH
    ) -> None:
        super().__init__(data, initial={"version": version})
        if not note:
            del self.fields["note"]
            return
        field = self.fields["note"]
        field.required = note == "required"
        field.label = "Reason" if field.required else "Note (optional)"
        field.error_messages["required"] = gettext("Say why: a reason is needed.")
        field.help_text = read_by


class VersionForm(forms.Form):
    """The form of a plain confirmation: only the version the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _named(name: str) -> tuple[str, str]:
    return name, name.replace("_", " ")
