"""How the narratives of a library stand: their scores, who approved them, what is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Left

from audits.choices.narratives import ProposalStatus
from audits.models import (
    Control,
    ControlCriterion,
    ControlObjectiveLink,
    Narrative,
    System,
)
from audits.models.narratives import NarrativeApproval, NarrativeProposal
from audits.queries.library import with_narratives
from audits.rules.narrative_facts import DEFAULTS, NarrativeFacts, NarrativeLimits, Score
from audits.rules.narrative_likeness import Shingles, shingles_of
from audits.rules.narratives import check
from tenants.choices import MembershipStatus
from tenants.models import Membership, Organization, User
from tenants.permissions import P, carries

READ = 4_000
"""Characters of the other narratives that are compared: 200 words are fewer (NR-01, NR-13)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a narrative is read against: role list, systems, and the other narratives by id."""

    roles: tuple[str, ...]
    inventory: tuple[str, ...]
    told: Mapping[str, Shingles]

    def others(self, ref: str) -> dict[str, Shingles]:
        """The narratives of the other controls."""
        return {each: runs for each, runs in self.told.items() if each != ref}


def surroundings(client: Organization) -> Surroundings:
    """The client's library as a narrative is read against it: 2 queries."""
    rows = with_narratives(Control.objects.filter(client=client, retired_on=None))
    found = list(rows.annotate(start=Left("narrative", READ)).values_list("ref", "owner_role",
                                                                          "start"))  # fmt: skip
    return Surroundings(
        tuple(sorted({role for _, role, _ in found})),
        tuple(System.objects.filter(client=client).values_list("name", flat=True)),
        {ref: shingles_of(text or "") for ref, _, text in found},
    )


def facts_of(control: Any, around: Surroundings) -> NarrativeFacts:
    """What is known of a control. Needs its systems and links fetched."""
    mappings = {link.criterion_id: link.rationale for link in control.criterion_links.all()}
    mappings |= {link.objective.ref: link.rationale for link in control.objective_links.all()}
    return NarrativeFacts(
        control.ref, control.owner_role, control.frequency, control.nature,
        tuple(system.name for system in control.systems.all()), around.roles, around.inventory,
        mappings,
    )  # fmt: skip


def scores_of(
    client: Organization, controls: Iterable[Any], limits: NarrativeLimits = DEFAULTS
) -> dict[UUID, Score]:
    """Control → how its newest narrative does. Needs narrative, systems and links fetched."""
    around = surroundings(client)
    return {
        control.pk: check(
            control.narrative or "", facts_of(control, around), around.others(control.ref), limits
        )
        for control in controls
    }


def score_of(control: Any, text: str | None = None) -> Score:
    """How a text does as the control's narrative; without one, its newest version."""
    rows = with_narratives(Control.objects.filter(pk=control.pk))
    row: Any = rows.prefetch_related(*_links()).get()
    around = surroundings(control.client)
    told = text if text is not None else row.narrative or ""
    return check(told, facts_of(row, around), around.others(row.ref))


def score_of_told(client: Organization, told: Any) -> Score:
    """How a control does that is told by a form: anything with the names of `ControlFields`."""
    around = surroundings(client)
    kept = _rationales(client, told.ref)
    named = [*(told.criteria or ()), *(told.objectives or ())]
    facts = NarrativeFacts(
        told.ref, told.owner_role, told.frequency, told.nature, told.systems or (),
        around.roles, around.inventory, {name: kept.get(name, "") for name in named},
    )  # fmt: skip
    return check(told.narrative, facts, around.others(told.ref))


def standing(client: Organization, user: User) -> QuerySet[Any]:
    """Controls that run, by ref: newest narrative, who wrote and approved it, open proposals."""
    newest = Narrative.objects.filter(control=OuterRef("pk")).order_by("-number")
    approved = NarrativeApproval.objects.filter(narrative=OuterRef("narrative_id"))
    proposed = NarrativeProposal.objects.filter(
        control=OuterRef("pk"), status=ProposalStatus.PROPOSED
    )
    rows = with_narratives(Control.objects.visible_to(user)).filter(client=client, retired_on=None)
    return rows.annotate(
        narrative_id=Subquery(newest.values("pk")[:1]),
        approved_by_name=Subquery(approved.values("approved_by__name")[:1]),
        is_proposed=Exists(proposed),
    ).prefetch_related(*_links())


def versions(control: Any) -> QuerySet[Narrative]:
    """Every version of a control's narrative, newest first, with writer and approval."""
    approvals = NarrativeApproval.objects.select_related("approved_by")
    rows = Narrative.objects.filter(control=control).select_related("written_by")
    return rows.order_by("-number").prefetch_related(Prefetch("approvals", approvals))


def open_proposals(user: User, control: Any = None) -> QuerySet[Any]:
    """Proposals nobody has decided, oldest first; of one control, or of the whole library."""
    rows = NarrativeProposal.objects.visible_to(user).filter(status=ProposalStatus.PROPOSED)
    if control is not None:
        rows = rows.filter(control=control)
    return rows.select_related("control", "proposed_by").order_by("proposed_at")


def approver_count(client: Organization) -> int:
    """How many people of the client may approve narratives (SO-08)."""
    rows = Membership.objects.filter(organization=client, status=MembershipStatus.ACTIVE)
    return sum(carries(role, P.APPROVE_NARRATIVE) for role in rows.values_list("role", flat=True))


def may_be_approved(newest: Narrative, user: User) -> bool:
    """Whether to offer the approval: nobody gave it, and `user` did not write the version."""
    if newest.approvals.exists():
        return False
    return newest.written_by_id != user.pk or approver_count(newest.client) < 2


def _links() -> Sequence[Any]:
    objectives = ControlObjectiveLink.objects.select_related("objective").order_by("objective__ref")
    criteria = ControlCriterion.objects.order_by("criterion__position")
    return (
        "systems", Prefetch("criterion_links", criteria), Prefetch("objective_links", objectives)
    )  # fmt: skip


def _rationales(client: Organization, ref: str) -> dict[str, str]:
    mine = {"client": client, "control__ref": ref}
    criteria = ControlCriterion.objects.filter(**mine).values_list("criterion_id", "rationale")
    objectives = ControlObjectiveLink.objects.filter(**mine)
    return dict(criteria) | dict(objectives.values_list("objective__ref", "rationale"))
