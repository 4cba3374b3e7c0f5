"""Saying for many mappings at once why a control answers to a scope item (NR-14)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import F

from audits.actions.controls import RATIONALE_LIMIT
from audits.models import ControlMapping, EngagementControl
from audits.rules import scope as rules
from tenants import trail
from tenants.errors import Invalid, NotVisible
from tenants.models import Engagement, User
from tenants.permissions import P, require


def explain(engagement: Engagement, reasons: Mapping[UUID, str], *, by: User) -> int:
    """Give mappings their one line; how many were given.

    reasons: mapping → why; an empty line is left aside. Raises PermissionDenied, Refused for a
    closed engagement, Invalid for a line over 300 characters, NotVisible for a foreign mapping.
    """
    require(by, P.MAP_CONTROLS, engagement)
    rules.refuse_closed(engagement.status)
    told = {key: line for key, text in reasons.items() if (line := " ".join(text.split()))}
    if any(len(line) > RATIONALE_LIMIT or "\0" in line for line in told.values()):
        raise Invalid(
            f"One line of {RATIONALE_LIMIT} characters is enough.", code="rationale_too_long",
            field="rationale",
        )  # fmt: skip
    if not told:
        return 0
    with transaction.atomic():
        rows = ControlMapping.objects.select_for_update().filter(engagement=engagement, pk__in=told)
        mappings = list(rows)
        if len(mappings) != len(told):
            raise NotVisible("One of these mappings does not exist, or is not shown to you.")
        for mapping in mappings:
            mapping.rationale = told[mapping.pk]
        ControlMapping.objects.bulk_update(mappings, ["rationale"], batch_size=500)
        touched = {mapping.control_id for mapping in mappings}
        EngagementControl.objects.filter(pk__in=touched).update(version=F("version") + 1)
        trail.record(
            "mappings_explained", engagement, by=by, engagement_id=engagement.pk,
            detail={"count": len(mappings)},
        )  # fmt: skip
    return len(mappings)
