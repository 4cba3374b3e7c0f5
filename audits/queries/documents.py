"""How an engagement's documents stand: what is handed over, what is final, who signed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse

from audits.choices.documents import (
    OF_THE_FIRM,
    DocumentKind,
    DocumentSide,
    DocumentStage,
    SignatureWord,
)
from audits.models.documents import DocumentSignature, DocumentVersion
from audits.rules.documents import side_of
from tenants.choices import OVER
from tenants.findings import BLOCK, OVERRIDE, Finding, Level
from tenants.models import Engagement, User
from tenants.permissions import P
from tenants.queries.searching import SHOWN
from tenants.queries.waiting import WaitingGroup, WaitingItem
from tenants.visibility import engagements_granting


@dataclass(frozen=True, slots=True)
class DocumentStanding:
    """One kind of document: its newest version that both sides read, and the last word on it.

    `words`: side → the last signature or refusal on that version.
    """

    kind: str
    version: DocumentVersion | None = None
    words: dict[str, DocumentSignature] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Such as “Engagement letter”."""
        return str(DocumentKind(self.kind).label)

    @property
    def is_final(self) -> bool:
        """Whether the newest version is to be signed."""
        return self.version is not None and self.version.stage == DocumentStage.FINAL

    @property
    def asked(self) -> tuple[DocumentSide, ...]:
        """Whose signatures it takes."""
        both = (DocumentSide.CLIENT, DocumentSide.FIRM)
        return both if self.kind in OF_THE_FIRM else both[:1]

    def signed(self, side: str) -> bool:
        """Whether that side's last word on it is a signature."""
        said = self.words.get(side)
        return said is not None and said.word == SignatureWord.SIGNED

    @property
    def is_signed(self) -> bool:
        """Whether everybody it takes has signed it."""
        return self.is_final and all(self.signed(side) for side in self.asked)

    @property
    def refused(self) -> DocumentSignature | None:
        """A last word that is a refusal."""
        return next(
            (each for each in self.words.values() if each.word == SignatureWord.REFUSED), None
        )


def standing(engagement: Engagement) -> dict[str, DocumentStanding]:
    """Every kind with its newest version handed over and the words on it (2 queries)."""
    rows = (
        DocumentVersion.objects.filter(engagement=engagement, handed_over_at__isnull=False)
        .defer("text")
        .select_related("document", "made_by")
        .order_by("number")
    )
    newest = {row.document.kind: row for row in rows}
    said: dict[UUID, dict[str, DocumentSignature]] = {}
    ids = [row.pk for row in newest.values()]
    words = DocumentSignature.objects.filter(engagement=engagement, document_version__in=ids)
    for each in words.select_related("signer").order_by("signed_at", "id"):
        said.setdefault(each.document_version_id, {})[each.side] = each
    return {
        kind: DocumentStanding(kind, row, said.get(row.pk, {}))
        if (row := newest.get(kind))
        else DocumentStanding(kind)
        for kind in DocumentKind.values
    }


def letter_signed(engagement: Engagement) -> list[Finding]:
    """Acceptance: the engagement letter is final and signed by both (2 queries)."""
    return _unsigned(engagement, standing(engagement)[DocumentKind.ENGAGEMENT_LETTER])


def drafts_received(engagement: Engagement) -> list[Finding]:
    """Walkthrough: description and assertion have been handed over (2 queries)."""
    held = standing(engagement)
    return [
        _finding(engagement, held[kind], f"There is no {held[kind].label.lower()} yet.",
                 "Ask the client to write it and hand a draft over.")
        for kind in (DocumentKind.DESCRIPTION, DocumentKind.ASSERTION)
        if held[kind].version is None
    ]  # fmt: skip


def letters_signed_and_dated(engagement: Engagement) -> list[Finding]:
    """Reporting: the client's final documents are signed, as of the date of the report."""
    found: list[Finding] = []
    for each in standing(engagement).values():
        if side_of(each.kind) != DocumentSide.CLIENT:
            continue
        unsigned = _unsigned(engagement, each)
        found += unsigned or _misdated(engagement, each)
    return found


