"""The same control told or done differently in different places (CM-04). Values in, lines out.

Two lists, and neither reads what the other side keeps to itself: the client is told of its own
library, the firm of what it took and saw. A line names the place that cures it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final
from uuid import UUID

from audits.choices import ControlFrequency
from audits.rules.narrative_likeness import Shingles, likeness
from audits.rules.narrative_words import FREQUENCY

ALIKE: Final = 0.9
COMMON: Final = 50
"""A run of words that more controls share tells nothing of two of them."""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Two places that disagree. about: control, system or scope; key: whose page cures it."""

    kind: str
    about: str
    subject: str
    text: str
    cure: str
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class ControlInLibrary:
    """What the library tells of one control that runs."""

    key: UUID
    ref: str
    frequency: str
    narrative: str
    systems: tuple[str, ...]
    is_mapped: bool
    runs: Shingles


@dataclass(frozen=True, slots=True)
class ControlTaken:
    """One control of an engagement beside the library and beside what was seen of it.

    library_number: its newest version there; None when the library has retired it. walked: the
    versions it was walked against; differs: whether a walk showed it running otherwise.
    """

    key: UUID
    ref: str
    number: int
    library_number: int | None
    walked: tuple[int, ...] = ()
    differs: bool = False


def in_the_library(
    controls: Sequence[ControlInLibrary], systems: Iterable[str]
) -> list[Inconsistency]:
    """What disagrees in a client's library. systems: its inventory, by name."""
    inventory = list(systems)
    found = [line for control in controls for line in _of_one(control, inventory)]
    return [*found, *_told_twice(controls), *_idle_systems(controls, inventory)]


def in_the_engagement(controls: Sequence[ControlTaken]) -> list[Inconsistency]:
    """What disagrees between an engagement's controls, the library and the walkthroughs."""
    return [line for control in controls for line in _of_one_taken(control)]


def _of_one(control: ControlInLibrary, inventory: Sequence[str]) -> Iterator[Inconsistency]:
    low = " ".join(control.narrative.casefold().split())
    if not re.search(FREQUENCY[control.frequency], low):
        label = ControlFrequency(control.frequency).label.lower()
        yield _control(control, "frequency", f"runs “{label}”, and its narrative says otherwise.",
                       "Correct the frequency, or tell the control anew.")  # fmt: skip
    if not control.systems:
        yield _control(control, "no_system", "names no system.", "Name the system it runs in.")
    listed = {name.casefold() for name in control.systems}
    told = [name for name in inventory if name.casefold() not in listed and _names(low, name)]
    if told:
        yield _control(control, "unlisted_system",
                       f"is told to run in {', '.join(told)}, which it does not list.",
                       "List the system, or tell the control anew.")  # fmt: skip
    if not control.is_mapped:
        yield _control(control, "unmapped", "answers to nothing.",
                       "Map it to a criterion or an objective, or retire it.")  # fmt: skip


def _told_twice(controls: Sequence[ControlInLibrary]) -> Iterator[Inconsistency]:
    """Pairs of controls that are told by nearly the same words (NR-13)."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, control in enumerate(controls):
        for run in control.runs:
            holders[run].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for held in holders.values():
        if len(held) <= COMMON:
            shared.update(combinations(held, 2))
    for one, other in sorted(shared):
        if likeness(controls[one].runs, controls[other].runs) > ALIKE:
            yield _control(controls[other], "told_twice", f"is told like {controls[one].ref}.",
                           "Tell what is particular to each, or make one of the two.")  # fmt: skip


def _idle_systems(
    controls: Sequence[ControlInLibrary], inventory: Sequence[str]
) -> Iterator[Inconsistency]:
    used = {name.casefold() for control in controls for name in control.systems}
    for name in inventory:
        if name.casefold() not in used:
            yield Inconsistency(
                "idle_system", "system", name, f"No control runs in {name}.",
                "Name it in the control that runs there.",
            )  # fmt: skip


def _of_one_taken(control: ControlTaken) -> Iterator[Inconsistency]:
    if control.library_number is None:
        yield _taken(control, "retired", "is retired in the client's library.",
                     "Ask the client since when, and what runs instead.")  # fmt: skip
    elif control.library_number != control.number:
        yield _taken(
            control, "moved_on",
            f"was taken at version {control.number}; version {control.library_number} stands.",
            "Read the two side by side, and take it again or test both.",
        )  # fmt: skip
    if control.differs:
        yield _taken(control, "walked_otherwise", "ran otherwise than it is told when walked.",
                     "Settle with the client which of the two is right.")  # fmt: skip
    if control.walked and control.number not in control.walked:
        yield _taken(
            control, "walked_before",
            f"was walked at version {max(control.walked)}, and version {control.number} is taken.",
            "Walk it again, as it is told now.",
        )  # fmt: skip


def _control(control: ControlInLibrary, kind: str, says: str, cure: str) -> Inconsistency:
    text = f"{control.ref} {says}"
    return Inconsistency(kind, "control", control.ref, text, cure, control.key)


def _taken(control: ControlTaken, kind: str, says: str, cure: str) -> Inconsistency:
    return Inconsistency(kind, "control", control.ref, f"{control.ref} {says}", cure, control.key)


def _names(low: str, name: str) -> bool:
    folded = re.escape(" ".join(name.casefold().split()))
    return bool(re.search(rf"(?<!\w){folded}(?!\w)", low))
