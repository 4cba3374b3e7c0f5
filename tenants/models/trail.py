"""What was done: written in the transaction of the effect, never changed (AUD-1 to AUD-3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from tenants.choices import TrailZone
from tenants.permissions import P
from tenants.visibility import RecordQuerySet, new_key
from tenants.walls import (
    APPEND,
    KEEP,
    SYSTEM_ACTS,
    AppendOnly,
    HandsOn,
    RowWall,
    any_of,
    is_the,
    names_the_person,
)

ERASABLE = {
    "person_name": "''", "subject_label": "''", "note": "''", "detail": "'{}'", "address": "NULL",
    "salt": "NULL",
}  # fmt: skip
"""The personal text of an entry → what stands there once it was erased (AUD-7)."""


class TrailEntry(models.Model):
    """One effect: who did what to which record, when, from where, by which request.

    Ids are plain: the trail outlives what it names. `zone` says which side may read it; `named`,
    when set, narrows that to the people of a restricted record. `digest` is the entry's hash: over
    the public fields and `commitment`, which stands for the personal text and its `salt`, so that
    a text that was erased (`salt` is None) leaves the tree provable (AUD-7).
    """

    parent = "engagement_id"
    view_permission = P.VIEW_TRAIL

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    engagement_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    zone = models.CharField(max_length=6, choices=TrailZone, default=TrailZone.SHARED)
    named = ArrayField(models.UUIDField(), null=True)
    person_id = models.UUIDField(null=True)
    person_name = models.CharField(max_length=120)
    acting_for_id = models.UUIDField(null=True)
    verb = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    subject_label = models.CharField(max_length=200)
    subject_version = models.PositiveIntegerField(default=0)
    before = models.CharField(max_length=40, blank=True)
    after = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    address = models.GenericIPAddressField(null=True)
    salt = models.BinaryField(null=True)
    commitment = models.BinaryField()
    digest = models.BinaryField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"(({any_of('engagement_id', 'engagements')} AND zone = 'shared') "
                f"OR ({any_of('engagement_id', 'firm_side')} AND zone = 'firm') "
                f"OR ({any_of('engagement_id', 'client_side')} AND zone = 'client') "
                f"OR (engagement_id IS NULL AND {is_the('organization_id', 'organization')})) "
                f"AND (named IS NULL OR {names_the_person('named')})",
                rights=APPEND,
            ),
            AppendOnly(erasable=", ".join(f"{name} = {to}" for name, to in ERASABLE.items())),
            HandsOn(
                name="%(class)s_leaves",
                to="tenants_trailleaf",
                columns="entry_id, book_id, of_engagement, zone, named, digest",
                values="id, coalesce(engagement_id, organization_id), engagement_id IS NOT NULL, "
                "zone, named IS NOT NULL, digest",
            ),
        )
        indexes = (
            models.Index(F("engagement_id"), F("at").desc(), name="trail_of_an_engagement"),
            models.Index(F("subject_id"), F("at").desc(), name="trail_of_a_record"),
            models.Index(
                F("organization_id"), F("at").desc(), name="trail_of_an_organization",
                condition=models.Q(engagement_id__isnull=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_name} {self.verb} {self.subject_label}"

    @property
    def label(self) -> str:
        """How another entry names it: without its text, which may have to go."""
        return f"{self.verb}, {self.at:%Y-%m-%d}"

    @property
    def named_people(self) -> list[UUID] | None:
        """Who alone may read of it."""
        return self.named

    @property
    def book_id(self) -> UUID | None:
        """The book whose tree the entry is in: its engagement, else its organization."""
        return self.engagement_id or self.organization_id


_OF_THE_BOOK = f"({any_of('book_id', 'engagements')} OR {is_the('book_id', 'organization')})"
_OF_SYSTEM = {"sees": SYSTEM_ACTS, "also_reads": f"{SYSTEM_ACTS} OR {_OF_THE_BOOK}"}


class TrailLeaf(models.Model):
    """What the tree shows of one entry, handed on by a trigger in the entry's transaction.

    A book is an engagement, or an organization for what belongs to none. The sequencer, which
    acts as the system, sees these and no entry; of an entry that is not for them, so do the people
    of the book: its zone, whether it names people, and its hash.
    """

    entry_id = models.UUIDField(primary_key=True)
    book_id = models.UUIDField()
    of_engagement = models.BooleanField()
    zone = models.CharField(max_length=6, choices=TrailZone)
    named = models.BooleanField()
    digest = models.BinaryField()
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"({_OF_THE_BOOK})", also_reads=f"{SYSTEM_ACTS} OR {_OF_THE_BOOK}",
                rights=APPEND,
            ),
            AppendOnly(),
        )  # fmt: skip
        indexes = (
            models.Index(fields=["written_at"], name="leaf_by_moment"),
            models.Index(fields=["book_id", "written_at"], name="leaf_of_a_book"),
        )

    def __str__(self) -> str:
        return f"leaf of {self.entry_id}"


class TrailPlace(models.Model):
    """Where an entry stands in its book's tree: given once, after its commit (AUD-4)."""

    entry_id = models.UUIDField(primary_key=True)
    book_id = models.UUIDField()
    number = models.BigIntegerField()
    placed_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall(**_OF_SYSTEM, rights=APPEND),
            AppendOnly(),
            models.UniqueConstraint(fields=["book_id", "number"], name="place_once_in_a_book"),
        )

    def __str__(self) -> str:
        return f"place {self.number} of {self.book_id}"


