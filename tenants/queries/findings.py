"""What is still open before an engagement may leave its phase: the page, the API and the gate."""

from __future__ import annotations

from tenants import findings
from tenants.findings import Stand
from tenants.models import Engagement
from tenants.whole import whole_file

ORDER = {findings.BLOCK: 0, findings.OVERRIDE: 1, findings.WARN: 2}


def open_findings(engagement: Engagement, phase: str = "") -> list[Stand]:
    """Everything found at the exit of `phase` (by default where it stands), what holds first.

    On hold it is the phase it is held in.
    """
    phase = phase or engagement.held_from or engagement.status
    with whole_file(engagement):
        found = [each for source in findings.SOURCES[phase] for each in source(engagement)]
        settled: dict[tuple[str, str], str] = {}
        for decisions in findings.SETTLED if found else ():
            settled |= decisions(engagement)
    stands = [
        Stand(each, settled.get((each.rule, each.subject)) == each.facts_hash) for each in found
    ]
    return sorted(stands, key=lambda stand: (not stand.holds, ORDER[stand.finding.level]))


def refusal_of(engagement: Engagement) -> str:
    """Why the engagement may not leave its phase: the first that holds, and how many more."""
    holding = [stand.finding for stand in open_findings(engagement) if stand.holds]
    if not holding:
        return ""
    first, more = holding[0], len(holding) - 1
    said = f"{first.rule}: {first.text} {first.cure}"
    if more:
        said += f" And {more} more {'is' if more == 1 else 'are'} open: see “What is still open”."
    return said
