"""The firm's own papers: written, changed, and removed while nobody has signed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audits.choices.file import WorkpaperKind
from audits.models.sign_offs import SignOff
from audits.models.workpapers import Workpaper
from audits.papers import PARTNER_REVIEWED
from audits.rules.workpapers import KINDS, LONGEST, checked, next_ref
from tenants import trail
from tenants.choices import EngagementStatus
from tenants.errors import Invalid, Refused
from tenants.lifecycle import changing, locked
from tenants.models import Engagement, User
from tenants.permissions import require


def write(
    engagement: Engagement, kind: str, *, title: str = "", text: str = "",
    fields: Mapping[str, Any] | None = None, by: User,
) -> Workpaper:  # fmt: skip
    """A new workpaper, with the next free reference of its part of the file.

    Raises PermissionDenied, Invalid naming the field, Refused for a second one of a kind of which
    there is one, and for anything but an addendum once the file is locked (LK-03).
    """
    if kind not in KINDS:
        raise Invalid("There is no workpaper of this kind.", code="kind_unknown", field="kind")
    require(by, KINDS[kind].write, engagement)
    kept = checked(kind, fields or {})
    with transaction.atomic():
        _fits_the_lock(locked(engagement), kind)
        held = dict(Workpaper.objects.filter(engagement=engagement).values_list("ref", "kind"))
        if KINDS[kind].single and kind in held.values():
            raise Refused("There is one already. Change that one.", code="one_already")
        paper = Workpaper(
            engagement=engagement, kind=kind, ref=next_ref(kind, held), fields=kept, made_by=by,
            title=_title(title, kind), text=_text(text),
        )  # fmt: skip
        paper.save(force_insert=True)
        trail.record("written", paper, by=by, engagement_id=engagement.pk)
    return paper


def change(
    paper: Workpaper, *, title: str | None = None, text: str | None = None,
    fields: Mapping[str, Any] | None = None, by: User, version: int | None = None,
) -> Workpaper:  # fmt: skip
    """Write a paper anew; what is None stays. Signatures on it go stale (SO-05).

    Raises PermissionDenied, Invalid naming the field, StaleVersion, Refused for a late procedure
    that a partner has approved, but for the day it was done (LK-04).
    """
    require(by, KINDS[paper.kind].write, paper.engagement)
    kept = None if fields is None else checked(paper.kind, {**paper.fields, **fields})
    _stays_as_approved(paper, kept)
    with changing("changed", paper, by=by, version=version) as row:
        row.title = row.title if title is None else _title(title, row.kind)
        row.text = row.text if text is None else _text(text)
        row.fields = row.fields if kept is None else kept
    return paper


def remove(paper: Workpaper, *, by: User, version: int | None = None) -> None:
    """Remove a draft that nobody has signed, with a line in the history.

    Raises PermissionDenied, Refused for one that was signed (SO-05), StaleVersion.
    """
    require(by, KINDS[paper.kind].write, paper.engagement)
    with transaction.atomic():
        with changing("removed", paper, by=by, version=version):
            signed = SignOff.objects.filter(engagement=paper.engagement, paper_id=paper.pk)
            if signed.exists():
                raise Refused("SO-05: a paper that was signed stays in the file.", code="signed")
        Workpaper.objects.filter(pk=paper.pk).delete()


def _fits_the_lock(engagement: Engagement, kind: str) -> None:
    is_locked = engagement.status == EngagementStatus.LOCKED
    if is_locked and kind != WorkpaperKind.ADDENDUM:
        raise Refused("LK-03: the file is locked. Write an addendum.", code="file_locked")
    if kind == WorkpaperKind.ADDENDUM and not is_locked:
        raise Refused(
            "An addendum is for a locked file. Write the paper itself.", code="not_locked"
        )


def _stays_as_approved(paper: Workpaper, kept: Mapping[str, Any] | None) -> None:
    if paper.kind != WorkpaperKind.LATE_PROCEDURE:
        return
    signed = SignOff.objects.filter(
        engagement=paper.engagement, paper_id=paper.pk, level=PARTNER_REVIEWED, taken_back_at=None
    )
    said = {**(paper.fields if kept is None else kept), "closed_on": ""}
    if signed.exists() and said != {**paper.fields, "closed_on": ""}:
        raise Refused(
            "LK-04: a partner has approved this as it is. Write another late procedure, or say on "
            "which day this one was done.", code="approved",
        )  # fmt: skip


def _title(title: str, kind: str) -> str:
    said = " ".join(title.split()) or str(Workpaper(kind=kind).get_kind_display())
    if len(said) > 160:
        raise Invalid("A title has at most 160 characters.", code="too_long", field="title")
    return said


def _text(text: str) -> str:
    if len(text) > LONGEST or "\0" in text:
        raise Invalid(f"A paper has at most {LONGEST} characters.", code="too_long", field="text")
    return text.strip()
