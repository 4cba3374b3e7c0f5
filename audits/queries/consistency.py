"""What disagrees (CM-04), read under the walls of who asks: each side sees its own list."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from audits.models import Control, ControlCriterion, ControlObjectiveLink, EngagementControl, System
from audits.models.walkthroughs import Walkthrough
from audits.queries.library import with_narratives
from audits.rules.consistency import (
    ControlInLibrary,
    ControlTaken,
    Inconsistency,
    in_the_engagement,
    in_the_library,
)
from audits.rules.narrative_likeness import shingles_of
from tenants.models import Engagement, Organization, User


def of_library(client: Organization, user: User) -> list[Inconsistency]:
    """What disagrees in the client's own library, by control (3 queries)."""
    rows: Any = with_narratives(Control.objects.visible_to(user)).filter(
        client=client, retired_on=None
    )
    rows = rows.annotate(
        is_mapped=Exists(ControlCriterion.objects.filter(control=OuterRef("pk")))
        | Exists(ControlObjectiveLink.objects.filter(control=OuterRef("pk")))
    )
    controls = [
        ControlInLibrary(
            row.pk, row.ref, row.frequency, row.narrative or "",
            tuple(system.name for system in row.systems.all()), row.is_mapped,
            shingles_of(row.narrative or ""),
        )
        for row in rows.prefetch_related("systems")
    ]  # fmt: skip
    inventory = System.objects.visible_to(user).filter(client=client)
    return in_the_library(controls, inventory.values_list("name", flat=True))


def of_engagement(engagement: Engagement, user: User) -> list[Inconsistency]:
    """For the firm: its copies beside the library and the walkthroughs, by control (3 queries)."""
    told: Any = with_narratives(Control.objects.visible_to(user))
    library: dict[UUID, int | None] = {
        row.pk: None if row.retired_on else row.narrative_number
        for row in told.filter(client=engagement.client_id)
    }
    walked: dict[UUID, list[tuple[int, bool]]] = defaultdict(list)
    seen = Walkthrough.objects.visible_to(user).filter(engagement=engagement)
    for control, number, differs in seen.values_list("control", "narrative_number", "differs"):
        walked[control].append((number, differs))
    held = EngagementControl.objects.visible_to(user).filter(engagement=engagement)
    return in_the_engagement(
        [
            ControlTaken(
                row.pk, row.ref, row.narrative_number, library.get(row.control_id),
                tuple(number for number, _ in walked[row.pk]),
                any(differs for _, differs in walked[row.pk]),
            )
            for row in held.order_by("ref")
        ]
    )  # fmt: skip
