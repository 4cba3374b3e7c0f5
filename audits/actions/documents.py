"""Writing documents, handing them over, and signing what is final or refusing to."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from audits.choices.documents import (
    DocumentKind,
    DocumentSide,
    DocumentStage,
    SignatureWord,
)
from audits.models.documents import Document, DocumentSignature, DocumentVersion
from audits.rules import documents as rules
from audits.rules.scope import refuse_closed
from tenants import trail
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import NotAllowed, P, require

REASON = 4_000
WRITES = {DocumentSide.FIRM: P.SET_SCOPE, DocumentSide.CLIENT: P.PROPOSE_DOCUMENT}
"""Side → who writes a draft of its documents."""
HANDS_OVER = {DocumentSide.FIRM: P.DECIDE_ENGAGEMENT, DocumentSide.CLIENT: P.WRITE_DOCUMENT}
"""Side → who hands a draft over to the other, or makes a version final."""


def write(
    engagement: Engagement, kind: str, text: str, *, final: bool = False, by: User
) -> DocumentVersion:
    """A new version of a document, its own side's until it is handed over; a final one is at once.

    Raises PermissionDenied, Invalid naming the field (RT-18 for words that cite another basis),
    Refused once the report is released (LK-04).
    """
    if kind not in DocumentKind.values:
        raise Invalid("There is no document of this kind.", code="kind_unknown", field="kind")
    side = rules.side_of(kind)
    require(by, (HANDS_OVER if final else WRITES)[side], engagement)
    words = _checked(text)
    cited = rules.cited_in(kind, words)
    rules.refuse_foreign(cited, engagement.basis)
    with transaction.atomic():
        row = locked(engagement)
        refuse_closed(row.status)
        document, _ = Document.objects.get_or_create(engagement=row, kind=kind, side=side)
        last = DocumentVersion.objects.filter(document=document).order_by("-number").first()
        version = DocumentVersion(
            engagement=row, document=document, side=side, number=last.number + 1 if last else 1,
            text=words, sha256=_hash(words), criteria_cited=[str(each) for each in cited],
            stage=DocumentStage.FINAL if final else DocumentStage.DRAFT, made_by=by,
            handed_over_by=by if final else None, handed_over_at=timezone.now() if final else None,
        )  # fmt: skip
        version.save(force_insert=True)
        verb = "made_final" if final else "drafted"
        trail.record(verb, version, by=by, engagement_id=row.pk)
    return version


def hand_over(version: DocumentVersion, *, by: User, seen: int | None = None) -> DocumentVersion:
    """Let the other side read a draft.

    Raises PermissionDenied, Refused for one that is handed over, StaleVersion when `seen` is not
    the row's version.
    """
    require(by, HANDS_OVER[DocumentSide(version.side)], version.engagement)
    with changing("handed_over", version, by=by, version=seen) as row:
        refuse_closed(row.engagement.status)
        if row.handed_over_at:
            raise Refused("This version is handed over already.", code="handed_over")
        row.handed_over_by, row.handed_over_at = by, timezone.now()
    return version


def sign(
    version: DocumentVersion, *, dated_on: date | None = None, refused: bool = False,
    reason: str = "", by: User,
) -> DocumentSignature:  # fmt: skip
    """Sign the final version of a document as of a day, or refuse to with the reason (OP-03).

    An executive signs for the client; the engagement letter is signed by the partner as well.
    Raises PermissionDenied, Invalid naming the field, Refused for a draft and for a version that
    a later one has taken the place of.
    """
    engagement = version.engagement
    side = _side(version, by)
    said = reason.strip()
    if refused and not said:
        raise Invalid("Say why it is not signed.", code="note_required", field="reason")
    if len(said) > REASON or "\0" in said:
        raise Invalid(f"At most {REASON:,} characters fit.", code="too_long", field="reason")
    today = timezone.localdate(timezone=engagement.client.zone)
    day = dated_on or today
    if day > today:
        raise Invalid("Nothing is signed ahead of its day.", code="date_ahead", field="dated_on")
    with transaction.atomic():
        row = locked(engagement)
        refuse_closed(row.status)
        _refuse_superseded(version)
        signature = DocumentSignature(
            engagement=row, document_version=version, side=side, signer=by, dated_on=day,
            word=SignatureWord.REFUSED if refused else SignatureWord.SIGNED, reason=said,
            role=Role.PARTNER if side == DocumentSide.FIRM else Role.EXECUTIVE,
            content_hash=version.sha256,
        )  # fmt: skip
        signature.save(force_insert=True)
        verb = "signature_refused" if refused else "signed"
        trail.record(verb, version, by=by, engagement_id=row.pk, note=said,
                     detail={"dated_on": day.isoformat()})  # fmt: skip
    return signature


def may_sign(version: DocumentVersion, by: User) -> bool:
    """Whether `by` is somebody whose signature this document takes."""
    if by.has_perm(P.SIGN_FOR_CLIENT, version.engagement):
        return True
    of_the_firm = version.side == DocumentSide.FIRM
    return of_the_firm and by.has_perm(P.DECIDE_ENGAGEMENT, version.engagement)


def _side(version: DocumentVersion, by: User) -> DocumentSide:
    """For whom `by` signs. Raises NotAllowed."""
    engagement = version.engagement
    if by.has_perm(P.SIGN_FOR_CLIENT, engagement):
        require(by, P.SIGN_FOR_CLIENT, engagement)
        return DocumentSide.CLIENT
    if version.side == DocumentSide.FIRM and by.has_perm(P.DECIDE_ENGAGEMENT, engagement):
        require(by, P.DECIDE_ENGAGEMENT, engagement)
        return DocumentSide.FIRM
    said = "An executive of the client signs this."
    if version.side == DocumentSide.FIRM:
        said = "The engagement partner and an executive of the client sign this."
    raise NotAllowed(said, anchor=engagement, asked=str(P.SIGN_FOR_CLIENT), subject=version)


def _refuse_superseded(version: DocumentVersion) -> None:
    if version.stage != DocumentStage.FINAL:
        raise Refused("This is a draft; a final version is signed.", code="draft")
    later = DocumentVersion.objects.filter(
        document=version.document_id, number__gt=version.number, handed_over_at__isnull=False
    )
    if later.exists():
        raise Refused("A later version has taken its place; sign that one.", code="superseded")


def _checked(text: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise Invalid("Write something.", code="required", field="text")
    if len(words) > rules.LONGEST or "\0" in words:
        raise Invalid(f"At most {rules.LONGEST:,} characters fit.", code="too_long", field="text")
    return words


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()
