"""A partner's word on a rule that may be set aside, on the facts as they are (soc.md, 5)."""

from __future__ import annotations

from django.db import transaction

from audits.models.workpapers import RuleDecision
from tenants import trail
from tenants.canonical import plain
from tenants.errors import Invalid, NotVisible, Refused
from tenants.findings import BLOCK
from tenants.models import Engagement, User
from tenants.permissions import P, require
from tenants.queries.findings import open_findings


def decide(
    engagement: Engagement, rule: str, subject: str = "", *, reason: str, by: User
) -> RuleDecision:
    """Settle a finding of the present phase, with the reason; other facts need another decision.

    The facts are the server's own. Raises PermissionDenied, NotVisible when nothing of the kind is
    open, Refused for a rule that nobody sets aside, Invalid without a reason.
    """
    require(by, P.DECIDE_ENGAGEMENT, engagement)
    if not reason.strip():
        raise Invalid("Say why.", code="note_required", field="reason")
    found = [
        stand.finding
        for stand in open_findings(engagement)
        if (stand.finding.rule, stand.finding.subject) == (rule, subject)
    ]
    if not found:
        raise NotVisible("Nothing of this kind is open now.")
    finding = found[0]
    if finding.level == BLOCK:
        raise Refused(f"{rule}: nobody sets this aside. {finding.cure}", code="not_to_be_set_aside")
    with transaction.atomic():
        decision: RuleDecision = RuleDecision.objects.create(
            engagement=engagement, rule=rule, subject=subject, text=finding.text,
            facts=plain(finding.facts), facts_hash=finding.facts_hash, reason=reason.strip(),
            decided_by=by,
        )  # fmt: skip
        trail.record("decided", decision, by=by, engagement_id=engagement.pk, note=reason.strip())
    return decision
