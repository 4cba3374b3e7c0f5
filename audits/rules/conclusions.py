"""What is proposed for a control and for a scope item, from what was found (soc.md, section 14).

A proposal is no conclusion: a person takes it, or says otherwise and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from audits.choices import ControlFrequency as F
from audits.choices.conclusions import HOLDS, ControlValue, ItemValue
from audits.choices.deviations import DeviationNature as N
from audits.choices.testing import TestConclusion as C
from audits.rules.deviations import FEWEST
from audits.rules.evaluating import deviation_rate, upper_limit
from audits.rules.firm_tables import Evaluation

LONGEST: Final = 4_000
FEW_INSTANCES: Final = (F.ANNUAL, F.SEMIANNUAL, F.QUARTERLY, F.MONTHLY, F.WEEKLY)
"""Controls whose few instances are judged by cause, without statistics."""


@dataclass(frozen=True, slots=True)
class ControlFacts:
    """What was found of a control.

    design: conclusion of its last concluded test of design. operation: conclusions of its tests of
    operation, empty while open. everything: each instance of the period was looked at. natures: of
    its deviations, those by hand too. falls_with: controls with which a review says it falls.
    """

    ref: str
    frequency: str
    key: bool = True
    design: str = ""
    design_fails: bool = False
    of_type_2: bool = True
    operation: tuple[str, ...] = ()
    tested: int = 0
    deviating: int = 0
    everything: bool = False
    natures: tuple[str, ...] = ()
    expanded: bool = False
    falls_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed, and the rule that says so. rate and limit in per cent, or None."""

    value: str
    why: str
    rate: Decimal | None = None
    limit: Decimal | None = None


def propose_control(facts: ControlFacts, table: Evaluation) -> Proposal:
    """What the control comes to, by section 14, “per control”."""
    if facts.design_fails:
        return Proposal(ControlValue.NOT_EFFECTIVE, "Its design fails (TP-03).")
    if facts.falls_with:
        said = f"It rests on {', '.join(facts.falls_with)}, and falls with it (DV-06)."
        return Proposal(ControlValue.NOT_EFFECTIVE, said)
    if not facts.design:
        return Proposal(ControlValue.NOT_TESTED, "Its design is not concluded.")
    if not facts.of_type_2:
        return _by_cause(facts) or Proposal(ControlValue.EFFECTIVE, "Suitably designed and there.")
    if "" in facts.operation:
        return Proposal(ControlValue.NOT_TESTED, "A test of its operation is not concluded.")
    if not facts.operation:
        said = "Its operation is not tested." if facts.key else "Not key: operation is not tested."
        return Proposal(ControlValue.NOT_TESTED, said)
    if set(facts.operation) == {C.NO_OCCURRENCE}:
        return Proposal(ControlValue.NO_OCCURRENCE, "It did not occur in the period (RP-04).")
    if not facts.deviating and not facts.natures:
        return Proposal(ControlValue.EFFECTIVE, "No deviation.", *_numbers(facts, table))
    return _deviating(facts, table)


def _deviating(facts: ControlFacts, table: Evaluation) -> Proposal:
    rate, limit = _numbers(facts, table)
    if (by_cause := _by_cause(facts)) and by_cause.value == ControlValue.NOT_EFFECTIVE:
        return Proposal(by_cause.value, by_cause.why, rate, limit)
    if facts.everything and rate is not None:
        fits = rate <= table.tolerable_rate
        said = f"Every instance was tested: {rate:.1f} % deviate, {_tolerated(table)}."
        return Proposal(_within(fits), said, rate)
    if facts.frequency in FEW_INSTANCES and facts.deviating:
        return Proposal(
            ControlValue.NOT_EFFECTIVE, "A deviation among few instances: test all that remain, "
            "or it stays so.", rate,
        )  # fmt: skip
    if facts.expanded and facts.deviating > 1:
        said = "A second deviation after the sample grew (DV-03)."
        return Proposal(ControlValue.NOT_EFFECTIVE, said, rate, limit)
    if limit is not None and limit > table.tolerable_rate:
        said = f"Up to {limit:.1f} % may deviate, {_tolerated(table)}."
        if facts.deviating == 1 and facts.tested >= FEWEST and not facts.expanded:
            said += " The sample may grow once."
        return Proposal(ControlValue.NOT_EFFECTIVE, said, rate, limit)
    said = "The cause is understood"
    said += f", and at most {limit:.1f} % may deviate, {_tolerated(table)}." if limit else "."
    return Proposal(ControlValue.WITH_DEVIATIONS, said, rate, limit)