class TrailTree(models.Model):
    """A book's tree: how many leaves it has, and the roots of its full subtrees, largest first.

    No transaction of a person's act touches it. `signed_size` and `signed_at` are those of its
    newest checkpoint.
    """

    book_id = models.UUIDField(primary_key=True)
    of_engagement = models.BooleanField()
    size = models.BigIntegerField(default=0)
    peaks = models.BinaryField(default=b"")
    signed_size = models.BigIntegerField(default=0)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = (RowWall(**_OF_SYSTEM, rights=KEEP),)

    def __str__(self) -> str:
        return f"tree of {self.book_id}: {self.size}"


class TrailCheckpoint(models.Model):
    """A signed statement that a book had this many entries with this root (AUD-5)."""

    parent = "book_id"
    view_permission = P.VIEW_TRAIL

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    book_id = models.UUIDField()
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.CharField(max_length=80)
    """The public key, as it is published, with which its signature is checked."""
    text = models.TextField()

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        default_permissions = ()
        constraints = (
            RowWall(**_OF_SYSTEM, rights=APPEND),
            AppendOnly(),
            models.UniqueConstraint(fields=["book_id", "size"], name="checkpoint_once_for_a_size"),
        )
        indexes = (models.Index(F("book_id"), F("at").desc(), name="checkpoint_of_a_book"),)

    def __str__(self) -> str:
        return f"checkpoint of {self.book_id} at {self.size}"


class TrailPulse(models.Model):
    """How the sequencer does: one row, of and for the system alone."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen_at = models.DateTimeField()
    waiting = models.PositiveIntegerField(default=0)
    oldest_seconds = models.FloatField(default=0)
    lag_seconds = models.FloatField(null=True)
    """The 99th percentile from an entry's writing to its place, over the last ten minutes."""
    measured = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField(null=True)
    """When all entries ever written were last looked at for one without a place."""

    class Meta:
        default_permissions = ()
        constraints = (RowWall(sees=SYSTEM_ACTS, rights=KEEP),)

    def __str__(self) -> str:
        return f"sequencer seen at {self.seen_at}"


class MissedLook(models.Model):
    """How often people of an organization asked on one day for what is not there for them.

    Foreign and absent are one (ACC-4), so both are counted. For the operator alone: the
    organization is told nothing.
    """

    organization_id = models.UUIDField()
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = (
            RowWall(sees=SYSTEM_ACTS, rights=KEEP),
            models.UniqueConstraint(fields=["organization_id", "day"], name="looks_once_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.count} looks on {self.day}"
