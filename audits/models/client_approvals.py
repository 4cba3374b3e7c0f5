"""What the client approved, by whom, and as it was then (soc.md, sections 9 and 20)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.approvals import ApprovalKind
from tenants.choices import Role
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import Record
from tenants.walls import APPEND, AppendOnly, Refuses, RowWall, any_of


class ClientApproval(Record):
    """The client's administrator or executive stands by what is examined, or by its description.

    Bound to the content by its hash: once that changes, the approval is stale and another is
    asked for. It stays in the history.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    subject_kind = models.CharField(max_length=24, choices=ApprovalKind)
    subject_id = models.UUIDField(null=True, blank=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    approved_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("approved_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(takes=any_of("engagement_id", "client_side"), rights=APPEND),
            ClosesWithTheFile(from_release=True),
            AppendOnly(),
            models.CheckConstraint(
                name="client_approval_by_who_may",
                condition=Q(
                    subject_kind__in=ApprovalKind.values,
                    role__in=(Role.CLIENT_ADMIN, Role.EXECUTIVE),
                ),
            ),
            Refuses(
                name="clientapproval_not_ones_own_so_08",
                on="INSERT",
                when="NEW.subject_kind = 'description' AND NEW.approved_by_id = (SELECT "
                "v.made_by_id FROM audits_documentversion v WHERE v.id = NEW.subject_id) AND 1 < "
                "(SELECT count(*) FROM tenants_assignment a WHERE a.engagement_id = "
                "NEW.engagement_id AND a.role IN ('client_admin', 'executive'))",
                message="SO-08: whoever wrote the description last does not approve it. Ask "
                "another administrator or executive.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_subject_kind_display()} approved"
