"""Setting a firm's own table: a new version each time, with the reason; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audits.models.firm_tables import FirmTable
from audits.queries.firm_tables import current
from audits.rules.firm_tables import KINDS, content_of
from tenants import trail
from tenants.errors import Invalid, StaleVersion
from tenants.models import Organization, User
from tenants.permissions import P, require

LONGEST_REASON = 2_000


def set_table(
    firm: Organization, kind: str, content: Mapping[str, Any], *, reason: str, by: User,
    number: int | None = None,
) -> FirmTable:  # fmt: skip
    """Set the firm's table of a kind from now on; what was drawn by an older one keeps it.

    `number`: the version it was changed from, where the caller knows. Raises PermissionDenied,
    Invalid naming the line, StaleVersion when somebody set it meanwhile.
    """
    require(by, P.MANAGE_FIRM_TABLES, firm)
    if kind not in KINDS:
        raise Invalid("There is no such table.", code="kind_unknown", field="kind")
    values = KINDS[kind](content)
    told = reason.strip()
    if not told:
        raise Invalid("Say why the firm sets it so.", code="note_required", field="reason")
    if len(told) > LONGEST_REASON or "\0" in told:
        raise Invalid(
            f"At most {LONGEST_REASON:,} characters fit here.", code="too_long", field="reason"
        )
    with transaction.atomic():
        Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=firm.pk)
        held = current(firm.pk, kind)
        if number is not None and number != held.number:
            raise StaleVersion("Somebody set this table since you opened it; look again first.")
        row = FirmTable.objects.create(
            organization=firm, kind=kind, number=held.number + 1, content=content_of(values),
            reason=told, made_by=by,
        )  # fmt: skip
        trail.record("table_set", row, by=by, organization_id=firm.pk, note=told)
    return row
