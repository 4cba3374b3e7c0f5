"""One function a rule, NR-01 to NR-14: the problem with a narrative, or None."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Final

from audits.choices import ControlFrequency
from audits.rules import narrative_words as words
from audits.rules.narrative_facts import Level, NarrativeFacts, NarrativeLimits, Problem
from audits.rules.narrative_likeness import Shingles, nearest, shingles_of

SENTENCE: Final = re.compile(r"(?<=[.!?])\s+")
CLAUSE: Final = re.compile(r"(?<=[.!?;])\s+")
WORD: Final = re.compile(r"[a-z0-9%][a-z0-9%'-]*")


class Told:
    """A narrative as it is read: folded once, split once."""

    def __init__(self, text: str, facts: NarrativeFacts) -> None:
        self.facts = facts
        self.plain = " ".join(text.split())
        self.low = self.plain.casefold()
        self.count = len(self.plain.split())
        self.sentences = SENTENCE.split(self.low)

    def names(self, name: str) -> bool:
        """Whether a name stands in the text as words of its own."""
        folded = " ".join(name.casefold().split())
        return bool(folded) and bool(re.search(rf"(?<!\w){re.escape(folded)}(?!\w)", self.low))

    def failures(self) -> Iterator[tuple[str, str]]:
        """(sentence on a failure, the one after it) where somebody or something acts on it."""
        for sentence, after in pairwise([*self.sentences, ""]):
            if _tells_a_failure(sentence):
                yield sentence, after


def _tells_a_failure(part: str) -> bool:
    """Whether a sentence or clause says that something fails, and that something follows."""
    return bool(words.FAILURE.search(part) and words.FOLLOWED.search(part))


def _blocks(rule: str, says: str, write: str = "") -> Problem:
    return Problem(rule, Level.BLOCK, says, write)


def _warns(rule: str, says: str, write: str = "") -> Problem:
    return Problem(rule, Level.WARN, says, write)


def length(told: Told, limits: NarrativeLimits) -> Problem | None:
    """NR-01: enough, and not too much."""
    if limits.short <= told.count <= limits.long:
        return None
    level = Level.WARN if limits.fewest <= told.count <= limits.most else Level.BLOCK
    says = f"{told.count} word{'' if told.count == 1 else 's'}"
    cure = "Leave out what another control tells." if told.count > limits.long else "Tell more."
    return Problem("NR-01", level, f"{says}; {limits.short} to {limits.long} tell enough. {cure}")


def who(told: Told) -> Problem | None:
    """NR-02: a role that does it, not “management”."""
    role = told.facts.owner_role
    nobody = role.casefold().strip() in words.NO_ROLE
    roles = [one for one in told.facts.roles if one.casefold().strip() not in words.NO_ROLE]
    if not nobody and (told.names(role) or any(told.names(one) for one in roles)):
        return None
    if nobody:
        return _blocks("NR-02", f"“{role}” is nobody in particular: name one role as its owner.")
    return _blocks("NR-02", "It does not say who does it.", f"The {role} …")


def what(told: Told) -> Problem | None:
    """NR-03: a control verb with an object beside it."""
    for clause in CLAUSE.split(told.low):
        for verb in words.VERB.finditer(clause):
            after = WORD.findall(clause[verb.end() :])[:4]
            before = WORD.findall(clause[: verb.start()])[-5:]
            passive = before[-1:] and before[-1] in ("is", "are", "be", "been", "gets", "was")
            near = before[:-1] if passive else after
            if any(not _is_filler(word) for word in near):
                return None
    return _blocks(
        "NR-03", "It does not say what is done to what.",
        f"The {_owner(told)} compares … with …",
    )  # fmt: skip


def _is_filler(word: str) -> bool:
    return word in words.NO_OBJECT or word.endswith("ly") or word in words.NO_ROLE


def when(told: Told) -> Problem | None:
    """NR-04: words that match the control's frequency."""
    frequency = told.facts.frequency
    pattern = words.FREQUENCY.get(frequency)
    if pattern is None or re.search(pattern, told.low):
        return None
    label = ControlFrequency(frequency).label.lower()
    return _blocks(
        "NR-04", f"It does not say when: the control's frequency is “{label}”.",
        f"Say so, such as {words.WHEN_SAID[frequency]}.",
    )  # fmt: skip


def where(told: Told) -> Problem | None:
    """NR-05: one of the control's systems, by name."""
    if _names_a_system(told):
        return None
    systems = told.facts.systems or told.facts.inventory
    if not systems:
        return _blocks("NR-05", "It names no system: add the one it runs in to the control.")
    return _blocks("NR-05", "It does not say in which system.", f"… in {systems[0]}.")


