"""The judge: reads a history and a final state, and knows nothing of the application.

Each rule is a function that yields what it finds wrong, in a sentence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from tests.faults.history import ACKNOWLEDGED, REFUSED, UNKNOWN, Call, Effect, State

History = Sequence[Call]
Rule = Callable[[History, State], Iterator[str]]

SENT_ONCE = {"sent"}
NEVER_SENT = {"refused", "waiting"}
MAYBE_SENT = {"sending", "unknown"}


def anomalies(history: History, state: State) -> list[str]:
    """Everything that is wrong; empty for a history that could have been."""
    return [found for rule in RULES for found in rule(history, state)]


def writes(history: History) -> dict[Effect, list[Call]]:
    """The calls that ask for each effect."""
    found: dict[Effect, list[Call]] = defaultdict(list)
    for call in history:
        if call.saw is None:
            found[call.effect].append(call)
    return found


def reads(history: History) -> list[Call]:
    """The calls that looked and were answered."""
    return [call for call in history if call.saw is not None and call.outcome == ACKNOWLEDGED]


def the_history_itself_is_sound(history: History, state: State) -> Iterator[str]:
    for call in history:
        if call.outcome not in (ACKNOWLEDGED, REFUSED, UNKNOWN):
            yield f"{call.effect} ended as “{call.outcome}”, which is no outcome"
        if call.ended is None and call.outcome != UNKNOWN:
            yield f"{call.effect} has an outcome and no end"
        if call.ended is not None and call.ended < call.began:
            yield f"{call.effect} ended before it began"


def nothing_acknowledged_is_lost(history: History, state: State) -> Iterator[str]:
    for effect, calls in writes(history).items():
        done = any(call.outcome == ACKNOWLEDGED for call in calls)
        if done and not state.effects.get(effect):
            yield f"{effect} was acknowledged and is not there"


def nothing_is_done_twice(history: History, state: State) -> Iterator[str]:
    for effect, count in state.effects.items():
        if count > 1:
            yield f"{effect} is there {count} times"


def nothing_is_there_that_nobody_asked_for(history: History, state: State) -> Iterator[str]:
    asked = writes(history)
    for effect, count in state.effects.items():
        calls = asked.get(effect, [])
        if count and not calls:
            yield f"{effect} is there and was never asked for"
        elif count and all(call.outcome == REFUSED for call in calls):
            yield f"{effect} is there and was refused"


def one_entry_of_the_trail_for_each_effect(history: History, state: State) -> Iterator[str]:
    for effect in sorted(state.effects.keys() | state.trail.keys()):
        there, told = state.effects.get(effect, 0), state.trail.get(effect, 0)
        if there != told:
            yield f"{effect} is there {there} times and {told} times in the trail"


def what_was_answered_is_what_is_there(history: History, state: State) -> Iterator[str]:
    for effect, calls in writes(history).items():
        answers = {call.said for call in calls if call.outcome == ACKNOWLEDGED and call.said}
        if len(answers) > 1:
            yield f"{effect} was answered in {len(answers)} ways"
        if answers and effect in state.said and answers != {state.said[effect]}:
            yield f"{effect} was answered otherwise than it is there"


def no_read_is_stale(history: History, state: State) -> Iterator[str]:
    """What was acknowledged before a read began is in it; what it saw stays to be seen."""
    asked = writes(history)
    for read in reads(history):
        kind, saw = read.effect[0], set(read.saw or ())
        for effect, calls in asked.items():
            if effect[0] != kind or calls[0].target != read.target or effect[1] in saw:
                continue
            if any(
                call.outcome == ACKNOWLEDGED and call.ended is not None and call.ended < read.began
                for call in calls
            ):
                yield f"{effect} was acknowledged before a read of {read.target} missed it"


def no_read_forgets(history: History, state: State) -> Iterator[str]:
    seen: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for read in reads(history):
        seen[(read.effect[0], read.target)].append(read)
    for (kind, target), some in seen.items():
        for earlier in some:
            for later in some:
                if earlier.ended is not None and earlier.ended < later.began:
                    for word in set(earlier.saw or ()) - set(later.saw or ()):
                        yield f"{kind} {word} was seen on {target}, and later not"


def no_read_sees_what_was_not_written(history: History, state: State) -> Iterator[str]:
    asked = writes(history)
    for read in reads(history):
        for word in read.saw or ():
            calls = asked.get((read.effect[0], word), [])
            if not any(call.began < (read.ended or read.began) for call in calls):
                yield f"{read.effect[0]} {word} was seen before anybody wrote it"
            elif len(read.saw or ()) != len(set(read.saw or ())):
                yield f"a read of {read.target} shows {word} or another twice"
                break


def bytes_and_rows_agree(history: History, state: State) -> Iterator[str]:
    for key, sha256 in state.named.items():
        if key not in state.stored:
            yield f"a row names {key}, and the store has no such bytes"
        elif state.stored[key] != sha256:
            yield f"the bytes of {key} are not those its row names"
    for key in state.stored.keys() - state.named.keys():
        yield f"the store has {key}, which no row names"


def each_mail_goes_once(history: History, state: State) -> Iterator[str]:
    for obligation in sorted(state.obligations.keys() | state.mails.keys()):
        status, count = state.obligations.get(obligation), state.mails.get(obligation, 0)
        if status is None:
            yield f"{count} mails for {obligation}, which nothing owes"
        elif count > 1:
            yield f"{count} mails for {obligation}"
        elif count and status in NEVER_SENT:
            yield f"a mail for {obligation}, whose row says “{status}”"
        elif not count and status in SENT_ONCE:
            yield f"no mail for {obligation}, whose row says “{status}”"
        elif status not in SENT_ONCE | NEVER_SENT | MAYBE_SENT:
            yield f"{obligation} has the status “{status}”, which is none"


def all_that_is_due_is_done(history: History, state: State) -> Iterator[str]:
    yield from (f"{work} is due and not done" for work in state.undone)
    yield from (f"{work} was given up" for work in state.parked)
    yield from (
        f"the mail for {owed} was never tried"
        for owed, status in state.obligations.items()
        if status == "waiting"
    )


RULES: tuple[Rule, ...] = (
    the_history_itself_is_sound, nothing_acknowledged_is_lost, nothing_is_done_twice,
    nothing_is_there_that_nobody_asked_for, one_entry_of_the_trail_for_each_effect,
    what_was_answered_is_what_is_there, no_read_is_stale, no_read_forgets,
    no_read_sees_what_was_not_written, bytes_and_rows_agree, each_mail_goes_once,
    all_that_is_due_is_done,
)  # fmt: skip
