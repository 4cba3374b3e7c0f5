"""What is asked of the client, by whom it is answered, and what was handed over."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audits.models import EngagementControl, ScopeItem
from evidence.choices import (
    OVER,
    WITH_CLIENT,
    Part,
    Priority,
    RequestKind,
    RequestStatus,
    ReturnReason,
    Sensitivity,
)
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.visibility import Record, RecordQuerySet, engagements_granting
from tenants.walls import Refuses, RowWall, SameEngagement, any_of, names_the_person, row_is_seen

REQUESTS = "evidence_evidencerequest"
OF_A_SEEN_REQUEST = row_is_seen(REQUESTS, "evidence_request_id")


class EvidenceRequestQuerySet(RecordQuerySet):
    """Requests, reached by who sees all of an engagement's and who is named on one."""

    def visible_to(self, user: User) -> Self:
        """All for those who see all; otherwise one's own. Restricted: only for people named."""
        every = engagements_granting(user, P.VIEW_ALL_REQUESTS)
        some = engagements_granting(user, P.VIEW_ENGAGEMENT)
        firm = engagements_granting(user, P.VIEW_FIRM_FILE)
        seen = Q(engagement_id__in=every, sensitivity=Sensitivity.NORMAL)
        mine = Q(engagement_id__in=some, named__contains=[user.pk])
        shown = Q(opened_at__isnull=False) | Q(engagement_id__in=firm)
        return (
            self.filter(seen | mine) if set(some) == set(firm) else self.filter(seen | mine, shown)
        )

    def granting(self, user: User, permission: P) -> Self:
        """The visible ones on whose engagement `user` holds `permission`."""
        ids = engagements_granting(user, permission)
        return self.visible_to(user).filter(engagement_id__in=ids)

    def with_the_client(self) -> Self:
        """The client is to act."""
        return self.filter(status__in=WITH_CLIENT)

    def not_over(self) -> Self:
        """Somebody is to act."""
        return self.exclude(status__in=OVER)


class EvidenceRequest(Record):
    """One thing the firm asks the client for (soc.md, section 16).

    A draft is the firm's alone until it is sent (`opened_at`). `named` repeats owner,
    contributors, watchers and, where restricted, the firm's people: the wall reads it.
    `due_on` is a local date of the client.
    """

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="evidence_requests")
    ref = models.CharField(max_length=40)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    acceptance_hint = models.TextField(blank=True)
    area = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=13, choices=RequestKind, default=RequestKind.DOCUMENT)
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.MEDIUM)
    status = models.CharField(max_length=14, choices=RequestStatus, default=RequestStatus.DRAFT)
    sensitivity = models.CharField(max_length=10, choices=Sensitivity, default=Sensitivity.NORMAL)
    covers_all_scope = models.BooleanField(default=False)
    controls = models.ManyToManyField(
        EngagementControl, through="RequestControl", related_name="evidence_requests"
    )
    scope_items = models.ManyToManyField(
        ScopeItem, through="RequestScopeItem", related_name="evidence_requests"
    )
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True)
    as_of = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    owner_email = models.CharField(max_length=2100, blank=True)
    named = ArrayField(models.UUIDField(), default=list, blank=True, editable=False)
    requested_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    proposed_due_on = models.DateField(null=True, blank=True)
    proposed_due_reason = models.TextField(blank=True)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    return_count = models.PositiveSmallIntegerField(default=0)
    return_reason = models.CharField(max_length=12, choices=ReturnReason, blank=True)
    return_text = models.TextField(blank=True)
    na_reason = models.TextField(blank=True)
    decision = models.TextField(blank=True)
    list_status = models.CharField(max_length=40, blank=True)
    """What an imported list said of the status; the platform's own begins as a draft (RQ-01)."""
    list_comment = models.TextField(blank=True)
    parent_request = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", db_constraint=False
    )
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = EvidenceRequestQuerySet.as_manager()

    class Meta:
        ordering = (F("due_on").asc(nulls_last=True), "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(
                only=f"(opened_at IS NOT NULL OR {any_of('engagement_id', 'firm_side')}) AND "
                f"(sensitivity = 'normal' OR {names_the_person('named')})"
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="parent_request_id", to=REQUESTS),
            Refuses(
                name="evidencerequest_no_sample_in_type_1_rt_07",
                when="NEW.kind = 'sample' AND EXISTS (SELECT 1 FROM tenants_engagement e "
                "WHERE e.id = NEW.engagement_id AND e.exam_type = 'T1')",
                message="RT-07: a Type 1 tests design as of one date; it has no samples.",
            ),
            models.UniqueConstraint(fields=["engagement", "ref"], name="request_ref_once"),
            models.CheckConstraint(
                name="request_draft_until_it_is_sent",
                condition=Q(opened_at__isnull=False)
                | Q(status__in=(RequestStatus.DRAFT, RequestStatus.WITHDRAWN)),
            ),
            models.CheckConstraint(
                name="request_period_runs_forward",
                condition=Q(period_from=None) | Q(period_to=None)
                | Q(period_to__gte=F("period_from")),
            ),
            models.CheckConstraint(
                name="request_has_a_ref_and_a_title", condition=~Q(ref="") & ~Q(title="")
            ),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["engagement", "due_on", "id"], name="request_by_due_date"),
            models.Index(fields=["engagement", "status"], name="request_by_status"),
            GinIndex(fields=["named"], name="request_by_named_person"),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def label(self) -> str:
        """How the trail names it."""
        return str(self.ref)

    @property
    def named_people(self) -> list[Any] | None:
        """Who alone may read of it in the trail; None for everybody on the engagement."""
        return self.named if self.sensitivity == Sensitivity.RESTRICTED else None

    def get_absolute_url(self) -> str:
        """Its page in the portal."""
        return f"/engagements/{self.engagement_id}/requests/{self.pk}/"


