"""Signing papers, having opened them, and taking one's own signature back (SO-01 to SO-05)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audits.models.sign_offs import PaperOpened, SignOff
from audits.papers import EQR, PAPERS, PARTNER_REVIEWED, PREPARED, REVIEWED, Paper
from audits.queries.papers import PaperStanding, standing, standings
from audits.rules.sign_offs import ORDER, refusal
from tenants import trail
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.lifecycle import changing, locked
from tenants.models import Assignment, Engagement, User
from tenants.permissions import NotAllowed, P, require

MOST = 200
"""How many papers are signed at once."""


def open_paper(engagement: Engagement, kind: str, paper_id: UUID, *, by: User) -> PaperOpened:
    """Note that `by` has looked at a paper as it is now. Raises PermissionDenied, NotVisible."""
    require(by, P.VIEW_FIRM_FILE, engagement)
    now = standing(engagement, kind, paper_id)
    seen: PaperOpened
    seen, _ = PaperOpened.objects.update_or_create(
        engagement=engagement, paper_kind=kind, paper_id=paper_id, person=by,
        defaults={"content_hash": now.content_hash, "opened_at": timezone.now()},
    )  # fmt: skip
    return seen


def sign(
    engagement: Engagement, kind: str, paper_id: UUID, level: str, *, seen: str, by: User
) -> SignOff:
    """Sign one paper at one level; `seen` is the hash of the content the signer looked at.

    Raises PermissionDenied, NotVisible, StaleVersion when the paper has moved on, Refused with
    the rule (SO-02 to SO-04, SO-06).
    """
    _require(engagement, kind, level, by)
    with transaction.atomic():
        locked(engagement)  # content and signature belong together
        now = standing(engagement, kind, paper_id)
        if now.content_hash != seen:
            raise StaleVersion("This paper has changed since you opened it; look again first.")
        (signature,) = _write(engagement, [now], level, by)
    return signature


def sign_many(
    engagement: Engagement, kind: str, ids: Sequence[UUID], level: str, *, by: User
) -> list[SignOff]:
    """Sign several papers of a kind: all or none, and only those opened as they are now (SO-04).

    Raises PermissionDenied, NotVisible, Invalid for more than 200, Refused naming the paper.
    """
    _require(engagement, kind, level, by)
    if len(ids) > MOST:
        raise Invalid(f"Sign at most {MOST} papers at once.", code="too_many", field="ids")
    with transaction.atomic():
        locked(engagement)
        found = standings(engagement, kind, set(ids))
        if len(found) != len(set(ids)):
            raise NotVisible("There is no such paper, or it is not shown to you.")
        _all_opened(engagement, kind, found, by)
        return _write(engagement, [found[key] for key in ids], level, by)


def take_back(sign_off: SignOff, *, reason: str, by: User, version: int | None = None) -> SignOff:
    """Take one's own signature back, before the next level has signed (SO-05).

    Raises PermissionDenied, Refused for another's or once the next level stands, Invalid.
    """
    require(by, P.VIEW_FIRM_FILE, sign_off.engagement)
    if sign_off.signer_id != by.pk:
        said = "SO-05: nobody takes back another's signature."
        raise NotAllowed(said, anchor=sign_off.engagement, asked="take_back", subject=sign_off)
    if not reason.strip():
        raise Invalid("Say why you take it back.", code="note_required", field="reason")
    with transaction.atomic():
        locked(sign_off.engagement)
        others = SignOff.objects.filter(
            engagement=sign_off.engagement, paper_kind=sign_off.paper_kind,
            paper_id=sign_off.paper_id, taken_back_at=None, signed_at__gte=sign_off.signed_at,
        )  # fmt: skip
        if any(ORDER.index(each.level) > ORDER.index(sign_off.level) for each in others):
            raise Refused(
                "SO-05: the next level has signed. Change the paper instead; the signatures then "
                "go stale.", code="signed_above",
            )  # fmt: skip
        with changing("taken_back", sign_off, by=by, version=version, note=reason.strip()) as row:
            row.taken_back_at, row.taken_back_reason = timezone.now(), reason.strip()
    return sign_off


def may_sign(engagement: Engagement, now: PaperStanding, level: str, by: User) -> str:
    """Why `by` may not sign `level` of a paper now; empty when they may (1 query)."""
    if not by.has_perm(_permission(now.paper, level), engagement):
        return "Your role does not sign this."
    return _refusal(now, level, by, _role(engagement, by))


def _permission(paper: Paper, level: str) -> P:
    known = {
        PREPARED: paper.prepare, REVIEWED: paper.review, PARTNER_REVIEWED: P.DECIDE_ENGAGEMENT,
        EQR: P.SIGN_QUALITY_REVIEW,
    }  # fmt: skip
    if level not in known:
        raise Invalid(f"There is no level “{level[:20]}”.", code="level_unknown", field="level")
    return known[level]


def _require(engagement: Engagement, kind: str, level: str, by: User) -> None:
    if kind not in PAPERS:
        raise NotVisible("There is no such paper, or it is not shown to you.")
    require(by, _permission(PAPERS[kind], level), engagement)


def _role(engagement: Engagement, by: User) -> str:
    """The role at this time, which a signature keeps; an opened permission makes nobody more."""
    return str(Assignment.objects.get(engagement=engagement, person=by).role)


def _refusal(now: PaperStanding, level: str, by: User, role: str) -> str:
    return refusal(
        level, levels=now.levels, signer=by.pk, role=role, signed=now.signed,
        reviewer=now.paper.reviewer,
    )  # fmt: skip


def _all_opened(
    engagement: Engagement, kind: str, found: dict[UUID, PaperStanding], by: User
) -> None:
    opened = dict(
        PaperOpened.objects.filter(
            engagement=engagement, paper_kind=kind, person=by, paper_id__in=found
        ).values_list("paper_id", "content_hash")
    )
    for key, now in found.items():
        if opened.get(key) != now.content_hash:
            raise Refused(
                f"SO-04: open “{now.name}” as it is now before you sign it with others.",
                code="not_opened",
            )


def _write(
    engagement: Engagement, papers: Sequence[PaperStanding], level: str, by: User
) -> list[SignOff]:
    role = _role(engagement, by)
    for now in papers:
        if reason := _refusal(now, level, by, role):
            raise Refused(f"{now.name}: {reason}", code="sign_off_refused")
    rows = [
        SignOff(
            engagement=engagement, paper_kind=now.paper.kind, paper_id=now.id,
            paper_name=now.name[:200], level=level, signer=by, role=role, content=now.content,
            annex=now.paper.annex(now.id) if now.paper.annex else None,
            content_hash=now.content_hash,
        )
        for now in papers
    ]  # fmt: skip
    SignOff.objects.bulk_create(rows)
    trail.record_many("signed", rows, by=by, engagement_id=engagement.pk, after=level)
    return rows
