"""What a control's narrative must tell, so that a stranger could repeat the control (NR-01…NR-14).

Source of the rules and their levels: soc.md, section 10. A machine reads words, not meaning: it
finds what is missing, a person says whether what stands there is true.
"""

from __future__ import annotations

from collections.abc import Mapping

from audits.choices import ControlNature
from audits.rules import narrative_checks as checks
from audits.rules import narrative_words as words
from audits.rules.narrative_facts import (
    DEFAULTS,
    Level,
    NarrativeFacts,
    NarrativeLimits,
    Score,
)
from audits.rules.narrative_likeness import Shingles


def check(
    text: str,
    facts: NarrativeFacts,
    others: Mapping[str, Shingles] | None = None,
    limits: NarrativeLimits = DEFAULTS,
) -> Score:
    """Hold a narrative against NR-01 to NR-14.

    others: shingles of the client's other narratives, by id of their control.
    """
    told = checks.Told(text, facts)
    asked = {
        "NR-01": checks.length(told, limits), "NR-02": checks.who(told), "NR-03": checks.what(told),
        "NR-04": checks.when(told), "NR-05": checks.where(told), "NR-06": checks.evidence(told),
        "NR-07": checks.exceptions(told), "NR-08": checks.precision(told),
        "NR-10": checks.vague(told), "NR-14": checks.mapping(told),
    }  # fmt: skip
    if facts.nature == ControlNature.IT_DEPENDENT_MANUAL or words.READS_LIST.search(told.low):
        asked["NR-09"] = checks.source(told)
    if words.DECIDES.search(told.low):
        asked["NR-11"] = checks.duties(told)
    if facts.nature == ControlNature.AUTOMATED:
        asked["NR-12"] = checks.setting(told)
    if others:
        asked["NR-13"] = checks.own_text(told, others, limits)
    problems = [found for found in asked.values() if found]
    problems.sort(key=lambda one: (one.level != Level.BLOCK, one.rule))
    return Score(len(asked) - len(problems), len(asked), told.count, tuple(problems))
