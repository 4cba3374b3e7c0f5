"""What controls and scope items came to, and what a failed control does to those resting on it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audits.choices.conclusions import ControlValue, DependencyOutcome, ItemValue
from audits.models.control_tests import CONTROL
from audits.models.controls import EngagementControl
from audits.models.scope import ScopeItem
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import KEEP, Refuses, RowWall, SameEngagement

_KEY_CONTROLS = (
    "FROM audits_controlmapping m LEFT JOIN audits_controlplan p ON p.control_id = m.control_id "
    "LEFT JOIN audits_controlconclusion c ON c.control_id = m.control_id "
    "WHERE m.engagement_id = NEW.engagement_id AND m.scope_item_id = NEW.scope_item_id "
    "AND coalesce(p.key, true) AND coalesce(c.value, '') <> 'superseded'"
)
_COMPENSATED = (
    "EXISTS (SELECT 1 FROM audits_deviation d JOIN audits_controlmapping o "
    "ON o.control_id = d.compensating_id AND o.scope_item_id = NEW.scope_item_id "
    "JOIN audits_controlconclusion h ON h.control_id = d.compensating_id "
    "WHERE d.control_id = m.control_id AND h.value IN ('effective', 'effective_with_deviations'))"
)
NO_SUPPORT = (
    f"NEW.value IN ('met', 'met_with_deviations') AND EXISTS (SELECT 1 {_KEY_CONTROLS}) AND "
    f"NOT EXISTS (SELECT 1 {_KEY_CONTROLS} AND (coalesce(c.value, '') <> 'not_effective' "
    f"OR {_COMPENSATED}))"
)
"""SQL: an item is said to be met, and all its key controls failed without compensation."""


class ControlConclusion(FirmRecord):
    """What a control came to: `proposed` by rule, `value` by a person, with a reason where they
    differ. rate and upper_limit in per cent, as the firm's table of that number judges them."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="conclusions", db_constraint=False
    )
    value = models.CharField(max_length=25, choices=ControlValue)
    proposed = models.CharField(max_length=25, choices=ControlValue)
    reason = models.TextField(blank=True)
    tested = models.PositiveIntegerField(default=0)
    deviating = models.PositiveIntegerField(default=0)
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    upper_limit = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    table_number = models.PositiveIntegerField(default=0)
    concluded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("control__ref",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="control_id", to=CONTROL),
            models.UniqueConstraint(
                fields=["engagement", "control"], name="control_conclusion_once"
            ),
            models.CheckConstraint(
                name="control_conclusion_says_why_it_differs",
                condition=Q(value__in=ControlValue.values)
                & (Q(value=F("proposed")) | ~Q(reason=""))
                & (~Q(value=ControlValue.NOT_TESTED) | ~Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.control.ref}: {self.get_value_display().lower()}"


class ScopeItemConclusion(FirmRecord):
    """Whether a criterion or an objective is met: `proposed` from its controls, `value` by a
    person. pervasive_asked: it is not met and others rest on it, so the opinion asks how far."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    scope_item = models.ForeignKey(
        ScopeItem, models.PROTECT, related_name="conclusions", db_constraint=False
    )
    value = models.CharField(max_length=20, choices=ItemValue)
    proposed = models.CharField(max_length=20, choices=ItemValue)
    reason = models.TextField(blank=True)
    pervasive_asked = models.BooleanField(default=False)
    concluded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("scope_item__position",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="scope_item_id", to="audits_scopeitem"),
            models.UniqueConstraint(
                fields=["engagement", "scope_item"], name="scope_item_conclusion_once"
            ),
            models.CheckConstraint(
                name="scope_item_conclusion_says_why_it_differs",
                condition=Q(value__in=ItemValue.values)
                & (Q(value=F("proposed")) | ~Q(reason=""))
                & (~Q(value=ItemValue.NOT_DETERMINABLE) | ~Q(reason="")),
            ),
            Refuses(
                name="scopeitemconclusion_has_support_dv_05",
                when=NO_SUPPORT,
                message="DV-05: every key control of this item failed and none is compensated; it "
                "is not met.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scope_item.identifier}: {self.get_value_display().lower()}"


class DependencyReview(FirmRecord):
    """The look again at a control that rests on a failed one, and at reports it uses (DV-06)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    failed = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="+", db_constraint=False
    )
    dependent = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="+", db_constraint=False
    )
    outcome = models.CharField(max_length=5, choices=DependencyOutcome)
    reason = models.TextField()
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("failed__ref", "dependent__ref")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="failed_id", to=CONTROL),
            SameEngagement(link="dependent_id", to=CONTROL),
            models.UniqueConstraint(
                fields=["engagement", "failed", "dependent"], name="dependency_review_once"
            ),
            models.CheckConstraint(
                name="dependency_review_says_why_dv_06",
                condition=~Q(failed=F("dependent"))
                & ~Q(reason="")
                & Q(outcome__in=DependencyOutcome.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.dependent.ref}, which rests on {self.failed.ref}"
