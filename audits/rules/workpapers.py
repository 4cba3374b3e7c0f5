"""What each kind of workpaper says: its fields, its place in the file, and who signs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from audits.choices.file import WorkpaperKind as K
from audits.papers import EQR, PARTNER_REVIEWED, PREPARED, REVIEWED
from tenants.choices import EngagementStatus as S
from tenants.errors import Invalid
from tenants.permissions import P

TEXT, CHOICE, NUMBER, DATE = "text", "choice", "number", "date"
LONGEST: Final = 20_000
ALL_THREE: Final = (PREPARED, REVIEWED, PARTNER_REVIEWED)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `form` is text, choice, number or date; `choices` are (value, words)."""

    name: str
    label: str
    form: str = TEXT
    required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of workpaper. `letter` is its part of the file (soc.md, section 21).

    `single`: an engagement has one. `asked_at`: the phase that does not end without one.
    """

    letter: str
    phase: S
    fields: tuple[Field, ...]
    hint: str
    levels: tuple[str, ...] = (PREPARED, REVIEWED)
    single: bool = True
    asked_at: S | None = None
    write: P = P.WRITE_WORKPAPER
    reopens: bool = False


def _yes_no(name: str, label: str, yes: str, no: str) -> Field:
    return Field(name, label, CHOICE, choices=(("yes", yes), ("no", no)))


_HOURS: Final = ("partner", "manager", "senior", "staff", "specialist", "quality reviewer")
KINDS: Final[dict[str, Kind]] = {
    K.CONFLICT_CHECK: Kind(
        "A", S.ACCEPTANCE,
        (Field("searched", "What was searched"),
         Field("result", "Result", CHOICE, choices=(("clear", "No conflict"),
                                                    ("found", "A conflict was found"))),
         Field("resolution", "How it was resolved", required=False,
               help="Needed when a conflict was found.")),
        "Whether the firm or its people stand in the way of an independent examination.",
        asked_at=S.ACCEPTANCE,
    ),
    K.ACCEPTANCE: Kind(
        "A", S.ACCEPTANCE,
        (Field("integrity", "Integrity of the client"), Field("competence", "Competence and time"),
         Field("conclusion", "Conclusion", CHOICE, choices=(("accept", "Accept"),
                                                            ("decline", "Decline")))),
        "Why the firm takes the client and this examination on, or goes on with it.",
        levels=ALL_THREE, asked_at=S.ACCEPTANCE, reopens=True,
    ),
    K.EQR_DECISION: Kind(
        "A", S.ACCEPTANCE,
        (_yes_no("required", "Quality review", "A quality review is required", "None is required"),
         Field("why", "Why")),
        "Whether somebody outside the team reviews the work before the report is dated.",
        levels=ALL_THREE, asked_at=S.ACCEPTANCE,
    ),
    K.PLANNING_MEMO: Kind(
        "B", S.PLANNING,
        (Field("risks", "Risks"), Field("approach", "Approach")),
        "What could go wrong, and how the team will find out whether it did.",
        levels=ALL_THREE, asked_at=S.PLANNING, reopens=True,
    ),
    K.MATERIALITY: Kind(
        "B", S.PLANNING, (Field("basis", "What would matter to readers, and why"),),
        "What would change the mind of somebody who relies on the report.",
    ),
    K.BUDGET: Kind(
        "B", S.PLANNING,
        tuple(Field(f"{who.replace(' ', '_')}_hours", f"Hours of the {who}", NUMBER, required=False)
              for who in _HOURS),
        "Hours by role.", asked_at=S.PLANNING,
    ),
    K.SUBSEQUENT_EVENTS: Kind(
        "G", S.REPORTING,
        (Field("asked_of", "Who was asked"),
         Field("covers_to", "Asked about events up to", DATE,
               help="Not before the date of the report."),
         Field("learned", "What was learned"),
         Field("effect", "Effect", CHOICE,
               choices=(("none", "None"), ("disclose", "Disclose"),
                        ("modify", "Modify the opinion"), ("hold", "Hold the report")))),
        "What happened between the end of what is covered and the date of the report.",
        asked_at=S.REPORTING,
    ),
    K.QUALITY_REVIEW: Kind(
        "H", S.REPORTING,
        (Field("matters", "What was looked at"), Field("conclusion", "Conclusion")),
        "The quality reviewer's own record.", levels=(EQR,), write=P.SIGN_QUALITY_REVIEW,
        reopens=True,
    ),
    K.WRAP_UP: Kind(
        "G", S.WRAP_UP, (Field("removed", "Superseded drafts that were removed"),),
        "What was done to put the file in order.",
    ),
    K.LATE_PROCEDURE: Kind(
        "G", S.WRAP_UP,
        (Field("what", "What is done after release"), Field("effect", "Effect on conclusions"),
         Field("closed_on", "Done on", DATE, required=False)),
        "New work after release, which a partner approves first (LK-04).",
        levels=(PREPARED, PARTNER_REVIEWED), single=False,
    ),
    K.LOCK_PROPOSAL: Kind(
        "G", S.WRAP_UP,
        (Field("notes", "Review notes", CHOICE,
               choices=(("keep", "Keep all of them"), ("drop", "Drop all of them"))),
         Field("why", "Why the file is complete")),
        "What the partner approves before the file is locked.",
        levels=(PREPARED, PARTNER_REVIEWED), asked_at=S.WRAP_UP, write=P.PROPOSE_LOCK, reopens=True,
    ),
    K.ADDENDUM: Kind(
        "G", S.WRAP_UP,
        (Field("reason", "Why it is added after the lock"),
         Field("effect", "Effect on conclusions")),
        "What is added to a locked file; nothing else of it changes (LK-03).",
        levels=(PREPARED, PARTNER_REVIEWED), single=False, write=P.WRITE_ADDENDUM,
    ),
    K.OTHER: Kind("B", S.REVIEW, (), "Anything else that belongs in the file.", single=False),
}  # fmt: skip


PARTS: Final = {
    "A": "A Acceptance", "B": "B Planning", "G": "G Letters and report", "H": "H Quality review",
}  # fmt: skip
"""The parts of a file that workpapers stand in (soc.md, section 21)."""


def checked(kind: str, values: Mapping[str, Any]) -> dict[str, str | int]:
    """The fields of a kind, as they are kept: text, a number, or a date as ISO text.

    Empty ones are left out. Raises Invalid naming the field: unknown, missing, no number, no date,
    none of its choices.
    """
    fields = {field.name: field for field in KINDS[kind].fields}
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise Invalid(
            f"A paper of this kind has no “{unknown[0][:40]}”; it has: {', '.join(fields)}.",
            code="unknown_field", field="fields",
        )  # fmt: skip
    kept = {}
    for name, field in fields.items():
        value = _read(field, values.get(name))
        if value is None and field.required:
            raise Invalid(f"Fill in “{field.label}”.", code="field_missing", field=name)
        if value is not None:
            kept[name] = value
    return kept


def _read(field: Field, value: Any) -> str | int | None:
    text = str("" if value is None else value).strip()
    if not text:
        return None
    if field.form == NUMBER:
        return _number(field, text)
    if field.form == DATE:
        return _date(field, text)
    if field.form == CHOICE and text not in dict(field.choices):
        words = ", ".join(value for value, _ in field.choices)
        raise Invalid(f"“{field.label}” is one of: {words}.", code="choice", field=field.name)
    if len(text) > LONGEST or "\0" in text:
        raise Invalid(f"“{field.label}” is too long.", code="too_long", field=field.name)
    return text


def _number(field: Field, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid(f"“{field.label}” is a whole number.", code="number", field=field.name)
    return int(text)


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Invalid(
            f"“{field.label}” is a date such as 2026-11-20.", code="date", field=field.name
        ) from None


def next_ref(kind: str, refs: Iterable[str]) -> str:
    """The next free place in a kind's part of the file, such as "A-3"."""
    letter = KINDS[kind].letter
    taken = [int(ref[2:]) for ref in refs if ref.startswith(f"{letter}-") and ref[2:].isdigit()]
    return f"{letter}-{max(taken, default=0) + 1}"
