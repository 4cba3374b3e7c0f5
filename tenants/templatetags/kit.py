"""Tags and filters of the page kit: icons, people, sizes, moments, statuses, form fields.

Everything here prints; nothing reads the database. docs/design-kit.md shows each in use.
"""

from __future__ import annotations

import datetime as dt
import json as json_
import zlib
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.base import NodeList, Parser, Token
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

HUES = 12
SOON_DAYS = 3
UNITS = ("bytes", "kB", "MB", "GB", "TB")

STATUS_ICONS = {
    "draft": "circle-dashed",
    "open": "circle",
    "reopened": "rotate-clockwise",
    "in_progress": "circle-half",
    "submitted": "circle-arrow-up",
    "under_review": "eye",
    "accepted": "circle-check-filled",
    "returned": "arrow-back-up",
    "na_proposed": "help-circle",
    "not_applicable": "circle-minus",
    "withdrawn": "circle-x",
    "queued": "clock",
    "assembling": "loader-2",
    "ready": "circle-check-filled",
    "failed": "alert-circle-filled",
    "invited": "mail",
    "active": "circle-check",
    "ended": "circle-minus",
    "acceptance": "clipboard-check",
    "planning": "list-check",
    "walkthrough": "eye-check",
    "fieldwork": "clipboard-data",
    "review": "report-search",
    "reporting": "report-analytics",
    "released": "certificate",
    "wrap_up": "archive",
    "locked": "lock",
    "on_hold": "player-pause",
    "create": "plus",
    "update": "pencil",
    "skip": "arrow-forward-up",
    "duplicate": "copy",
    "error": "alert-circle",
}


class DayInput(forms.DateInput):
    """The browser's own date picker, which reads and writes ISO dates only."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


def _sprite() -> str:
    """Address of the icon sprite, hashed name included when static files are collected."""
    return static("vendor/tabler/sprite.svg")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; `label` names it for screen readers when no text stands beside it."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#tabler-{}"></use></svg>',
            label, _sprite(), name,
        )  # fmt: skip
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#tabler-{}"></use></svg>',
        _sprite(), name,
    )  # fmt: skip


@register.filter
def json(value: Any) -> str:
    """A value as JSON, for a script to read from an attribute; escaped like any text."""
    return json_.dumps(value)


@register.filter
def status_icon(status: str) -> str:
    """Icon name of a status; unknown statuses get a plain dot."""
    return STATUS_ICONS.get(str(status), "point")


@register.filter(name="bytes")
def size_in_words(size_bytes: int | None) -> str:
    """A size for people, in powers of 1000: "512 bytes", "12.3 MB"; empty for None."""
    if size_bytes is None:
        return ""
    size = float(size_bytes)
    for unit in UNITS:
        if size < 999.95 or unit == UNITS[-1]:
            break
        size /= 1000
    if unit == "bytes":
        return f"{int(size)} {'byte' if int(size) == 1 else 'bytes'}"
    return f"{size:.1f} {unit}"


@register.filter
def initials(name: str | None) -> str:
    """Up to two capitals of a name or an e-mail: "Dana Whitlock" is DW, "pat@x.example" is P."""
    words = str(name or "").split("@")[0].replace(".", " ").split()
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def hue(value: object) -> int:
    """A color class number, 0 to 11, always the same for the same text."""
    return zlib.crc32(str(value).strip().lower().encode()) % HUES


@register.filter
def short_hash(digest: str | None) -> str:
    """The first 12 characters of a SHA-256; the full one belongs in a title beside it."""
    return (digest or "")[:12]


def as_day(value: dt.date | dt.datetime) -> dt.date:
    """The local calendar day of a date or an aware moment."""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def american(day: dt.date) -> str:
    """ "Oct 9, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"


def ago_words(at: dt.datetime, now: dt.datetime) -> str:
    """How long before `now`: "just now", "5 min ago", "3 h ago", "yesterday", then the date."""
    seconds = (now - at).total_seconds()
    days = (as_day(now) - as_day(at)).days
    if seconds < 0:
        return american(as_day(at))
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if days == 0 or seconds < 6 * 3600:
        return f"{int(seconds // 3600)} h ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 7 else american(as_day(at))


