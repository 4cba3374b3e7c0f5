"""What each kind of entry of a system says besides its text: its facts, and how they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

from audits.choices.system import Doer, PromiseSource
from tenants.errors import Invalid

TEXT, YES, DATE, LIST, CHOICE = "text", "yes", "date", "list", "choice"
FORMS: Final = {"str": TEXT, "bool": YES, "tuple[str, ...]": LIST}
FACT_LIMIT, LIST_LIMIT = 4_000, 100


def fact(
    label: str, *, needed: bool = True, choices: Any = (), hint: str = "", form: str = "",
    default: Any = "",
) -> Any:  # fmt: skip
    """One fact of a kind: its label, whether it is needed, and its choices where it has some.

    A date is told by `form` and kept as ISO text, empty where there is none.
    """
    told = {
        "label": label, "needed": needed, "choices": tuple(choices), "help": hint, "form": form,
    }  # fmt: skip
    return field(default=default, metadata=told)


@dataclass(frozen=True, slots=True)
class NoFacts:
    """A kind of which title and text say all."""


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of service that user entities receive (DC1)."""

    used_by: str = fact("Who uses it")


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where the system ends: what is inside, and what readers might wrongly take for it (DC3)."""

    left_out: str = fact("What is left out", hint="Services and places that are not examined.")


@dataclass(frozen=True, slots=True)
class Component:
    """One of the parts a system is made of (DC3)."""

    held_at: str = fact("Where it is, or who holds it", needed=False)


@dataclass(frozen=True, slots=True)
class DataType:
    """A kind of data the system holds; `personal` where it tells of persons (RT-11)."""

    personal: bool = fact("Personal data", needed=False, default=False)
    kept_for: str = fact("How long it is kept", needed=False)


@dataclass(frozen=True, slots=True)
class DataFlow:
    """How data moves from one place to another."""

    source: str = fact("From")
    destination: str = fact("To")
    means: str = fact("By which means", needed=False, hint="Protocol, file, interface.")


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment to customers, or what the system must do to keep one (DC2)."""

    source: str = fact("Source", choices=PromiseSource.choices)
    where: str = fact("Where it is written", needed=False, hint="Clause, page, address.")


@dataclass(frozen=True, slots=True)
class TransactionClass:
    """A stream of similar events, with who performs each step (soc.md, section 6)."""

    started_by: str = fact("Started by", choices=Doer.choices)
    authorized_by: str = fact("Authorized by", choices=Doer.choices)
    recorded_by: str = fact("Recorded by", choices=Doer.choices)
    processed_by: str = fact("Processed by", choices=Doer.choices)
    corrected_by: str = fact("Corrected by", choices=Doer.choices)
    reported_by: str = fact("Reported by", choices=Doer.choices)


@dataclass(frozen=True, slots=True)
class Application:
    """A program that processes transactions, or on which general IT controls are examined."""

    made_by: str = fact("Made by", needed=False, hint="Yourselves, or the maker's name.")


@dataclass(frozen=True, slots=True)
class Subservice:
    """A vendor that matters to readers and whose controls are needed with the client's own."""

    does: str = fact("What it does for you")
    needed_for: str = fact(
        "Why its controls are needed", hint="If your own controls suffice, it is only a vendor."
    )
    watched: str = fact("How you watch it", hint="Reports read, meetings, service levels.")


@dataclass(frozen=True, slots=True)
class Vendor:
    """A supplier whose controls are not needed: the client's own suffice."""

    does: str = fact("What it does for you")
    assessed_on: str = fact("Last assessed on", needed=False, form=DATE)


@dataclass(frozen=True, slots=True)
class Complementary:
    """A control somebody else must run for a criterion or objective to be met (CUEC, CSOC)."""

    answers_to: tuple[str, ...] = fact(
        "Answers to", default=(),
        hint="Criteria or objectives that are not met without it, such as CC6.1 or CO-01.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incident:
    """What went wrong; the text tells its nature (DC4)."""

    happened_on: str = fact("Began on", form=DATE)
    ended_on: str = fact("Ended on", needed=False, form=DATE)
    extent: str = fact("Extent")
    outcome: str = fact("Outcome")
    reportable: bool = fact(
        "To be reported", needed=False, default=False,
        hint="A control failed, or a commitment was broken badly.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A change that readers of a report would want to know of (DC9, S1-D9)."""

    changed_on: str = fact("Changed on", form=DATE)
    before: str = fact("As it was before", needed=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a kind as a form knows it. `form` is text, yes, date, list or choice."""

    name: str
    label: str
    form: str
    needed: bool
    choices: tuple[tuple[str, str], ...]
    help: str


def facts_in(kind: type[Any]) -> tuple[Fact, ...]:
    """The facts of a kind, in order."""
    found = []
    for each in fields(kind):
        told = dict(each.metadata)
        form = CHOICE if told["choices"] else told["form"] or FORMS[str(each.type)]
        found.append(Fact(each.name, told["label"], form, told["needed"], told["choices"],
                          told["help"]))  # fmt: skip
    return tuple(found)


def read(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a kind as they are kept: text, truth, ISO date, list of texts.

    Raises Invalid naming the fact: unknown, missing, none of its choices, no date.
    """
    known = {each.name: each for each in facts_in(kind)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        has = ", ".join(known) or "no facts besides its text"
        raise Invalid(f"An entry of this kind has no “{unknown[0][:40]}”; it has: {has}.",
                      code="unknown_fact", field="facts")  # fmt: skip
    kept = {name: _read(each, values.get(name)) for name, each in known.items()}
    for name, each in known.items():
        if each.needed and kept[name] in ("", []):
            raise Invalid(f"Fill in “{each.label}”.", code="fact_missing", field=name)
    return kept


def _read(each: Fact, value: Any) -> Any:
    if each.form == YES:
        return value is True or str(value).lower() in ("true", "yes", "on")
    if each.form == LIST:
        told = value.replace(";", ",").split(",") if isinstance(value, str) else value or ()
        if not isinstance(told, list | tuple) or len(told) > LIST_LIMIT:
            raise Invalid(f"“{each.label}” is a list of at most {LIST_LIMIT} ids.",
                          code="list", field=each.name)  # fmt: skip
        return list(dict.fromkeys(one for raw in told if (one := _plain(each, raw, 20))))
    if each.form == DATE:
        return _date(each, value)
    text = _plain(each, value, FACT_LIMIT)
    if each.form == CHOICE and text and text not in dict(each.choices):
        words = ", ".join(one for one, _ in each.choices)
        raise Invalid(f"“{each.label}” is one of: {words}.", code="choice", field=each.name)
    return text


def _plain(each: Fact, value: Any, limit: int) -> str:
    text = str("" if value is None else value).strip()
    if len(text) > limit or "\0" in text:
        raise Invalid(f"“{each.label}” holds {limit} characters.", code="too_long",
                      field=each.name)  # fmt: skip
    return text


def _date(each: Fact, value: Any) -> str:
    if value in ("", None):
        return ""
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Invalid(f"“{each.label}” is a date such as 2026-11-20.", code="date",
                      field=each.name) from None  # fmt: skip
