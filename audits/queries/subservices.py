"""How the subservice organizations of an engagement stand, and what of them is open."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audits.choices.system import EntryKind, SubserviceMethod
from audits.models import ScopeItem
from audits.models.statements import ScopeEntry
from audits.models.subservices import EngagementSubservice, SubserviceIndependence
from audits.queries.statements import entries
from audits.rules.subservices import Cover, cover
from tenants.choices import FIRM_ROLES
from tenants.findings import BLOCK, WARN, Finding
from tenants.models import Assignment, Engagement, User

NAMED = 5


@dataclass(frozen=True, slots=True)
class SubserviceStanding:
    """One organization: as stated (None: no longer), as treated (None: not yet), its cover.

    `asked`: who of the firm has not stated independence of it, where it is included.
    """

    entry: ScopeEntry | None
    treated: EngagementSubservice | None
    cover: Cover | None
    csoc_count: int
    asked: tuple[str, ...]
    said: bool


def standing(engagement: Engagement, user: User, *, firm: bool) -> list[SubserviceStanding]:
    """Every organization stated or treated, by id (4 queries at most)."""
    treated = {row.entry_id: row for row in _treated(engagement)}
    stated = {each.entry_id: each for each in entries(engagement, EntryKind.SUBSERVICE)}
    expected: defaultdict[UUID, int] = defaultdict(int)
    for csoc in entries(engagement, EntryKind.CSOC):
        for related in csoc.related:
            expected[related] += 1
    asked, said = _asked(engagement, user) if firm else ({}, set())
    rows = []
    for key in dict.fromkeys((*stated, *treated)):
        row = treated.get(key)
        dates = (row.report_from, row.report_to, row.bridge_to) if row else None
        covered = cover(engagement, *dates) if dates else None
        names = tuple(asked.get(row.pk, ())) if row else ()
        rows.append(SubserviceStanding(stated.get(key), row, covered, expected[key], names,
                                       row is not None and row.pk in said))  # fmt: skip
    return sorted(rows, key=_ref)


def _ref(each: SubserviceStanding) -> str:
    known = each.entry or each.treated
    return known.ref if known else ""


def inclusive(engagement: Engagement) -> list[EngagementSubservice]:
    """The organizations whose controls are described and tested, by id (1 query)."""
    return [row for row in _treated(engagement) if row.method == SubserviceMethod.INCLUSIVE]


def not_independent(engagement: Engagement, rule: str = "AC-04") -> list[Finding]:
    """Of which included organization somebody of the firm has not said (3 queries)."""
    missing = _missing(engagement)
    return [
        Finding(
            rule, BLOCK,
            f"independence of {row.title} ({row.ref}) is not stated by {', '.join(names)}.",
            "Each of them states it, or the organization is carved out.",
            ("audits:subservices", (engagement.pk,)), subject=row.ref, facts={"people": names},
        )
        for row, names in missing.items()
    ]  # fmt: skip


def included_at_planning(engagement: Engagement) -> list[Finding]:
    """The same at the end of planning, where a missing word means carve-out (RT-16; 3 queries)."""
    return not_independent(engagement, "RT-16")


def untreated(engagement: Engagement) -> list[Finding]:
    """Stated and not treated, or treated and no longer stated (2 queries)."""
    treated = {row.entry_id: row for row in _treated(engagement)}
    stated = {each.entry_id: each for each in entries(engagement, EntryKind.SUBSERVICE)}
    route = ("audits:subservices", (engagement.pk,))
    open_ = [each.ref for key, each in stated.items() if key not in treated]
    gone = [row.ref for key, row in treated.items() if key not in stated]
    found = []
    if open_:
        found.append(Finding(
            "RT-16", BLOCK, f"{', '.join(open_[:NAMED])} {_is(open_)} neither carved out nor "
            "included.", "Choose how the report treats each.", route, facts={"open": open_},
        ))  # fmt: skip
    if gone:
        found.append(Finding(
            "RT-16", BLOCK, f"The client states {', '.join(gone[:NAMED])} no more.",
            "Take it off, or ask the client to state it.", route, subject="gone",
            facts={"gone": gone},
        ))  # fmt: skip
    return found


def rests_on_others(engagement: Engagement) -> list[Finding]:
    """More than half of what is examined rests on controls of carved-out others (RT-21; 3 queries).

    A carve-out of whoever runs most of the service may mislead readers.
    """
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True)
    examined = set(items.values_list("identifier", flat=True))
    carved = {
        row.entry_id for row in _treated(engagement) if row.method == SubserviceMethod.CARVE_OUT
    }
    resting: set[str] = set()
    for csoc in entries(engagement, EntryKind.CSOC) if carved and examined else ():
        if carved.intersection(csoc.related):
            resting |= examined.intersection(csoc.facts["answers_to"])
    if 2 * len(resting) <= len(examined):
        return []
    return [
        Finding(
            "RT-21", WARN,
            f"{len(resting)} of {len(examined)} items in scope rest on controls of carved-out "
            "organizations.",
            "The partner notes why a carve-out does not mislead, or it is included.",
            ("audits:subservices", (engagement.pk,)),
            facts={"resting": sorted(resting), "examined": len(examined)},
        )
    ]  # fmt: skip


def complementary(engagement: Engagement) -> dict[str, list[ScopeEntry]]:
    """Criterion or objective → the controls expected of others for it, users' first (1 query)."""
    found: defaultdict[str, list[ScopeEntry]] = defaultdict(list)
    for each in entries(engagement, EntryKind.CUEC, EntryKind.CSOC):
        for identifier in each.facts.get("answers_to", ()):
            found[identifier].append(each)
    return dict(found)


def _treated(engagement: Engagement) -> list[EngagementSubservice]:
    return list(EngagementSubservice.objects.filter(engagement=engagement).order_by("ref"))


def _missing(engagement: Engagement) -> dict[EngagementSubservice, list[str]]:
    """Included organization → who of the firm's people has not said, by name (3 queries)."""
    included = inclusive(engagement)
    if not included:
        return {}
    team = Assignment.objects.filter(engagement=engagement, role__in=FIRM_ROLES)
    people = {row.person_id: str(row.person) for row in team.select_related("person")}
    said = set(_words(engagement))
    found = {
        row: sorted(name for key, name in people.items() if (row.pk, key) not in said)
        for row in included
    }
    return {row: names for row, names in found.items() if names}


def _asked(engagement: Engagement, user: User) -> tuple[dict[UUID, list[str]], set[UUID]]:
    """Who is missing by organization, and of which `user` has said it."""
    missing = {row.pk: names for row, names in _missing(engagement).items()}
    return missing, {row for row, person in _words(engagement) if person == user.pk}


def _words(engagement: Engagement) -> Any:
    rows = SubserviceIndependence.objects.filter(engagement=engagement)
    return rows.values_list("subservice_id", "person_id")


def _is(refs: list[str]) -> str:
    return "is" if len(refs) == 1 else "are"