def due_in_words(days: int) -> str:
    """Days from today to a due date: "due today", "due in 3 days", "5 days late"."""
    if days == 0:
        return "due today"
    if days == 1:
        return "due tomorrow"
    count = f"{abs(days)} day" + ("" if abs(days) == 1 else "s")
    return f"due in {count}" if days > 0 else f"{count} late"


def due_in_tone(days: int) -> str:
    """`late` before today, `soon` within three days, otherwise `calm`."""
    return "late" if days < 0 else "soon" if days <= SOON_DAYS else "calm"


@register.filter
def ago(at: dt.datetime | None) -> str:
    """How long ago, in words; empty for None."""
    return ago_words(at, timezone.now()) if at else ""


@register.simple_tag
def moment(at: dt.datetime | None) -> SafeString:
    """How long ago as a `<time>` with the exact moment and zone as its title; empty for None."""
    if at is None:
        return SafeString("")
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    exact = f"{american(local.date())}, {local:%H:%M} {local.tzname() or ''}".strip()
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, ago(at))


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A day as "Oct 9, 2026", in the current time zone; empty for None."""
    return american(as_day(value)) if value else ""


@register.filter
def due_words(due: dt.date | dt.datetime) -> str:
    """Where today stands to a due date, in words."""
    return due_in_words((as_day(due) - timezone.localdate()).days)


@register.filter
def due_tone(due: dt.date | dt.datetime) -> str:
    """The tone of a due date's chip: `late`, `soon` or `calm`."""
    return due_in_tone((as_day(due) - timezone.localdate()).days)


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """A form field's input with the kit's class and, for dates, the browser's picker."""
    shown = field.field.widget
    if type(shown) is forms.DateInput:
        shown = DayInput(shown.attrs)
    kind = "form-control"
    if isinstance(shown, (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)):
        kind = "form-check-input"
    elif isinstance(shown, forms.Select):
        kind = "form-select"
    classes = f"{shown.attrs.get('class', '')} {kind}".strip()
    if field.errors:
        classes += " is-invalid"
    attrs: dict[str, Any] = {"class": classes}
    if isinstance(shown, forms.Textarea) and str(shown.attrs.get("rows")) == "10":
        attrs["rows"] = 4  # Django's default height is a page of its own
    return field.as_widget(widget=shown, attrs=attrs)


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a field is laid out: `check`, `choices`, `date`, `file`, `hidden` or `line`."""
    shown = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(shown, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(shown, forms.CheckboxInput):
        return "check"
    if isinstance(shown, forms.DateInput):
        return "date"
    return "file" if isinstance(shown, forms.FileInput) else "line"


def _choice_label(field: forms.Field, value: str) -> str:
    """The words a person chose: the choice's label, or the value as typed."""
    for key, label in getattr(field, "choices", ()):
        if isinstance(label, (list, tuple)):
            key, label = next(((k, v) for k, v in label if str(k) == value), ("", ""))
        if str(key) == value and label:
            return str(label)
    return value


@register.simple_tag(takes_context=True)
def filter_chips(context: template.Context, form: forms.BaseForm) -> list[dict[str, str]]:
    """What a GET form filters by now: `label`, `value` and the `url` of the list without it."""
    asked = context["request"].GET
    chips = []
    for name, field in form.fields.items():
        if isinstance(field.widget, forms.HiddenInput):
            continue
        for value in filter(None, asked.getlist(form.add_prefix(name))):
            rest = asked.copy()
            rest.setlist(name, [v for v in asked.getlist(name) if v != value])
            rest.pop("cursor", None)
            label = "Search" if name == "q" else str(form[name].label)
            words = "" if isinstance(field, forms.BooleanField) else _choice_label(field, value)
            chips.append({"label": label, "value": words, "url": "?" + rest.urlencode()})
    return chips


class CaptureNode(template.Node):
    """Renders its body once and keeps the result under a name for the rest of the page."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> str:
        context[self.name] = self.nodelist.render(context)
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """`{% capture name %}…{% endcapture %}`: so a block's text can be printed twice."""
    name = token.split_contents()[1]
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, name)
