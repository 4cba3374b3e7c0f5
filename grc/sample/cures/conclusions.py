"""What deviated is explained, concluded up to the items, told to the client and answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from audits.actions import conclusions, deviations, opinions, told_deviations
from audits.actions.told_deviations import Reply
from audits.choices.conclusions import DependencyOutcome
from audits.choices.deviations import DeviationStatus
from audits.models import EngagementControl, ScopeItem
from audits.models.deviations import Deviation
from audits.models.told_deviations import CommunicatedDeviation, ManagementResponse
from audits.papers import PARTNER_REVIEWED, PREPARED, REVIEWED
from audits.queries.conclusions import roll_up
from audits.queries.opinions import standing
from audits.rules.deviations import Account, unexplained
from grc.sample.cures import Cast
from grc.sample.cures.testing import sign_papers
from tenants.choices import EngagementStatus as S
from tenants.choices import Role
from tenants.models import Engagement

CAUSE: Final = "The person who performs it was on leave, and nobody stood in."
EFFECT: Final = "What it would have caught was looked at afterwards; nothing came of it."
BECAUSE: Final = "As proposed from what was found; nothing known speaks against it."
ENOUGH: Final = "The other controls of this item held over the period and meet what it asks."
MANAGEMENT: Final = Reply(
    True, "The person was on leave.", "A deputy is named, and a list of open runs is kept.",
    "Head of Engineering",
)  # fmt: skip
RESTS_ON: Final = "Every criterion or objective is concluded; what is not met is named below."
OPINION_SIGNS: Final = {PREPARED: Role.MANAGER, PARTNER_REVIEWED: Role.PARTNER}
SIGNS: Final = {
    "deviation": {PREPARED: Role.STAFF, REVIEWED: Role.SENIOR, PARTNER_REVIEWED: Role.PARTNER},
    "control_conclusion": {PREPARED: Role.SENIOR, REVIEWED: Role.MANAGER},
    "scope_item_conclusion": {
        PREPARED: Role.SENIOR, REVIEWED: Role.MANAGER, PARTNER_REVIEWED: Role.PARTNER,
    },
}  # fmt: skip


def cure(cast: Cast, engagement: Engagement) -> None:
    """Explain at fieldwork, conclude and sign at review, tell and answer at reporting."""
    if engagement.status == S.FIELDWORK:
        _explain(cast, engagement)
    elif engagement.status == S.REVIEW:
        _conclude(cast, engagement)
        for kind, signs in SIGNS.items():
            sign_papers(cast, engagement, kind, signs)
        _propose(cast, engagement)
    elif engagement.status == S.REPORTING:
        _tell(cast, engagement)
        _respond(cast, engagement)
        _propose(cast, engagement)
        _decide(cast, engagement)
        sign_papers(cast, engagement, "opinion", OPINION_SIGNS)


def _explain(cast: Cast, engagement: Engagement) -> None:
    with cast.acting_as(engagement, Role.STAFF) as by:
        deviations.take_found(engagement, by=by)
        for row in _of(engagement, DeviationStatus.FOUND):
            if unexplained(row.cause, row.nature, row.effect):
                told = Account(
                    row.happened, cause=row.cause or CAUSE, nature=row.nature or "isolated",
                    effect=row.effect or EFFECT, found_by="The auditor, in the sample",
                )  # fmt: skip
                deviations.change(row, replace(told, happened_on=row.happened_on), by=by)
            deviations.move(row, "explain", by=by)


def _conclude(cast: Cast, engagement: Engagement) -> None:
    """Controls first, then what rests on those that failed, then the items."""
    with cast.acting_as(engagement, Role.SENIOR) as by:
        conclusions.take_controls(engagement, by=by)
        rows = EngagementControl.objects.select_related("engagement")
        for key, line in roll_up(engagement).controls.items():
            if line.conclusion is None or line.is_behind:
                conclusions.conclude_control(rows.get(pk=key), reason=BECAUSE, by=by)
        for each in roll_up(engagement).dependencies:
            if each.review is None:
                pair = (rows.get(pk=each.failed.pk), rows.get(pk=each.dependent.pk))
                conclusions.review_dependency(*pair, DependencyOutcome.HOLDS, ENOUGH, by=by)
    with cast.acting_as(engagement, Role.MANAGER) as by:
        conclusions.take_items(engagement, by=by)
        items = ScopeItem.objects.select_related("engagement")
        for key, item in roll_up(engagement).items.items():
            if item.conclusion is None or item.is_behind:
                conclusions.conclude_item(items.get(pk=key), reason=ENOUGH, by=by)


def _tell(cast: Cast, engagement: Engagement) -> None:
    with cast.acting_as(engagement, Role.MANAGER) as by:
        for row in _of(engagement, DeviationStatus.EXPLAINED):
            told_deviations.communicate(row, row.happened, by=by)


def _respond(cast: Cast, engagement: Engagement) -> None:
    with cast.acting_as(engagement, Role.CLIENT_ADMIN) as by:
        answered = ManagementResponse.objects.values("communicated")
        rows = CommunicatedDeviation.objects.filter(engagement=engagement)
        for told in rows.exclude(pk__in=answered).select_related("engagement", "control"):
            told_deviations.respond(told, MANAGEMENT, by=by)
        drafts = ManagementResponse.objects.filter(engagement=engagement, handed_over_at=None)
        for draft in drafts.select_related("engagement", "communicated__engagement"):
            told_deviations.hand_over(draft, by=by)


def _propose(cast: Cast, engagement: Engagement) -> None:
    with cast.acting_as(engagement, Role.MANAGER) as by:
        held = standing(engagement)
        if held.opinion is None or held.is_behind:
            opinions.propose(engagement, RESTS_ON, by=by)


def _decide(cast: Cast, engagement: Engagement) -> None:
    """The partner says of each modification that it is confined, and follows what they carry."""
    with cast.acting_as(engagement, Role.PARTNER) as by:
        held = standing(engagement)
        assert held.opinion is not None
        if held.opinion.decided_at is not None:
            return
        for line in held.parts:
            for each in line.modifications:
                if each.pervasive is None:
                    opinions.modify(
                        held.opinion, line.part.part, each.scope_item, cause=each.cause,
                        pervasive=False, basis=each.basis, by=by,
                    )  # fmt: skip
        now = standing(engagement)
        assert now.opinion is not None
        opinions.decide(now.opinion, {line.part.part: line.carried for line in now.parts}, by=by)


def _of(engagement: Engagement, status: str) -> list[Deviation]:
    rows = Deviation.objects.filter(engagement=engagement, status=status)
    return list(rows.select_related("engagement", "control__engagement").order_by("number"))
