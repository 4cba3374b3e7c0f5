"""What is proposed for the opinion, and what a decision must agree with (OP-01, OP-04, OP-05).

No formula sets an opinion: the partner decides. The rules say what is at least to be modified,
and refuse a word that the modifications named do not carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audits.choices.conclusions import ItemValue
from audits.choices.opinions import ModificationCause as M
from audits.choices.opinions import OpinionPartKind as K
from audits.choices.opinions import OpinionValue as V
from tenants.choices import Category

LONGEST: Final = 8_000


@dataclass(frozen=True, slots=True)
class ItemFact:
    """A concluded item. design_fails: a control of it would not do, whatever it did."""

    identifier: str
    series: str
    category: str
    common: bool
    value: str
    found: str = ""
    design_fails: bool = False
    others_rest_on: bool = False


@dataclass(frozen=True, slots=True)
class Modified:
    """A modification as the rules read it. pervasive None: asked, and not answered yet."""

    cause: str
    pervasive: bool | None = False


@dataclass(frozen=True, slots=True)
class ProposedModification:
    """A modification of a part because of an item, with a draft of its basis paragraph."""

    identifier: str
    category: str
    cause: str
    pervasive: bool | None
    basis: str


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """A part of the opinion as proposed: at least this."""

    part: str
    value: str
    modifications: tuple[ProposedModification, ...] = ()


def propose(items: Sequence[ItemFact], *, of_type_2: bool) -> list[ProposedPart]:
    """Each part as the items ask: a failure or a missing piece qualifies at least (OP-01)."""
    open_items = [
        each for each in items if each.value in (ItemValue.NOT_MET, ItemValue.NOT_DETERMINABLE)
    ]
    asks = may_be_pervasive(open_items)
    kinds = [K.DESCRIPTION, K.DESIGN, K.OPERATION] if of_type_2 else [K.DESCRIPTION, K.DESIGN]
    found = []
    for kind in kinds:
        named = tuple(
            _modification(each, kind, asks)
            for each in open_items
            if _touches(each, kind, of_type_2)
        )
        found.append(ProposedPart(kind, V.QUALIFIED if named else V.UNMODIFIED, named))
    return found


def may_be_pervasive(items: Sequence[ItemFact]) -> bool:
    """Whether to ask how far it reaches: several series or objectives, or one others rest on."""
    return len({each.series or each.identifier for each in items}) > 1 or any(
        each.others_rest_on for each in items
    )


def category_of(item: ItemFact) -> str:
    """The category a modification is worded for; empty for all of them (OP-05)."""
    return "" if item.common else item.category


def carried(modifications: Sequence[Modified]) -> str:
    """The opinion that these modifications carry: the table of section 14."""
    if any(each.cause == M.FAILURE and each.pervasive for each in modifications):
        return V.ADVERSE
    if any(each.pervasive for each in modifications):
        return V.DISCLAIMER
    return V.QUALIFIED if modifications else V.UNMODIFIED


def refusal(part: str, value: str, modifications: Sequence[Modified]) -> str:
    """Why a part is not decided so; empty when its modifications carry the word."""
    name = K(part).label
    if any(each.pervasive is None for each in modifications):
        return f"OP-01: say of each modification of the part “{name}” whether it is pervasive."
    fits = carried(modifications)
    if value == fits:
        return ""
    if not modifications:
        return (
            f"OP-04: {name.lower()}: a modified opinion names what it rests on; write its basis "
            "first."
        )
    if value == V.UNMODIFIED:
        return f"OP-04: {name.lower()}: take back its modifications before it is unmodified."
    return (
        f"OP-01: {name.lower()}: its modifications carry “{V(fits).label.lower()}”. Say otherwise "
        "what is pervasive, or choose that."
    )


def thin_basis(basis: str, identifier: str) -> str:
    """What a basis paragraph lacks (OP-04): the item, and more than its name."""
    said = basis.strip()
    if not said:
        return "OP-04: write the basis: the item, what was found, and its effect."
    if identifier and identifier.lower() not in said.lower():
        return f"OP-04: name {identifier} in the basis."
    return ""


def _touches(item: ItemFact, kind: str, of_type_2: bool) -> bool:
    if kind == K.DESCRIPTION:
        return False
    if kind == K.DESIGN:
        return item.design_fails or not of_type_2
    return True


def _modification(item: ItemFact, kind: str, asks: bool) -> ProposedModification:
    missing = item.value == ItemValue.NOT_DETERMINABLE
    return ProposedModification(
        item.identifier, category_of(item), M.SCOPE_LIMIT if missing else M.FAILURE,
        None if asks else False, _basis(item, missing),
    )  # fmt: skip


def _basis(item: ItemFact, missing: bool) -> str:
    if item.common:
        reach = "all categories examined"
    elif item.category:
        reach = f"the category {Category(item.category).label.lower()}"
    else:
        reach = "this control objective"
    lead = (
        f"We could not obtain sufficient appropriate evidence on {item.identifier}."
        if missing else f"{item.identifier} was not achieved."
    )  # fmt: skip
    return f"{lead} {item.found} This affects {reach}."
