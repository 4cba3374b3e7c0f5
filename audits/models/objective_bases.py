"""Why each control objective of a SOC 1 matters for the user entities' financial reporting."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices import Assertion, ObjectiveGroup
from audits.models.scope import ScopeItem
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import Record
from tenants.walls import RowWall, SameEngagement

ITEMS = "audits_scopeitem"


class ObjectiveBasis(Record):
    """What an objective rests on (RT-08): transactions and assertions, or a guarded application.

    `transaction_classes` and `application` name entries that the client states; `supports` is the
    business objective that the application serves. `hosting`: the objective guards the user
    entities' own financial processing (RT-09). `stated_by`: who stated it, where not the client.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    scope_item = models.ForeignKey(
        ScopeItem, models.CASCADE, related_name="objective_basis", db_constraint=False
    )
    stated_by = models.CharField(max_length=160, blank=True)
    group = models.CharField(max_length=16, choices=ObjectiveGroup)
    transaction_classes = ArrayField(models.UUIDField(), default=list, blank=True)
    assertions = ArrayField(
        models.CharField(max_length=16, choices=Assertion), default=list, blank=True
    )
    application = models.UUIDField(null=True, blank=True)
    supports = models.ForeignKey(
        ScopeItem, models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    hosting = models.BooleanField(default=False)
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("scope_item__position",)
        default_permissions = ()
        verbose_name_plural = "objective bases"
        constraints = (
            RowWall.shared(),
            ClosesWithTheFile(),
            SameEngagement(link="scope_item_id", to=ITEMS, on_delete="CASCADE"),
            SameEngagement(link="supports_id", to=ITEMS, on_delete="CASCADE"),
            models.UniqueConstraint(
                fields=["engagement", "scope_item"], name="objective_basis_once"
            ),
            models.CheckConstraint(
                name="objective_basis_fits_its_group",
                condition=Q(
                    group__in=ObjectiveGroup.values, assertions__contained_by=Assertion.values
                )
                & (
                    Q(group=ObjectiveGroup.ITGC, transaction_classes=[], assertions=[])
                    | Q(group=ObjectiveGroup.BUSINESS_PROCESS, application=None, supports=None,
                        hosting=False)
                ),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"What {self.scope_item.identifier} rests on"
