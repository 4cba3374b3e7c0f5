"""What happens around a narrative: it is proposed, and it is approved by a second person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.narratives import ProposalStatus
from audits.models.library.base import LibraryRecord, OwnLibraryRecord
from audits.models.library.controls import CONTROLS, Control, Narrative
from tenants.models import User
from tenants.walls import APPEND, KEEP, AppendOnly, Refuses, RowWall, SameEngagement

DECIDED = Q(decided_by__isnull=False, decided_at__isnull=False)
UNDECIDED = Q(decided_by=None, decided_at=None)


class NarrativeProposal(OwnLibraryRecord):
    """A narrative somebody of the client would like the control to be told by (AC-03).

    `against` is the version they saw. One person has one open proposal for a control; proposing
    again replaces its text.
    """

    control = models.ForeignKey(
        Control, models.PROTECT, related_name="proposals", db_constraint=False
    )
    against = models.PositiveIntegerField()
    text = models.TextField()
    effective_from = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=10, choices=ProposalStatus, default=ProposalStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ("-proposed_at",)
        default_permissions = ()
        constraints = (
            RowWall.organization("client_id", rights=KEEP),
            SameEngagement(link="control_id", to=CONTROLS, by="client_id"),
            models.UniqueConstraint(
                fields=["client", "control", "proposed_by"],
                condition=Q(status=ProposalStatus.PROPOSED),
                name="one_open_proposal_each",
            ),
            models.CheckConstraint(
                name="proposal_is_decided_by_somebody",
                condition=(Q(status=ProposalStatus.PROPOSED) & UNDECIDED)
                | (Q(status=ProposalStatus.TAKEN) & DECIDED)
                | (Q(status=ProposalStatus.REFUSED) & DECIDED & ~Q(decision="")),
            ),
        )

    def __str__(self) -> str:
        return f"Proposal for {self.control.ref}"


class NarrativeApproval(LibraryRecord):
    """A second person has read a version of a narrative and stands by it (SO-08)."""

    narrative = models.ForeignKey(
        Narrative, models.PROTECT, related_name="approvals", db_constraint=False
    )
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-approved_at",)
        default_permissions = ()
        constraints = (
            RowWall.library(rights=APPEND),
            SameEngagement(link="narrative_id", to="audits_narrative", by="client_id"),
            AppendOnly(),
            models.UniqueConstraint(fields=["client", "narrative"], name="narrative_approved_once"),
            Refuses(
                name="narrative_approved_by_another",
                when="NEW.approved_by_id = (SELECT told.written_by_id FROM audits_narrative told "
                "WHERE told.id = NEW.narrative_id) AND 1 < (SELECT count(*) FROM "
                "tenants_membership held WHERE held.organization_id = NEW.client_id AND "
                "held.status = 'active' AND held.role IN ('client_admin', 'control_owner'))",
                message="SO-08: whoever wrote a narrative does not approve it.",
                on="INSERT",
            ),
        )

    def __str__(self) -> str:
        return f"Approval of version {self.narrative.number}"
