"""Conclusions in the generated tests: on the first control and item, and one that rests on it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from audits.actions import conclusions, control_plans
from audits.actions.control_plans import Thought
from audits.models import EngagementControl, ScopeItem
from tenants.permissions import P
from tests import factories
from tests.access.scenes import acts
from tests.parts.testing import _phase as in_fieldwork

FIELDS_TXT = """
shown firm audits.api.conclusions.ControlConclusionSerializer: id version engagement control ref value proposed reason tested deviating rate upper_limit table_number concluded_by concluded_at
shown firm audits.api.conclusions.ScopeItemConclusionSerializer: id version engagement scope_item identifier value proposed reason pervasive_asked concluded_by concluded_at
shown firm audits.api.conclusions.DependencyReviewSerializer: id version engagement failed dependent outcome reason reviewed_by reviewed_at
shown firm audits.api.conclusions.ControlConclusionsShape: conclusions
shown firm audits.api.conclusions.ScopeItemConclusionsShape: conclusions
sent firm audits.api.conclusions.ControlConclusionBody: control value reason
sent firm audits.api.conclusions.ScopeItemConclusionBody: scope_item value reason
sent firm audits.api.conclusions.DependencyReviewBody: failed dependent outcome reason
sent firm audits.api.conclusions.TakeProposedBody: engagement
form firm audits.portal.conclusions.ConclusionForm: version value reason
form firm audits.portal.conclusions.DependencyForm: version outcome reason
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {
    "control_conclusion": "audits.ControlConclusion", "failed": "failed control",
    "scope_item_conclusion": "audits.ScopeItemConclusion", "dependent": "dependent control",
}  # fmt: skip
REASON = "Seen otherwise."


def concluded(world: SimpleNamespace, reason: str = REASON) -> SimpleNamespace:
    """The second control failed, the third rests on it and was looked at again; an item is met."""
    with in_fieldwork(world):
        with acts(world.senior, world.firm):
            rows = EngagementControl.objects.select_related("engagement")
            controls = list(rows.filter(engagement=world.engagement).order_by("ref")[:3])
            failed, dependent = controls[-2], controls[-1]
            rests_on = Thought(dependents_of=[failed.pk])
            control_plans.plan(dependent, rests_on, by=world.senior)
            of_control = conclusions.conclude_control(
                failed, "not_effective", reason=reason, by=world.senior
            )
            review = conclusions.review_dependency(
                failed, dependent, "holds", reason, by=world.senior
            )
        with acts(world.lead, world.firm):
            items = ScopeItem.objects.select_related("engagement").filter(
                engagement=world.engagement, relevant=True
            )
            item = items.order_by("position").first()
            of_item = conclusions.conclude_item(
                item, "not_determinable", reason=reason, by=world.lead
            )
    return SimpleNamespace(
        failed=failed.pk, dependent=dependent.pk, of_control=of_control, of_item=of_item,
        review=review, item=item.pk,
    )  # fmt: skip


def play(world: SimpleNamespace) -> dict[str, Any]:
    """A conclusion of each kind."""
    made = concluded(world)
    return {
        "audits.ControlConclusion": made.of_control.pk, "failed control": made.failed,
        "audits.ScopeItemConclusion": made.of_item.pk, "dependent control": made.dependent,
        "audits.DependencyReview": made.review.pk, "concluded item": made.item,
    }  # fmt: skip


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads, in every reason; where a partner alone is cast, nobody concludes a
    control (section 19)."""
    with acts(world.senior, world.firm):
        concludes = world.senior.has_perm(P.CONCLUDE_CONTROL, world.engagement)
    if concludes:
        concluded(world, f"{word}-firm")


def _in_fieldwork(play: Any, state: str, who: Any) -> None:
    factories.moved_to(play.world, "fieldwork")


ARRANGED = dict.fromkeys(
    ("control_conclusion", "scope_item_conclusion", "dependency_review"), _in_fieldwork
)
LABELS = {
    "scope_item_conclusion.conclude": {"scope_item": "concluded item"},
    "control_conclusion.conclude": {"control": "failed control"},
}
FIELDS = {
    "control_conclusion": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "control": str(play.ids["failed control"]),
        "value": "not_tested", "reason": REASON,
    },
    "scope_item_conclusion": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "scope_item": str(play.ids["concluded item"]),
        "value": "not_determinable", "reason": REASON,
    },
    "dependency_review": lambda play, who: {
        "failed": str(play.ids["failed control"]), "dependent": str(play.ids["dependent control"]),
        "outcome": "holds", "reason": REASON,
    },
}  # fmt: skip
