"""Concluding controls and scope items, and looking again at what rests on a failed control."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from audits.actions.control_tests import refuse_phase
from audits.choices.conclusions import (
    IS_MET,
    ControlValue,
    DependencyOutcome,
    ItemValue,
)
from audits.models import EngagementControl, ScopeItem
from audits.models.conclusions import ControlConclusion, DependencyReview, ScopeItemConclusion
from audits.queries.conclusions import ControlLine, ItemLine, roll_up
from audits.rules.conclusions import LONGEST, needs_reason, no_support
from tenants import trail
from tenants.errors import Invalid, NotVisible, StaleVersion
from tenants.lifecycle import locked
from tenants.models import Engagement, User
from tenants.permissions import P, require

WITHOUT_JUDGMENT: Final = (ControlValue.EFFECTIVE, ControlValue.NO_OCCURRENCE)
"""Proposals of controls that are taken together: nothing deviates in them."""
SAY_WHY: Final = "Say why it is concluded otherwise than proposed."


def conclude_control(
    control: EngagementControl, value: str = "", *, reason: str = "", by: User,
    version: int | None = None,
) -> ControlConclusion:  # fmt: skip
    """Say what a control came to; without a value, what is proposed.

    Raises PermissionDenied, Invalid for another value without a reason, Refused, StaleVersion.
    """
    require(by, P.CONCLUDE_CONTROL, control.engagement)
    with transaction.atomic():
        row = locked(control.engagement)
        refuse_phase(row)
        found = roll_up(row)
        line = found.controls[control.pk]
        return _keep_control(row, line, found.table_number, value, reason, by, version)


def take_controls(engagement: Engagement, *, by: User) -> list[ControlConclusion]:
    """Take what is proposed for every control in which nothing deviates and nobody concluded.

    Raises PermissionDenied, Refused.
    """
    require(by, P.CONCLUDE_CONTROL, engagement)
    with transaction.atomic():
        row = locked(engagement)
        refuse_phase(row)
        found = roll_up(row)
        return [
            _keep_control(row, line, found.table_number, "", "", by, None)
            for line in found.controls.values()
            if takes_control(line)
        ]


def takes_control(line: ControlLine) -> bool:
    """Whether its proposal may be taken together with others."""
    waits = line.conclusion is None or line.is_behind
    return waits and line.proposal.value in WITHOUT_JUDGMENT


def conclude_item(
    scope_item: ScopeItem, value: str = "", *, reason: str = "", by: User,
    version: int | None = None,
) -> ScopeItemConclusion:  # fmt: skip
    """Say whether a scope item is met; without a value, what is proposed.

    Raises PermissionDenied, Invalid (DV-05; a reason that lacks), NotVisible for an item left out,
    Refused, StaleVersion.
    """
    require(by, P.CONCLUDE_SCOPE_ITEM, scope_item.engagement)
    with transaction.atomic():
        row = locked(scope_item.engagement)
        refuse_phase(row)
        line = roll_up(row).items.get(scope_item.pk)
        if line is None:
            raise NotVisible("This item is left out of scope; there is nothing to conclude.")
        return _keep_item(row, line, value, reason, by, version)


def take_items(engagement: Engagement, *, by: User) -> list[ScopeItemConclusion]:
    """Take what is proposed for every item that is met without deviations.

    Raises PermissionDenied, Refused.
    """
    require(by, P.CONCLUDE_SCOPE_ITEM, engagement)
    with transaction.atomic():
        row = locked(engagement)
        refuse_phase(row)
        return [
            _keep_item(row, line, "", "", by, None)
            for line in roll_up(row).items.values()
            if takes_item(line)
        ]


def takes_item(line: ItemLine) -> bool:
    """Whether its proposal may be taken together with others."""
    waits = line.conclusion is None or line.is_behind
    return waits and line.proposal.value == ItemValue.MET


def review_dependency(
    failed: EngagementControl, dependent: EngagementControl, outcome: str, reason: str, *, by: User,
    version: int | None = None,
) -> DependencyReview:  # fmt: skip
    """Look again at a control that rests on a failed one, with the reports it uses (DV-06).

    Raises PermissionDenied, Invalid, NotVisible where it does not rest on it or that one did not
    fail, Refused, StaleVersion.
    """
    require(by, P.CONCLUDE_CONTROL, failed.engagement)
    if outcome not in DependencyOutcome.values:
        raise Invalid("Choose what follows.", code="choice", field="outcome")
    why = _words(reason, "Say what shows it.", needed=True)
    with transaction.atomic():
        row = locked(failed.engagement)
        refuse_phase(row)
        pairs = {(each.failed.pk, each.dependent.pk) for each in roll_up(row).dependencies}
        if (failed.pk, dependent.pk) not in pairs:
            raise NotVisible("That control does not rest on a control that failed.")
        named: dict[str, Any] = {"engagement": row, "failed": failed, "dependent": dependent}
        held = DependencyReview.objects.filter(**named).first() or DependencyReview(**named)
        _check_version(held, version)
        held.outcome, held.reason, held.reviewed_by = outcome, why, by
        _save(held, "looked_again", by)
    return held


def _keep_control(
    engagement: Engagement, line: ControlLine, table: int, value: str, reason: str, by: User,
    version: int | None,
) -> ControlConclusion:  # fmt: skip
    proposal = line.proposal
    value = value or proposal.value
    if value not in ControlValue.values:
        raise Invalid("Choose what it came to.", code="choice", field="value")
    differs = value != proposal.value
    lacks = SAY_WHY if differs else "Say why it is not tested."
    why = _words(reason, lacks, needed=differs or value == ControlValue.NOT_TESTED)
    held = line.conclusion or ControlConclusion(engagement=engagement, control_id=line.id)
    _check_version(held, version)
    held.value, held.proposed, held.reason = value, proposal.value, why
    held.tested, held.deviating = line.facts.tested, line.facts.deviating
    held.rate, held.upper_limit, held.table_number = proposal.rate, proposal.limit, table
    held.concluded_by = by
    return _save(held, "concluded", by)  # type: ignore[no-any-return]


def _keep_item(
    engagement: Engagement, line: ItemLine, value: str, reason: str, by: User,
    version: int | None,
) -> ScopeItemConclusion:  # fmt: skip
    proposed = line.proposal.value
    value = value or proposed
    if value not in ItemValue.values:
        raise Invalid("Choose whether it is met.", code="choice", field="value")
    if value in IS_MET and no_support(line.outcomes):
        raise Invalid(
            "DV-05: every key control of this item failed and none is compensated; it is not met.",
            code="no_support", field="value",
        )  # fmt: skip
    lacks = needs_reason(proposed, value, line.outcomes)
    if value == ItemValue.NOT_DETERMINABLE:
        lacks = lacks or "Say which evidence is missing."
    why = _words(reason, lacks, needed=bool(lacks))
    held = line.conclusion or ScopeItemConclusion(engagement=engagement, scope_item=line.item)
    _check_version(held, version)
    held.value, held.proposed, held.reason, held.concluded_by = value, proposed, why, by
    held.pervasive_asked = line.others_rest_on and value == ItemValue.NOT_MET
    return _save(held, "concluded", by)  # type: ignore[no-any-return]


def _save(held: Any, verb: str, by: User) -> Any:
    held.version += 0 if held._state.adding else 1
    held.save()
    trail.record(
        verb, held, by=by, engagement_id=held.engagement_id,
        detail={"value": getattr(held, "value", "") or held.outcome},
    )  # fmt: skip
    return held


def _check_version(held: Any, version: int | None) -> None:
    if version is not None and version != (0 if held._state.adding else held.version):
        raise StaleVersion("Somebody concluded this since you opened it; look again first.")


def _words(text: str, missing: str, *, needed: bool) -> str:
    said = text.strip()
    if needed and not said:
        raise Invalid(missing, code="required", field="reason")
    if len(said) > LONGEST or "\0" in said:
        raise Invalid(f"At most {LONGEST:,} characters fit here.", code="too_long", field="reason")
    return said
