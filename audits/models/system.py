"""The client's account of its own system: services, promises, vendors, incidents and the rest."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.system import EntryKind, ProcessingAspect, Relation
from audits.models.library.base import OwnLibraryRecord
from tenants.models import User
from tenants.walls import RowWall, SameEngagement

ENTRIES = "audits_systementry"


class SystemEntry(OwnLibraryRecord):
    """One thing of the client's system, of one kind; no firm reads it (CM-07).

    A firm reads what the client states of it in an engagement (`ScopeStatement`). `facts` holds
    what its kind says besides title and text (`rules/system_entries.py`). `owner`: the control
    owner who may write it beside the administrators.
    """

    kind = models.CharField(max_length=24, choices=EntryKind)
    ref = models.CharField(max_length=20)
    title = models.CharField(max_length=160)
    text = models.TextField()
    category = models.CharField(max_length=20, blank=True)
    aspects = ArrayField(
        models.CharField(max_length=16, choices=ProcessingAspect), default=list, blank=True
    )
    facts = models.JSONField(default=dict)
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    related = models.ManyToManyField(
        "self", through="SystemEntryLink", symmetrical=False, related_name="+"
    )
    retired_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("kind", "ref")
        default_permissions = ()
        verbose_name_plural = "system entries"
        constraints = (
            RowWall.organization("client_id"),
            models.UniqueConstraint(fields=["client", "ref"], name="system_entry_ref_once"),
            models.CheckConstraint(
                name="system_entry_of_a_known_kind",
                condition=Q(
                    kind__in=EntryKind.values, aspects__contained_by=ProcessingAspect.values
                )
                & ~Q(title="") & ~Q(text=""),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class SystemEntryLink(OwnLibraryRecord):
    """One entry stands in a relation to another of the same client."""

    source = models.ForeignKey(
        SystemEntry, models.CASCADE, related_name="links", db_constraint=False
    )
    target = models.ForeignKey(
        SystemEntry, models.PROTECT, related_name="linked_from", db_constraint=False
    )
    relation = models.CharField(max_length=16, choices=Relation)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall.organization("client_id"),
            SameEngagement(link="source_id", to=ENTRIES, by="client_id", on_delete="CASCADE"),
            SameEngagement(link="target_id", to=ENTRIES, by="client_id"),
            models.UniqueConstraint(
                fields=["client", "source", "target"], name="system_entries_linked_once"
            ),
            models.CheckConstraint(
                name="system_entry_link_leads_elsewhere",
                condition=~Q(source=models.F("target")) & Q(relation__in=Relation.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id} {self.get_relation_display()} {self.target_id}"
