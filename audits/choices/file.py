"""The words of the firm's file: workpapers and signatures (soc.md, sections 9 and 20)."""

from __future__ import annotations

from django.db.models import TextChoices


class WorkpaperKind(TextChoices):
    """What a workpaper is for; each kind has its own fields (`audits.rules.workpapers`)."""

    CONFLICT_CHECK = "conflict_check", "Conflict check"
    ACCEPTANCE = "acceptance", "Acceptance"
    EQR_DECISION = "eqr_decision", "Decision on quality review"
    PLANNING_MEMO = "planning_memo", "Planning memo"
    MATERIALITY = "materiality", "Materiality"
    BUDGET = "budget", "Budget"
    SUBSEQUENT_EVENTS = "subsequent_events", "Subsequent events"
    QUALITY_REVIEW = "quality_review", "Quality review"
    WRAP_UP = "wrap_up", "Wrap-up"
    LATE_PROCEDURE = "late_procedure", "Late procedure"
    LOCK_PROPOSAL = "lock_proposal", "Proposal to lock"
    ADDENDUM = "addendum", "Addendum"
    OTHER = "other", "Other workpaper"


class SignLevel(TextChoices):
    """What a signature says (SO-01)."""

    PREPARED = "prepared", "Prepared"
    REVIEWED = "reviewed", "Reviewed"
    PARTNER_REVIEWED = "partner_reviewed", "Partner reviewed"
    EQR = "eqr", "Quality reviewed"