class OfARequestQuerySet(RecordQuerySet):
    """Rows below a request are reached through it."""

    def visible_to(self, user: User) -> Self:
        """Those of the requests `user` sees."""
        seen = EvidenceRequest.objects.visible_to(user)
        return self.filter(evidence_request__in=seen.order_by().values("pk"))

    def granting(self, user: User, permission: P) -> Self:
        """The visible ones on whose engagement `user` holds `permission`."""
        ids = engagements_granting(user, permission)
        return self.visible_to(user).filter(engagement_id__in=ids)


class OfARequest(Record):
    """A row that belongs to one request, and so to its engagement."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="+")
    evidence_request = models.ForeignKey(
        EvidenceRequest, models.CASCADE, related_name="%(class)ss", db_constraint=False
    )

    objects: ClassVar[Any] = OfARequestQuerySet.as_manager()

    class Meta:
        abstract = True


def belongs_to_a_request() -> SameEngagement:
    """The rule that ties such a row to a request of its own engagement."""
    return SameEngagement(link="evidence_request_id", to=REQUESTS, on_delete="CASCADE")


class RequestControl(OfARequest):
    """A request serves a control."""

    control = models.ForeignKey(EngagementControl, models.PROTECT, db_constraint=False)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.shared(only=OF_A_SEEN_REQUEST),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            SameEngagement(link="control_id", to="audits_engagementcontrol"),
            models.UniqueConstraint(
                fields=["evidence_request", "control"], name="request_control_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.evidence_request_id} for {self.control_id}"


class RequestScopeItem(OfARequest):
    """A request serves a criterion or objective."""

    scope_item = models.ForeignKey(ScopeItem, models.PROTECT, db_constraint=False)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.shared(only=OF_A_SEEN_REQUEST),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            SameEngagement(link="scope_item_id", to="audits_scopeitem"),
            models.UniqueConstraint(
                fields=["evidence_request", "scope_item"], name="request_scope_item_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.evidence_request_id} for {self.scope_item_id}"


class RequestPerson(OfARequest):
    """A contributor or watcher of a request."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    part = models.CharField(max_length=11, choices=Part)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.shared(only=OF_A_SEEN_REQUEST),
            ClosesWithTheFile(),
            belongs_to_a_request(),
            models.UniqueConstraint(
                fields=["evidence_request", "person"], name="request_person_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} as {self.part}"
