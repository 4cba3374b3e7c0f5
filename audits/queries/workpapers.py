"""What workpapers say, as a signature covers it; what the gates ask of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from audits.models import ScopeItem
from audits.models.sign_offs import ReviewNote
from audits.models.workpapers import RuleDecision, Workpaper
from audits.papers import PAPERS, Content
from audits.queries.papers import PaperStanding, standings
from audits.rules.sign_offs import WORDS
from audits.rules.workpapers import KINDS
from tenants.choices import EngagementStatus as S
from tenants.choices import Role
from tenants.findings import BLOCK, Finding, Source
from tenants.models import Assignment, Engagement

WAY = (S.ACCEPTANCE, S.PLANNING, S.WALKTHROUGH, S.FIELDWORK, S.REVIEW, S.REPORTING, S.WRAP_UP)
TERMS = ("report_type", "exam_type", "categories", "as_of", "period_start", "period_end")


def reader(kind: str) -> Any:
    """`Paper.reads` of a kind of workpaper."""

    def reads(engagement: Engagement, ids: Collection[UUID] | None) -> Mapping[UUID, Content]:
        rows = Workpaper.objects.filter(engagement=engagement, kind=kind)
        if ids is not None:
            rows = rows.filter(pk__in=ids)
        found = {
            row.pk: {"ref": row.ref, "title": row.title, "text": row.text, "fields": row.fields}
            for row in rows
        }
        more = MORE[kind](engagement) if found and kind in MORE else {}
        return {key: {**content, **more} for key, content in found.items()}

    return reads


def terms_and_scope(engagement: Engagement) -> Content:
    """What a planning memo speaks of besides its own words."""
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True)
    return {**_terms(engagement), "scope": list(items.values_list("identifier", flat=True))}


def terms_and_team(engagement: Engagement) -> Content:
    """What an acceptance speaks of besides its own words: who does the work, and what it is."""
    team = Assignment.objects.filter(engagement=engagement, organization=engagement.firm_id)
    people = sorted(f"{row.role}: {row.person_id}" for row in team)
    return {**_terms(engagement), "team": people}


LOCK_PROPOSAL = "lock_proposal"
MORE = {"planning_memo": terms_and_scope, "acceptance": terms_and_team}
"""Kind → what a signature on it covers besides its words (1 query)."""


def unsigned(phase: S) -> Source:
    """What a gate asks of signatures: every paper of the phase is signed as it is now.

    Review asks it of all papers so far, wrap-up of all there are (SO-04, SO-05); a withdrawn file
    is closed as it stands, on a signed proposal (LK-05).
    """

    def source(engagement: Engagement) -> list[Finding]:
        if phase == S.WITHDRAWN:
            found = standings(engagement, LOCK_PROPOSAL).values()
            return [_unsigned(engagement, each) for each in found if each.missing]
        asked = [
            paper for paper in PAPERS.values()
            if paper.phase == phase or (
                phase in (S.REVIEW, S.WRAP_UP)
                and WAY.index(paper.phase) <= WAY.index(phase)
            )
        ]  # fmt: skip
        return [
            _unsigned(engagement, each)
            for paper in asked
            for each in standings(engagement, paper.kind).values()
            if each.missing
        ]

    return source


def absent(phase: S) -> Source:
    """The workpapers without which the phase does not end, and what they must say."""

    def source(engagement: Engagement) -> list[Finding]:
        at = S.WRAP_UP if phase == S.WITHDRAWN else phase
        kinds = [kind for kind, each in KINDS.items() if each.asked_at == at]
        rows = Workpaper.objects.filter(engagement=engagement, kind__in=kinds)
        held = {row.kind: row for row in rows}
        found = [
            Finding(
                "§9", BLOCK, f"There is no paper “{Workpaper(kind=kind).get_kind_display()}” yet.",
                "Write it.", ("audits:workpaper_new", (engagement.pk, kind)), subject=kind,
            )
            for kind in kinds
            if kind not in held
        ]  # fmt: skip
        return found + [each for row in held.values() for each in _unfit(engagement, row)]

    return source


def team_stands(engagement: Engagement) -> list[Finding]:
    """A partner and a manager lead the work before it is planned (1 query)."""
    roles = set(
        Assignment.objects.filter(engagement=engagement, organization=engagement.firm_id)
        .values_list("role", flat=True)
    )  # fmt: skip
    return [
        Finding(
            "§9", BLOCK, f"No {role.label.lower()} is on the engagement.",
            "Assign one on the people page.", ("tenants:engagement_people", (engagement.pk,)),
            subject=str(role),
        )
        for role in (Role.PARTNER, Role.MANAGER)
        if role not in roles
    ]  # fmt: skip


def open_notes(phase: S) -> Source:
    """Review notes on papers of the phases so far that nobody has cleared (SO-07; 1 query)."""

    def source(engagement: Engagement) -> list[Finding]:
        notes = ReviewNote.objects.filter(engagement=engagement, cleared_at=None)
        return [
            Finding(
                "SO-07", BLOCK, f"A review note on “{note.paper_name}” is open.",
                "Answer it; its author or a manager clears it.",
                ("audits:paper", (engagement.pk, note.paper_kind, note.paper_id)),
                subject=str(note.pk),
            )
            for note in notes
            if WAY.index(PAPERS[note.paper_kind].phase) <= WAY.index(phase)
        ]  # fmt: skip

    return source


def decided(engagement: Engagement) -> dict[tuple[str, str], str]:
    """(rule, subject) → hash of the facts of the last decision on it (1 query)."""
    rows = RuleDecision.objects.filter(engagement=engagement)
    return {(row.rule, row.subject): row.facts_hash for row in rows}


def _unsigned(engagement: Engagement, paper: PaperStanding) -> Finding:
    level = paper.missing[0]
    stale = paper.latest(level)
    said = (
        f"“{paper.name}” has changed since {stale.signer} signed it."
        if stale
        else f"“{paper.name}” is not {WORDS[level]} yet."
    )
    return Finding(
        "SO-05" if stale else "SO-04", BLOCK, said,
        "Look at the difference and sign it again." if stale else "Have it signed.",
        ("audits:paper", (engagement.pk, paper.paper.kind, paper.id)), subject=str(paper.id),
    )  # fmt: skip


def _unfit(engagement: Engagement, row: Workpaper) -> list[Finding]:
    """Why a paper that is there lets the phase not end, whatever is signed."""
    fields, said = row.fields, ""
    conflict = row.kind == "conflict_check" and fields["result"] == "found"
    if conflict and not fields.get("resolution"):
        said = "A conflict was found, and nothing says how it was resolved."
    if row.kind == "acceptance" and fields["conclusion"] == "decline":
        said = "The conclusion is to decline."
    if row.kind == "subsequent_events":
        said = _not_up_to_the_date(engagement, fields)
    cure = "Change the paper, or withdraw the engagement."
    route = ("audits:paper", (engagement.pk, row.kind, row.pk))
    return [Finding("§9", BLOCK, said, cure, route, subject=str(row.pk))] if said else []


def _not_up_to_the_date(engagement: Engagement, fields: Content) -> str:
    if fields["effect"] == "hold":
        return "Subsequent events hold the report."
    on = engagement.report_date
    if on is not None and fields["covers_to"] < on.isoformat():
        return f"The subsequent-events inquiry ends before the report date, {on.isoformat()}."
    return ""


def _terms(engagement: Engagement) -> Content:
    return {name: getattr(engagement, name) for name in TERMS}