def _by_cause(facts: ControlFacts) -> Proposal | None:
    """What the causes alone say; None where there is no deviation."""
    if not facts.natures:
        return None
    if N.SYSTEMATIC in facts.natures:
        return Proposal(ControlValue.NOT_EFFECTIVE, "A cause is systematic.")
    if set(facts.natures) != {N.ISOLATED}:
        return Proposal(ControlValue.NOT_EFFECTIVE, "A cause is not understood.")
    return Proposal(ControlValue.WITH_DEVIATIONS, "Isolated, and the cause is understood.")


def _numbers(facts: ControlFacts, table: Evaluation) -> tuple[Decimal | None, Decimal | None]:
    """(rate, upper limit); no limit where there are too few instances for statistics."""
    if not facts.tested:
        return None, None
    rate = deviation_rate(facts.tested, facts.deviating)
    if facts.frequency in FEW_INSTANCES or facts.everything:
        return rate, None
    return rate, upper_limit(facts.tested, facts.deviating, table.confidence)


def _within(fits: bool) -> str:
    return ControlValue.WITH_DEVIATIONS if fits else ControlValue.NOT_EFFECTIVE


def _tolerated(table: Evaluation) -> str:
    return f"and {table.tolerable_rate.normalize():f} % are tolerated"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a control that answers to an item came to; `value` empty while nobody concluded it.

    compensated: another control of the item, itself effective, would have caught it (DV-04).
    """

    ref: str
    key: bool
    value: str
    compensated: bool = False

    @property
    def label(self) -> str:
        """What it came to, in words."""
        return str(ControlValue(self.value).label) if self.value else "Not concluded"

    @property
    def fails(self) -> bool:
        """Whether the item cannot rest on it."""
        return self.value == ControlValue.NOT_EFFECTIVE and not self.compensated


def propose_item(outcomes: Sequence[Outcome]) -> Proposal:
    """Whether an item is met, by the controls that answer to it."""
    counted = [each for each in outcomes if each.value != ControlValue.SUPERSEDED]
    keys = [each for each in counted if each.key] or counted
    if not keys:
        return Proposal(ItemValue.NOT_DETERMINABLE, "No control answers to it.")
    if open_ := [each.ref for each in keys if not each.value]:
        return Proposal(ItemValue.NOT_DETERMINABLE, f"Not concluded: {', '.join(open_)}.")
    if no_support(keys):
        return Proposal(ItemValue.NOT_MET, "Every key control failed (DV-05).")
    if not any(each.value in HOLDS or each.compensated or
               each.value == ControlValue.NO_OCCURRENCE for each in keys):  # fmt: skip
        return Proposal(ItemValue.NOT_DETERMINABLE, "Of its key controls none was tested enough.")
    failed = [each.ref for each in counted if each.value == ControlValue.NOT_EFFECTIVE]
    if failed:
        said = f"{', '.join(failed)} failed; the others must give enough assurance: say why."
        return Proposal(ItemValue.WITH_DEVIATIONS, said)
    if any(each.value == ControlValue.WITH_DEVIATIONS for each in counted):
        return Proposal(ItemValue.WITH_DEVIATIONS, "A control deviated within tolerance.")
    return Proposal(ItemValue.MET, "Its controls held.")


def no_support(outcomes: Sequence[Outcome]) -> bool:
    """Whether every key control failed and none was compensated (DV-05)."""
    keys = [each for each in outcomes if each.key and each.value != ControlValue.SUPERSEDED]
    return bool(keys) and all(each.fails for each in keys)


def needs_reason(proposed: str, value: str, outcomes: Sequence[Outcome]) -> str:
    """Why a conclusion on an item needs a reason; empty when it needs none."""
    if value != proposed:
        return "Say why it is concluded otherwise than proposed."
    failed = any(each.value == ControlValue.NOT_EFFECTIVE for each in outcomes)
    if failed and value in (ItemValue.MET, ItemValue.WITH_DEVIATIONS):
        return "A control failed: say why the others give enough assurance."
    return ""
