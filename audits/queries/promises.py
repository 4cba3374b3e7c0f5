"""What the client's promises leave open when planning ends (RT-10, RT-11), and what is unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audits.choices.system import EntryKind as K
from audits.choices.system import ProcessingAspect
from audits.models.statements import ScopeStatement
from audits.queries.statements import entries
from audits.rules.promises import Promised, aspects_missing, privacy_doubted, without
from audits.rules.statements import asked_of
from audits.rules.system_entries import KINDS
from tenants.choices import Basis, Category
from tenants.findings import BLOCK, WARN, Finding
from tenants.models import Engagement

STATE = "The client writes it into its system and states it here."


def open_at_planning(engagement: Engagement) -> list[Finding]:
    """Promises that are missing for what is examined (1 query; none for a SOC 1)."""
    if engagement.basis != Basis.CRITERION:
        return []
    stated = entries(engagement, K.COMMITMENT, K.REQUIREMENT, K.DATA_TYPE)
    commitments = [_promised(each) for each in stated if each.kind == K.COMMITMENT]
    requirements = [_promised(each) for each in stated if each.kind == K.REQUIREMENT]
    personal = any(each.facts.get("personal") for each in stated if each.kind == K.DATA_TYPE)
    categories = list(engagement.categories)
    found = [
        *_missing(engagement, K.COMMITMENT, without(categories, commitments)),
        *_missing(engagement, K.REQUIREMENT, without(categories, requirements)),
    ]
    aspects = aspects_missing(categories, commitments)
    if aspects and Category.PROCESSING_INTEGRITY not in without(categories, commitments):
        words = ", ".join(ProcessingAspect(each).label.lower() for each in aspects)
        found.append(_finding(
            engagement, "RT-10", BLOCK, f"No commitment about processing names its {words}.",
            STATE, K.COMMITMENT, "aspects", {"aspects": aspects},
        ))  # fmt: skip
    if doubt := privacy_doubted(categories, commitments, personal_data=personal):
        found.append(_finding(
            engagement, "RT-11", WARN, doubt,
            "Consider Confidentiality: it fits data that is only held for customers.",
            K.COMMITMENT, "", {},
        ))  # fmt: skip
    return found


def silent(engagement: Engagement) -> list[Finding]:
    """Kinds of which the client has handed over neither entries nor that there are none (1 query).

    The description of the system answers each (RT-18).
    """
    rows = ScopeStatement.objects.filter(engagement=engagement, handed_over_at__isnull=False)
    said = set(rows.order_by().values_list("kind", flat=True).distinct())
    unsaid = [kind for kind in asked_of(engagement) if kind not in said]
    if not unsaid:
        return []
    words = ", ".join(KINDS[kind].plural.lower() for kind in unsaid)
    return [
        Finding(
            "RT-18", WARN, f"The client has not stated: {words}.",
            "Ask for them before the description is drafted; “none” is an answer too.",
            ("audits:statements", (engagement.pk,)), facts={"kinds": unsaid},
        )
    ]  # fmt: skip


def _promised(each: Any) -> Promised:
    return Promised(each.category, each.aspects)


def _missing(engagement: Engagement, kind: str, categories: list[str]) -> Iterator[Finding]:
    if categories:
        words = ", ".join(str(Category(each).label) for each in categories)
        yield _finding(
            engagement, "RT-10", BLOCK, f"No {K(kind).label.lower()} is stated for: {words}.",
            STATE, kind, kind, {"categories": categories},
        )  # fmt: skip


def _finding(
    engagement: Engagement, rule: str, level: Any, text: str, cure: str, kind: str, subject: str,
    facts: dict[str, Any],
) -> Finding:  # fmt: skip
    route = ("audits:statement", (engagement.pk, str(kind)))
    return Finding(rule, level, text, cure, route, subject=subject, facts=facts)
