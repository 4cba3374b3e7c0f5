"""What each kind of entry of a system says: its facts, its category, what it may be related to.

Subservice organization and vendor, user entity control and user responsibility are kinds of their
own, because taking one for the other misstates the description (soc.md, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from audits.choices.system import (
    ComponentCategory,
    EntryKind,
    ProcessingAspect,
    Relation,
)
from audits.choices.system import EntryKind as K
from audits.rules.system_facts import (
    Application,
    Boundary,
    Change,
    Complementary,
    Component,
    DataFlow,
    DataType,
    Fact,
    Incident,
    NoFacts,
    Promise,
    Service,
    Subservice,
    TransactionClass,
    Vendor,
    facts_in,
    read,
)
from tenants.choices import Category
from tenants.errors import Invalid

LIMITS: Final = {"ref": 20, "title": 160, "text": 10_000}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry. `letters` begin its ids; `categories` and `aspects` are what it may name."""

    letters: str
    plural: str
    hint: str
    facts: type[Any] = NoFacts
    categories: tuple[tuple[str, str], ...] = ()
    aspects: bool = False


_PROMISED: Final = tuple(Category.choices)
KINDS: Final[dict[str, Kind]] = {
    K.SERVICE: Kind("SV", "Services", "What you do for your customers.", Service),
    K.BOUNDARY: Kind("BD", "Boundary", "Where the system ends.", Boundary),
    K.COMPONENT: Kind("CP", "Components", "Infrastructure, software, people, procedures, data.",
                      Component, tuple(ComponentCategory.choices)),
    K.DATA_TYPE: Kind("DT", "Data types", "Which data the system holds.", DataType),
    K.DATA_FLOW: Kind("DF", "Data flows", "How data moves, in and out.", DataFlow),
    K.LOCATION: Kind("LO", "Locations", "Where the service is run from."),
    K.COMMITMENT: Kind("SC", "Commitments", "What you promise customers, so that it can be "
                       "checked: not “we are secure”.", Promise, _PROMISED, aspects=True),
    K.REQUIREMENT: Kind("SR", "Requirements", "What the system must do to keep the promises.",
                        Promise, _PROMISED),
    K.TRANSACTION_CLASS: Kind("TC", "Transactions", "Streams of similar events, from start to "
                              "report, for a SOC 1.", TransactionClass),
    K.APPLICATION: Kind("AP", "Applications", "Programs that process transactions.", Application),
    K.SUBSERVICE: Kind("SO", "Subservice", "Vendors whose controls are needed together with "
                       "yours.", Subservice),
    K.VENDOR: Kind("VE", "Vendors", "Suppliers whose controls are not needed: yours suffice.",
                   Vendor),
    K.CUEC: Kind("UE", "CUEC", "Controls a customer must run for a criterion or objective to be "
                 "met.", Complementary),
    K.CSOC: Kind("CS", "CSOC", "Controls you expect a subservice organization to run.",
                 Complementary),
    K.USER_RESPONSIBILITY: Kind("UR", "User duties", "What a customer does to enjoy the service; "
                                "no criterion rests on it."),
    K.INCIDENT: Kind("IN", "Incidents", "What went wrong. No firm sees it until you state it.",
                     Incident),
    K.CHANGE: Kind("CH", "Changes", "What changed in the system.", Change),
}  # fmt: skip

_PARTS: Final = (K.COMPONENT, K.APPLICATION, K.SERVICE, K.SUBSERVICE, K.VENDOR, K.LOCATION)
RELATIONS: Final[dict[tuple[str, str], Relation]] = {
    **{(kind, K.SERVICE): Relation.BELONGS_TO
       for kind in (K.BOUNDARY, K.COMPONENT, K.DATA_TYPE, K.DATA_FLOW, K.LOCATION, K.COMMITMENT,
                    K.REQUIREMENT, K.TRANSACTION_CLASS, K.APPLICATION, K.SUBSERVICE, K.VENDOR,
                    K.CUEC, K.USER_RESPONSIBILITY)},
    (K.DATA_FLOW, K.DATA_TYPE): Relation.CARRIES,
    (K.TRANSACTION_CLASS, K.DATA_TYPE): Relation.CARRIES,
    (K.REQUIREMENT, K.COMMITMENT): Relation.KEEPS,
    (K.TRANSACTION_CLASS, K.APPLICATION): Relation.RUNS_IN,
    (K.APPLICATION, K.COMPONENT): Relation.RUNS_IN,
    (K.COMPONENT, K.LOCATION): Relation.RUNS_IN,
    (K.CSOC, K.SUBSERVICE): Relation.EXPECTED_OF,
    **{(kind, part): Relation.TOUCHES for kind in (K.INCIDENT, K.CHANGE) for part in _PARTS},
}  # fmt: skip
"""(kind, kind it is related to) → how it stands to it; other pairs are refused."""


def facts_of(kind: str) -> tuple[Fact, ...]:
    """The facts of a kind, in order."""
    return facts_in(KINDS[kind].facts)


def targets_of(kind: str) -> tuple[str, ...]:
    """The kinds that an entry of this kind may be related to."""
    return tuple(to for here, to in RELATIONS if here == kind)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as somebody tells it. facts: name → text, truth, date or list of texts."""

    kind: str
    ref: str
    title: str
    text: str
    category: str = ""
    aspects: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def checked(told: Told) -> dict[str, Any]:
    """The columns of an entry, as they are kept. Raises Invalid naming the field."""
    kind = KINDS.get(told.kind)
    if kind is None:
        raise Invalid(f"There is no kind “{told.kind[:40]}”; there are: {', '.join(KINDS)}.",
                      code="kind_unknown", field="kind")  # fmt: skip
    kept: dict[str, Any] = {name: _text(name, getattr(told, name)) for name in LIMITS}
    label = EntryKind(told.kind).label.lower()
    if told.category not in ([value for value, _ in kind.categories] or [""]):
        words = ", ".join(value for value, _ in kind.categories)
        said = f"Choose the category: {words}." if words else f"A {label} has no category."
        raise Invalid(said, code="category", field="category")
    if told.aspects and not (kind.aspects and told.category == Category.PROCESSING_INTEGRITY):
        raise Invalid("Only a commitment about processing integrity names what of the processing "
                      "it is about.", code="aspects", field="aspects")  # fmt: skip
    if unknown := set(told.aspects) - set(ProcessingAspect.values):
        words = ", ".join(ProcessingAspect.values)
        raise Invalid(f"“{min(unknown)[:40]}” is none of: {words}.", code="aspects",
                      field="aspects")  # fmt: skip
    kept |= {"kind": told.kind, "category": told.category, "aspects": sorted(set(told.aspects))}
    return {**kept, "facts": read(kind.facts, told.facts)}


def _text(name: str, value: str) -> str:
    text = value.strip()
    if not text:
        raise Invalid(_MISSING[name], code=f"{name}_missing", field=name)
    if len(text) > LIMITS[name] or "\0" in text:
        raise Invalid(f"At most {LIMITS[name]:,} characters fit here.", code=f"{name}_too_long",
                      field=name)  # fmt: skip
    return text


_MISSING: Final = {
    "ref": "Give the entry a short id.",
    "title": "Give the entry a name.",
    "text": "Say in a sentence or two what it is.",
}
