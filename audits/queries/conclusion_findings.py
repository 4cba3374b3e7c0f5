"""What the end of review asks of conclusions (soc.md, section 9; DV-05, DV-06)."""

from __future__ import annotations

from collections.abc import Iterator

from audits.choices.conclusions import IS_MET, ControlValue, DependencyOutcome
from audits.queries.conclusions import ControlLine, Dependency, RollUp, roll_up
from audits.rules.conclusions import no_support
from tenants.findings import BLOCK, Finding
from tenants.models import Engagement

PLAIN = "§14"
"""The rules of section 14 that carry no number."""


def open_at_review(engagement: Engagement) -> list[Finding]:
    """Controls and items nobody concluded, or of which something else is proposed by now; items
    without support; controls that rest on a failed one and that nobody looked at again."""
    found = roll_up(engagement)
    return [*_controls(engagement, found), *_items(engagement, found), *_resting(engagement, found)]


def _controls(engagement: Engagement, found: RollUp) -> Iterator[Finding]:
    for line in found.controls.values():
        route = ("audits:control_conclude", (engagement.pk, line.id))
        if line.conclusion is None:
            yield Finding(
                PLAIN, BLOCK, f"{line.ref} is not concluded.", "Say what it came to.", route,
                line.ref,
            )  # fmt: skip
        elif line.is_behind:
            said = f"{line.ref}: what was found has changed since it was concluded."
            yield Finding(PLAIN, BLOCK, said, "Conclude it again.", route, line.ref)


def _items(engagement: Engagement, found: RollUp) -> Iterator[Finding]:
    for line in found.items.values():
        route = ("audits:item_conclude", (engagement.pk, line.item.pk))
        name = line.item.identifier
        if line.conclusion is None:
            said = f"{name} is not concluded."
            yield Finding(PLAIN, BLOCK, said, "Say whether it is met.", route, name)
        elif line.conclusion.value in IS_MET and no_support(line.outcomes):
            said = f"{name} is said to be met, and every key control of it failed."
            yield Finding("DV-05", BLOCK, said, "Conclude it again.", route, name)
        elif line.is_behind:
            said = f"{name}: its controls came to something else since it was concluded."
            yield Finding(PLAIN, BLOCK, said, "Conclude it again.", route, name)


def _resting(engagement: Engagement, found: RollUp) -> Iterator[Finding]:
    for each in found.dependencies:
        held = found.controls[each.dependent.pk]
        said = ""
        if each.review is None:
            said = f"{each.dependent.ref} rests on {each.failed.ref}, which failed."
        elif _contradicts(each, held):
            said = f"{each.dependent.ref} falls with {each.failed.ref}, and is said to hold."
        if said:
            route = ("audits:dependency_review", (engagement.pk, each.failed.pk, each.dependent.pk))
            subject = f"{each.failed.ref} {each.dependent.ref}"
            cure = "Look at it again, with the reports it uses, and say what follows."
            yield Finding("DV-06", BLOCK, said, cure, route, subject)


def _contradicts(each: Dependency, line: ControlLine) -> bool:
    falls = each.review is not None and each.review.outcome == DependencyOutcome.FALLS
    held = line.conclusion
    return falls and held is not None and held.value != ControlValue.NOT_EFFECTIVE
