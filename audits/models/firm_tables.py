"""The tables a firm sets for itself: sample sizes, and by what deviations are judged."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.populations import FirmTableKind
from tenants.models import Organization, User
from tenants.visibility import new_key
from tenants.walls import APPEND, AppendOnly, RowWall


class FirmTable(models.Model):
    """One version of one table of a firm, numbered from 1; 0 is the platform's own.

    Written once: what was used stays readable under the number that was stamped on it.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="firm_tables")
    kind = models.CharField(max_length=16, choices=FirmTableKind)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    reason = models.TextField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("kind", "-number")
        default_permissions = ()
        constraints = (
            RowWall.organization(rights=APPEND),
            AppendOnly(),
            models.UniqueConstraint(
                fields=["organization", "kind", "number"], name="firm_table_number_once"
            ),
            models.CheckConstraint(
                name="firm_table_is_known_and_says_why",
                condition=Q(kind__in=FirmTableKind.values, number__gte=1) & ~Q(reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.number}"

    @property
    def anchor(self) -> Organization:
        """Permissions on a table are asked of the firm."""
        return self.organization
