"""The opinion: its parts as proposed and as the partner decided, and what modifies them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.opinions import ModificationCause, OpinionPartKind, OpinionValue
from audits.models.scope import ScopeItem
from tenants.choices import Category
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import ALL, KEEP, Refuses, RowWall, SameEngagement

OPINION, PART = "audits_opinion", "audits_opinionpart"
_PARTS = "SELECT 1 FROM audits_opinionpart p WHERE p.opinion_id = NEW.id"
_NAMED = "SELECT 1 FROM audits_modification m WHERE m.part_id = p.id"


class Opinion(FirmRecord):
    """What is proposed from the conclusions, with reasons, and what the partner decided (OP-01)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    proposed = models.JSONField(default=dict)
    proposal_reason = models.TextField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(fields=["engagement"], name="opinion_once"),
            models.CheckConstraint(
                name="opinion_decided_by_somebody",
                condition=~Q(proposal_reason="")
                & (Q(decided_by=None, decided_at=None, decision_reason="")
                   | Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            Refuses(
                name="opinion_other_than_proposed_op_01",
                when="NEW.decided_at IS NOT NULL AND NEW.decision_reason = '' AND "
                f"EXISTS ({_PARTS} AND p.value <> p.proposed)",
                message="OP-01: a decision that differs from the proposal says why.",
            ),
            Refuses(
                name="opinion_rests_on_something_op_04",
                when="NEW.decided_at IS NOT NULL AND "
                f"EXISTS ({_PARTS} AND (p.value <> 'unmodified') <> EXISTS ({_NAMED}))",
                message="OP-04: every modified part has its basis, and no other part has one.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return "Opinion"


class OpinionPart(FirmRecord):
    """One part: the description, the design, or (Type 2) the operation of controls."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="parts", db_constraint=False)
    part = models.CharField(max_length=11, choices=OpinionPartKind)
    value = models.CharField(max_length=10, choices=OpinionValue)
    proposed = models.CharField(max_length=10, choices=OpinionValue)

    class Meta:
        ordering = ("part",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="opinion_id", to=OPINION, on_delete="CASCADE"),
            models.UniqueConstraint(
                fields=["engagement", "opinion", "part"], name="opinion_part_once"
            ),
            models.CheckConstraint(
                name="opinion_part_known",
                condition=Q(part__in=OpinionPartKind.values)
                & Q(value__in=OpinionValue.values)
                & Q(proposed__in=OpinionValue.values),
            ),
            Refuses(
                name="opinionpart_of_operation_rt_07",
                when="NEW.part = 'operation' AND EXISTS (SELECT 1 FROM tenants_engagement e "
                "WHERE e.id = NEW.engagement_id AND e.exam_type = 'T1')",
                message="RT-07: a Type 1 says nothing of operation.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_part_display()}: {self.get_value_display().lower()}"


class Modification(FirmRecord):
    """What modifies a part: the item, why, how far, and the basis paragraph (OP-04).

    category: the one it is worded for, empty for all (OP-05). pervasive None: asked, not answered.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    part = models.ForeignKey(
        OpinionPart, models.CASCADE, related_name="modifications", db_constraint=False
    )
    scope_item = models.ForeignKey(
        ScopeItem, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    category = models.CharField(max_length=20, choices=Category, blank=True)
    cause = models.CharField(max_length=11, choices=ModificationCause)
    pervasive = models.BooleanField(null=True, blank=True)
    basis = models.TextField()

    class Meta:
        ordering = ("scope_item__position", "id")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="part_id", to=PART, on_delete="CASCADE"),
            SameEngagement(link="scope_item_id", to="audits_scopeitem"),
            models.UniqueConstraint(
                fields=["engagement", "part", "scope_item"], name="modification_once_per_item",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="modification_has_its_basis_op_04",
                condition=~Q(basis="") & Q(cause__in=ModificationCause.values),
            ),
            Refuses(
                name="modification_of_its_category_op_05",
                when="NEW.scope_item_id IS NOT NULL AND NEW.category IS DISTINCT FROM (SELECT "
                "CASE WHEN i.common THEN '' ELSE i.category END FROM audits_scopeitem i "
                "WHERE i.id = NEW.scope_item_id)",
                message="OP-05: a modification is worded for the category of its criterion; common "
                "criteria touch all.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"Modification: {self.scope_item.identifier if self.scope_item else 'in general'}"
