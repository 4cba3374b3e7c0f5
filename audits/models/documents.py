"""Documents of an engagement: their versions, and who signed them or refused to."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audits.choices.documents import (
    OF_CRITERIA,
    OF_OBJECTIVES,
    OF_THE_FIRM,
    Cited,
    DocumentKind,
    DocumentSide,
    DocumentStage,
    SignatureWord,
)
from tenants.choices import Role, TrailZone
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.visibility import Record, RecordQuerySet, engagements_granting
from tenants.walls import APPEND, KEEP, AppendOnly, Refuses, RowWall, SameEngagement, any_of

OWN_SIDE = (
    f"(side = 'firm' AND {any_of('engagement_id', 'firm_side')}) OR "
    f"(side = 'client' AND {any_of('engagement_id', 'client_side')})"
)
FROZEN = "- 'handed_over_at' - 'handed_over_by_id' - 'version'"
_FOREIGN = {
    "objective": [str(each) for each in OF_CRITERIA],
    "criterion": [str(each) for each in OF_OBJECTIVES],
}


def _list(values: list[str]) -> str:
    return f"ARRAY[{', '.join(repr(each) for each in values)}]"


class Document(Record):
    """One document of an engagement, such as the engagement letter; its words are versions."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24, choices=DocumentKind)
    side = models.CharField(max_length=6, choices=DocumentSide)

    class Meta:
        ordering = ("kind",)
        default_permissions = ()
        constraints = (
            RowWall.shared(rights=APPEND),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(fields=["engagement", "kind"], name="document_once"),
            models.CheckConstraint(
                name="document_side_fits_its_kind",
                condition=Q(kind__in=OF_THE_FIRM, side=DocumentSide.FIRM)
                | Q(kind__in=DocumentKind.values, side=DocumentSide.CLIENT)
                & ~Q(kind__in=OF_THE_FIRM),
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class DocumentVersionQuerySet(RecordQuerySet):
    """Versions: what a side has not handed over is that side's alone (AC-02, AC-03)."""

    def visible_to(self, user: User) -> Self:
        """Those handed over, and those of one's own side."""
        firm = engagements_granting(user, P.VIEW_FIRM_FILE)
        client = engagements_granting(user, P.VIEW_CLIENT_FILE)
        own = Q(side=DocumentSide.FIRM, engagement__in=firm) | Q(
            side=DocumentSide.CLIENT, engagement__in=client
        )
        return super().visible_to(user).filter(Q(handed_over_at__isnull=False) | own)


class DocumentVersion(Record):
    """The words of a document at a time, never changed; the other side reads what is handed over.

    A final version is handed over, and is what people sign. `criteria_cited` is read from the
    words: a SOC 1 cites no trust services criteria, a SOC 2 no control objectives (RT-18).
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    document = models.ForeignKey(
        Document, models.PROTECT, related_name="versions", db_constraint=False
    )
    side = models.CharField(max_length=6, choices=DocumentSide)
    number = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    stage = models.CharField(max_length=5, choices=DocumentStage)
    criteria_cited = ArrayField(models.CharField(max_length=12, choices=Cited), default=list)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    handed_over_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    handed_over_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ("document", "-number")
        default_permissions = ()
        constraints = (
            RowWall.shared(
                only=f"handed_over_at IS NOT NULL OR {OWN_SIDE}", takes=OWN_SIDE, rights=KEEP
            ),
            ClosesWithTheFile(from_release=True),
            SameEngagement(link="document_id", to="audits_document"),
            models.UniqueConstraint(
                fields=["engagement", "document", "number"], name="document_version_once"
            ),
            models.CheckConstraint(
                name="document_version_says_something", condition=~Q(text="") & Q(number__gt=0)
            ),
            models.CheckConstraint(
                name="document_version_final_is_handed_over",
                condition=Q(stage=DocumentStage.DRAFT)
                | Q(stage=DocumentStage.FINAL, handed_over_at__isnull=False),
            ),
            models.CheckConstraint(
                name="document_version_handed_over_by_somebody",
                condition=Q(handed_over_at=None, handed_over_by=None)
                | Q(handed_over_at__isnull=False, handed_over_by__isnull=False),
            ),
            Refuses(
                name="documentversion_of_its_side",
                on="INSERT",
                when="NOT EXISTS (SELECT 1 FROM audits_document d WHERE d.id = NEW.document_id "
                "AND d.side = NEW.side)",
                message="A version is written by the side whose document it is.",
            ),
            Refuses(
                name="documentversion_only_handed_over",
                on="UPDATE",
                when="OLD.handed_over_at IS NOT NULL OR NEW.handed_over_at IS NULL OR "
                f"to_jsonb(NEW) {FROZEN} IS DISTINCT FROM to_jsonb(OLD) {FROZEN}",
                message="The words of a version never change; write another one.",
            ),
            Refuses(
                name="documentversion_rt_18_cites_its_own",
                on="INSERT",
                when="NEW.criteria_cited::text[] && (SELECT CASE e.basis WHEN 'objective' THEN "
                f"{_list(_FOREIGN['objective'])} ELSE {_list(_FOREIGN['criterion'])} END "
                "FROM tenants_engagement e WHERE e.id = NEW.engagement_id)",
                message="RT-18: a SOC 1 is not measured against trust services criteria or DC 200, "
                "a SOC 2 or SOC 3 not against control objectives or AT-C 320.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"

    @property
    def trail_zone(self) -> str:  # type: ignore[override]
        """Its own side's until it is handed over."""
        own = TrailZone.FIRM if self.side == DocumentSide.FIRM else TrailZone.CLIENT
        return str(TrailZone.SHARED if self.handed_over_at else own)


class DocumentSignature(Record):
    """A person's word on a final version: signed, as of a day, or refused with the reason."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    document_version = models.ForeignKey(
        DocumentVersion, models.PROTECT, related_name="signatures", db_constraint=False
    )
    word = models.CharField(max_length=7, choices=SignatureWord)
    reason = models.TextField(blank=True)
    side = models.CharField(max_length=6, choices=DocumentSide)
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    dated_on = models.DateField()
    content_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("signed_at", "id")
        default_permissions = ()
        constraints = (
            RowWall.shared(takes=OWN_SIDE, rights=APPEND),
            ClosesWithTheFile(from_release=True),
            AppendOnly(),
            SameEngagement(link="document_version_id", to="audits_documentversion"),
            models.CheckConstraint(
                name="document_signature_refused_with_reason",
                condition=Q(word=SignatureWord.SIGNED) | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="document_signature_by_who_may",
                condition=Q(side=DocumentSide.FIRM, role=Role.PARTNER)
                | Q(side=DocumentSide.CLIENT, role=Role.EXECUTIVE),
            ),
            Refuses(
                name="documentsignature_on_a_final_version",
                on="INSERT",
                when="NOT EXISTS (SELECT 1 FROM audits_documentversion v WHERE v.id = "
                "NEW.document_version_id AND v.stage = 'final' AND v.sha256 = NEW.content_hash)",
                message="A final version is signed, as it is.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_word_display()}: {self.document_version}"