def evidence(told: Told) -> Problem | None:
    """NR-06: the record that is kept, and where."""
    kept = words.KEPT.search(told.low)
    placed = kept and (_names_a_system(told) or words.WHERE.search(told.low, kept.end()))
    if kept and placed and words.RECORD.search(told.low[: kept.start()] + told.low[kept.end() :]):
        return None
    return _blocks(
        "NR-06", "It does not say what record shows that it ran, and where that is kept.",
        f"The signed report is stored in {_a_system(told)}.",
    )  # fmt: skip


def exceptions(told: Told) -> Problem | None:
    """NR-07: what happens on failure, and by when."""
    found = list(told.failures())
    if any(words.SOON.search(f"{sentence} {after}") for sentence, after in found):
        return None
    if found:
        return _blocks(
            "NR-07",
            "It does not say by when a failure is followed up.",
            "… within 5 business days.",
        )
    return _blocks(
        "NR-07", "It does not say what happens when it fails, who acts and by when.",
        f"If an item stays unexplained, the {_owner(told)} escalates it within 5 business days.",
    )  # fmt: skip


def precision(told: Told) -> Problem | None:
    """NR-08: a number or a word of full coverage, for extent and for follow-up."""
    failing = [sentence for sentence, _ in told.failures()]
    follow_up = any(words.FULL.search(s) or words.SOON.search(s) for s in failing)
    clauses = [clause for clause in CLAUSE.split(told.low) if not _tells_a_failure(clause)]
    extent = any(words.FULL.search(clause) for clause in clauses)
    if extent and (follow_up or not failing):
        return None
    lacking = "how much is covered" if not extent else "how exactly a failure is followed up"
    return _blocks(
        "NR-08", f"No number says {lacking}.", "Say 100%, every, all, zero, or a figure of yours."
    )


def source(told: Told) -> Problem | None:
    """NR-09: where a list comes from, and that it is complete."""
    listed, known = words.SOURCE.search(told.low), words.COMPLETENESS.search(told.low)
    if listed and known:
        return None
    lacking = "where the list comes from" if not listed else "how you know that it is complete"
    return _warns(
        "NR-09", f"It relies on a list and does not say {lacking}.",
        f"The list is exported from {_a_system(told)}, and its count agrees with …",
    )  # fmt: skip


def vague(told: Told) -> Problem | None:
    """NR-10: no vague words."""
    found = [*words.VAGUE.findall(told.plain), *words.MAY.findall(told.low)]
    if not found:
        return None
    named = ", ".join(f"“{word}”" for word in dict.fromkeys(word.lower() for word in found))
    return _blocks("NR-10", f"Say exactly what you mean instead of {named}.")


def duties(told: Told) -> Problem | None:
    """NR-11: who approves is not who does."""
    roles = {role.casefold() for role in (*told.facts.roles, told.facts.owner_role)}
    named = [role for role in roles if told.names(role)]
    apart = [role for role in named if not any(role != one and role in one for one in named)]
    if words.APART.search(told.low) or len(apart) > 1:
        return None
    return _warns(
        "NR-11", "It approves or reviews and does not say that another person did the work.",
        f"The {_owner(told)}, who does not prepare it, reviews …",
    )  # fmt: skip


def setting(told: Told) -> Problem | None:
    """NR-12: the setting, and who can change it."""
    setting, changed = words.SETTING.search(told.low), words.CHANGED_BY.search(told.low)
    if setting and changed:
        return None
    lacking = (
        "the setting" if not setting else "who can change the setting, and under which control"
    )
    return _warns(
        "NR-12", f"It runs by itself and does not say {lacking}.",
        "Only … can change the rule, through a reviewed change.",
    )  # fmt: skip


def own_text(told: Told, others: Mapping[str, Shingles], limits: NarrativeLimits) -> Problem | None:
    """NR-13: not another control's text."""
    ref, share = nearest(shingles_of(told.plain), others)
    if share <= limits.likeness:
        return None
    return _warns(
        "NR-13", f"{share:.0%} of it reads like {ref}. Tell what is particular to this control."
    )


def mapping(told: Told) -> Problem | None:
    """NR-14: every mapping with one line why."""
    mappings = told.facts.mappings
    unexplained: Collection[str] = [name for name, why in mappings.items() if not why.strip()]
    if mappings and not unexplained:
        return None
    if not mappings:
        return _blocks("NR-14", "It answers to no criterion or objective yet: map it to one.")
    shown = ", ".join(list(unexplained)[:4]) + (" …" if len(unexplained) > 4 else "")
    return _blocks("NR-14", f"One line is missing on why it answers to {shown}.")


def _names_a_system(told: Told) -> bool:
    return any(told.names(one) for one in told.facts.systems or told.facts.inventory)


def _owner(told: Told) -> str:
    role = told.facts.owner_role
    return "control owner" if role.casefold().strip() in words.NO_ROLE else role


def _a_system(told: Told) -> str:
    systems = told.facts.systems or told.facts.inventory
    return systems[0] if systems else "…"
