"""Deviations as the client is told of them, and what its management responds (soc.md, 15)."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.models.control_tests import CONTROL
from audits.models.controls import EngagementControl
from tenants.choices import TrailZone
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.sides import handed_over
from tenants.visibility import Record, RecordQuerySet, engagements_granting
from tenants.walls import KEEP, Refuses, RowWall, SameEngagement

TOLD = "audits_communicateddeviation"
_WAIVED = "- 'waived_reason' - 'waived_by_id' - 'version'"


def _readers(user: User, control: str) -> Q:
    """The firm's team, the client's administrators and executives, and the control's owner."""
    whole = [
        *engagements_granting(user, P.VIEW_FIRM_FILE),
        *engagements_granting(user, P.APPROVE_FOR_CLIENT),
    ]
    answering = engagements_granting(user, P.RESPOND_TO_DEVIATION)
    return Q(engagement__in=whole) | Q(engagement__in=answering, **{f"{control}__owner": user})


class ToldQuerySet(RecordQuerySet):
    """What the client was told, for those who respond to it."""

    def granting(self, user: User, permission: P) -> Self:
        """The rows shown to `user`, who also holds `permission`."""
        return super().granting(user, permission).filter(_readers(user, "control__control"))


class ResponseQuerySet(RecordQuerySet):
    """Responses: a draft is the client's alone (AC-03)."""

    def granting(self, user: User, permission: P) -> Self:
        """The rows shown to `user`, who also holds `permission`."""
        rows = super().granting(user, permission)
        rows = rows.filter(_readers(user, "communicated__control__control"))
        own = engagements_granting(user, P.VIEW_CLIENT_FILE)
        return rows.filter(Q(handed_over_at__isnull=False) | Q(engagement__in=own))


class CommunicatedDeviation(Record):
    """A deviation in the words in which the client is told of it; they stay as they are.

    deviation_id: the firm's own record, which the client does not see. waived_reason: why no
    response of its management is waited for.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    deviation_id = models.UUIDField()
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="told_deviations", db_constraint=False
    )
    text = models.TextField()
    number_tested = models.PositiveIntegerField()
    number_deviating = models.PositiveIntegerField()
    communicated_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    communicated_at = models.DateTimeField(db_default=Now(), editable=False)
    waived_reason = models.TextField(blank=True)
    waived_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Any] = ToldQuerySet.as_manager()

    class Meta:
        ordering = ("communicated_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="deviation_id", to="audits_deviation"),
            SameEngagement(link="control_id", to=CONTROL),
            models.UniqueConstraint(
                fields=["engagement", "deviation_id"], name="deviation_told_once"
            ),
            models.CheckConstraint(
                name="told_deviation_says_something",
                condition=~Q(text="")
                & (Q(waived_reason="", waived_by=None)
                   | ~Q(waived_reason="") & Q(waived_by__isnull=False)),
            ),
            Refuses(
                name="communicateddeviation_stays_as_told",
                when=f"to_jsonb(NEW) {_WAIVED} IS DISTINCT FROM to_jsonb(OLD) {_WAIVED}",
                message="What the client was told stays as it was told.",
                on="UPDATE",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Deviation in {self.control.ref}"


class ManagementResponse(Record):
    """What the client's management says to a deviation: a draft of its own until handed over."""

    trail_zone: ClassVar[str] = TrailZone.CLIENT

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    communicated = models.ForeignKey(
        CommunicatedDeviation, models.PROTECT, related_name="responses", db_constraint=False
    )
    agrees = models.BooleanField()
    cause = models.TextField()
    action = models.TextField()
    owner_name = models.CharField(max_length=120)
    due_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    handed_over_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+"
    )
    handed_over_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ResponseQuerySet.as_manager()

    class Meta:
        ordering = ("communicated",)
        default_permissions = ()
        constraints = (
            handed_over("client"),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="communicated_id", to=TOLD),
            models.UniqueConstraint(
                fields=["engagement", "communicated"], name="management_response_once"
            ),
            models.CheckConstraint(
                name="management_response_says_what_is_done",
                condition=~Q(cause="") & ~Q(action="") & ~Q(owner_name=""),
            ),
            models.CheckConstraint(
                name="management_response_handed_over_by_somebody",
                condition=Q(handed_over_at=None, handed_over_by=None)
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
            ),
            Refuses(
                name="managementresponse_stays_once_handed_over",
                when="OLD.handed_over_at IS NOT NULL",
                message="A response that was handed over stays as it is.",
                on="UPDATE",
            ),
        )

    def __str__(self) -> str:
        return f"Response on {self.communicated.control.ref}"
