"""The opinion in the generated tests: proposed, with a modification in general."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from django.db import transaction

from audits.actions import opinions
from audits.models import ScopeItem
from audits.models.conclusions import ScopeItemConclusion
from audits.models.opinions import Modification, Opinion
from tenants import acting
from tests import factories
from tests.access.scenes import acts

FIELDS_TXT = """
shown firm audits.api.opinions.OpinionPartShape: part value proposed
shown firm audits.api.opinions.OpinionSerializer: id version engagement parts proposal_reason proposed_by proposed_at decided_by decided_at decision_reason
shown firm audits.api.opinions.ModificationSerializer: id version engagement opinion part scope_item category cause pervasive basis
sent firm audits.api.opinions.OpinionBody: engagement reason
sent firm audits.api.opinions.DecideOpinionBody: description design operation reason
sent firm audits.api.opinions.ModificationBody: opinion part scope_item cause pervasive basis
form firm audits.portal.opinions.ProposalForm: reason
form firm audits.portal.opinions.DecisionForm: version description design operation reason
form firm audits.portal.opinions.ModificationForm: scope_item cause pervasive basis
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {"opinion": "audits.Opinion", "modification": "audits.Modification"}
FILTERED = {"opinion": "audits.Opinion"}
WORDS = {"opinion_part": ("description",)}
BASIS = "The description omits a system."


def proposed(world: SimpleNamespace, words: str = BASIS) -> Modification:
    """Every item is concluded, the opinion proposed, and the description modified."""
    with _in_review(world), acts(world.lead, world.firm):
        _conclude_all(world)
        row = opinions.propose(world.engagement, words, by=world.lead)
        return opinions.modify(
            row, "description", None, cause="failure", pervasive=False, basis=words, by=world.lead
        )


def _conclude_all(world: SimpleNamespace) -> None:
    """Those nobody concluded cannot be determined; the words of one are enough here."""
    held = ScopeItemConclusion.objects.filter(engagement=world.engagement)
    open_items = ScopeItem.objects.filter(engagement=world.engagement, relevant=True)
    ScopeItemConclusion.objects.bulk_create(
        ScopeItemConclusion(
            engagement=world.engagement, scope_item=item, value="not_determinable",
            proposed="not_determinable", reason="No evidence.", concluded_by=world.lead,
        )
        for item in open_items.exclude(pk__in=held.values("scope_item"))
    )  # fmt: skip


def play(world: SimpleNamespace) -> dict[str, Any]:
    """The opinion, and what modifies its description."""
    made = proposed(world)
    return {"audits.Opinion": made.part.opinion_id, "audits.Modification": made.pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads, in every text of it."""
    proposed(world, f"{word}-firm")


@contextmanager
def _in_review(world: SimpleNamespace) -> Iterator[None]:
    before = world.engagement.status
    with transaction.atomic():
        factories.moved_to(world, "review")
    yield
    with transaction.atomic():
        factories.moved_to(world, before)


def _arranged(play: Any, state: str, who: Any) -> None:
    """In review, with nothing left to ask: how far each modification reaches is said."""
    factories.moved_to(play.world, "review")
    with acting.on_behalf_of_the_engagement(play.world.engagement.pk):
        Modification.objects.filter(engagement=play.world.engagement).update(
            pervasive=False, version=1
        )
        Opinion.objects.filter(engagement=play.world.engagement).update(version=1)


ARRANGED = {"opinion": _arranged, "modification": _arranged}
FIELDS = {
    "opinion": lambda play, who: {
        "engagement": str(play.world.engagement.pk), "reason": "So it is.", "version": "1",
        "description": "qualified", "design": "unmodified", "operation": "qualified",
    },
    "modification": lambda play, who: {
        "opinion": str(play.ids["audits.Opinion"]), "part": "description", "cause": "failure",
        "basis": BASIS, "pervasive": False, "version": "1",
    },
    "modification.write": lambda play, who: {"pervasive": "no"},
}  # fmt: skip
