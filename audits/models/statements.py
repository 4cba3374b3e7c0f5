"""What the client states of its system in an engagement: dated copies, handed over to the firm."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.system import EntryKind
from tenants.choices import TrailZone
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, Organization, User
from tenants.permissions import P
from tenants.sides import handed_over, visible_now
from tenants.visibility import Record, RecordQuerySet, engagements_granting
from tenants.walls import Refuses, RowWall, SameEngagement, row_is_seen

STATEMENTS = "audits_scopestatement"
ALL = "SELECT, INSERT, UPDATE, DELETE"
IS_TYPE_1 = (
    "(SELECT held.exam_type FROM tenants_engagement held WHERE held.id = NEW.engagement_id) = 'T1'"
)
"""SQL: the row's engagement is a Type 1."""


class StatementQuerySet(RecordQuerySet):
    """Statements as each side sees them: the client's own, and what was handed over."""

    def granting(self, user: User, permission: P) -> Self:
        """The rows that are shown to `user`, who also holds `permission`."""
        places = engagements_granting(user, permission)
        return self.filter(visible_now(places, engagements_granting(user, P.VIEW_CLIENT_FILE)))


class ScopeStatement(Record):
    """All that the client states of one kind of its system, as it was on a day (AC-03).

    Numbered by kind from 1. A draft is the client's alone; handed over, it never changes, and the
    next number takes its place. `none_said`: the client states that there is none, and why.
    """

    trail_zone: ClassVar[str] = TrailZone.CLIENT

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    client = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24, choices=EntryKind)
    number = models.PositiveIntegerField()
    none_said = models.BooleanField(default=False)
    none_reason = models.TextField(blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    handed_over_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = StatementQuerySet.as_manager()

    class Meta:
        ordering = ("kind", "-number")
        default_permissions = ()
        constraints = (
            handed_over("client", rights=ALL),
            ClosesWithTheFile(from_release=True),
            SameEngagement(
                link="engagement_id", to="tenants_engagement", by="client_id",
                name="scopestatement_client_link",
            ),
            models.UniqueConstraint(
                fields=["engagement", "kind", "number"], name="scope_statement_number_once"
            ),
            models.CheckConstraint(
                name="scope_statement_says_none_with_reason",
                condition=Q(kind__in=EntryKind.values, number__gt=0)
                & (Q(none_said=False, none_reason="") | (Q(none_said=True) & ~Q(none_reason=""))),
            ),
            Refuses(
                name="scopestatement_handed_over_stays",
                when="OLD.handed_over_at IS NOT NULL",
                message="What was handed over stays as it was; state it anew.", on="UPDATE",
            ),
            Refuses(
                name="scopestatement_of_a_type_1_rt_07",
                when=f"NEW.kind = 'change' AND {IS_TYPE_1}",
                message="RT-07: a Type 1 tells of no changes (DC9, S1-D9).",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, statement {self.number}"


class ScopeEntry(Record):
    """One entry of a statement, copied from the client's system as it was told that day.

    `entry_id` names the entry of the client's own list, and `related` others of it, so that a
    later statement is compared with this one.
    """

    trail_zone: ClassVar[str] = TrailZone.CLIENT

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    statement = models.ForeignKey(
        ScopeStatement, models.CASCADE, related_name="entries", db_constraint=False
    )
    entry_id = models.UUIDField()
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    text = models.TextField()
    category = models.CharField(max_length=20, blank=True)
    aspects = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    facts = models.JSONField(default=dict)
    related = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta:
        ordering = ("ref",)
        default_permissions = ()
        verbose_name_plural = "scope entries"
        constraints = (
            RowWall.shared(
                only=row_is_seen(STATEMENTS, "statement_id"), rights="SELECT, INSERT, DELETE"
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="statement_id", to=STATEMENTS, on_delete="CASCADE"),
            models.UniqueConstraint(
                fields=["engagement", "statement", "entry_id"], name="scope_entry_stated_once"
            ),
            Refuses(
                name="scopeentry_handed_over_stays",
                when="(SELECT told.handed_over_at FROM audits_scopestatement told "
                "WHERE told.id = NEW.statement_id) IS NOT NULL",
                message="What was handed over stays as it was; state it anew.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def kind(self) -> str:
        """What the entry is: all of a statement are of one kind."""
        return str(self.statement.kind)