def _unsigned(engagement: Engagement, held: DocumentStanding) -> list[Finding]:
    """What a document misses until it is final and signed by everybody it takes."""
    name = held.label[:1].lower() + held.label[1:]
    if held.version is None:
        return [_finding(engagement, held, f"There is no {name} yet.", "Write it.")]
    if not held.is_final:
        said = f"The {name} is a draft."
        return [_finding(engagement, held, said, "Make a version final.")]
    if (word := held.refused) is not None:
        said = f"{word.signer} refused to sign the {name}."
        cure = "Withdraw from the engagement; where law forbids that, disclaim an opinion."
        level = BLOCK if held.kind in OF_THE_FIRM else OVERRIDE
        facts = {"signature": str(word.pk)}
        return [_finding(engagement, held, said, cure, "OP-03", level, facts)]
    who = {
        DocumentSide.CLIENT: "an executive of the client",
        DocumentSide.FIRM: "the engagement partner",
    }
    missing = [who[side] for side in held.asked if not held.signed(side)]
    if not missing:
        return []
    said = f"The {name} is not signed by {' and '.join(missing)}."
    return [_finding(engagement, held, said, "Have it signed.")]


def _misdated(engagement: Engagement, held: DocumentStanding) -> list[Finding]:
    """Signed as of another day than the report's."""
    on = engagement.report_date
    dated = held.words[DocumentSide.CLIENT].dated_on
    if on is None or dated == on:
        return []
    said = f"{held.label}: signed as of {dated}, and the report is dated {on}."
    return [_finding(engagement, held, said, "Have it signed as of the date of the report.")]


def _finding(
    engagement: Engagement, held: DocumentStanding, said: str, cure: str, rule: str = "§9",
    level: Level = BLOCK, facts: dict[str, str] | None = None,
) -> Finding:  # fmt: skip
    route = ("audits:document", (engagement.pk, held.kind))
    return Finding(rule, level, said, cure, route, subject=held.kind, facts=facts or {})


def to_sign(user: User) -> list[WaitingGroup]:
    """For executives and partners: final documents without their side's word (2 queries)."""
    theirs = {
        DocumentSide.CLIENT: engagements_granting(user, P.SIGN_FOR_CLIENT),
        DocumentSide.FIRM: engagements_granting(user, P.DECIDE_ENGAGEMENT),
    }
    items = [
        WaitingItem(
            str(row.document), reverse("audits:document", args=[row.engagement_id,
                                                               row.document.kind]),
            engagement=row.engagement.title, note=f"version {row.number}",
        )
        for side, mine in theirs.items() if mine
        for row in _waiting(side, mine)
    ]  # fmt: skip
    if not items:
        return []
    return [
        WaitingGroup("Documents to sign", "Documents", items[:SHOWN], len(items), icon="writing")
    ]


def _waiting(side: DocumentSide, engagements: Iterable[UUID]) -> Iterable[DocumentVersion]:
    """Final versions of these engagements, the newest handed over, that a side said nothing on."""
    later = DocumentVersion.objects.filter(
        document=OuterRef("document"), number__gt=OuterRef("number"), handed_over_at__isnull=False
    )
    said = DocumentSignature.objects.filter(document_version=OuterRef("pk"), side=side)
    rows = DocumentVersion.objects.filter(
        ~Exists(later), ~Exists(said), engagement__in=engagements, stage=DocumentStage.FINAL
    ).exclude(engagement__status__in=OVER)
    if side == DocumentSide.FIRM:
        rows = rows.filter(side=DocumentSide.FIRM)
    found: Iterable[DocumentVersion] = rows.select_related("engagement", "document").defer("text")
    return found


def listed(engagement: Engagement, kind: str, user: User) -> list[DocumentVersion]:
    """The versions of a document that `user` reads, newest first, without their words (1 query)."""
    rows = DocumentVersion.objects.visible_to(user).filter(
        engagement=engagement, document__kind=kind
    )
    return list(rows.defer("text").select_related("made_by", "document").order_by("-number"))
