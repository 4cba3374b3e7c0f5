"""Pages of documents: how they stand, their versions, writing, handing over and signing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from audits.actions import documents as actions
from audits.choices.documents import DocumentKind, DocumentSide
from audits.models.documents import DocumentVersion
from audits.queries import documents
from audits.rules.documents import LONGEST, side_of
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import NotAllowed, P, require
from tenants.portal.base import (
    Request,
    applying,
    back,
    engagement_page,
    holds,
    sent,
    signed_in,
)
from tenants.portal.engagements import found
from tenants.portal.fields import VersionForm


class DocumentForm(forms.Form):
    """New words of a document."""

    text = forms.CharField(
        label="Text", max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 24}),
        error_messages={"required": "Write something."},
    )  # fmt: skip
    final = forms.BooleanField(
        label="This is final: hand it over, to be signed", required=False,
        help_text="A draft stays with your side until it is handed over.",
    )  # fmt: skip


class SignatureForm(forms.Form):
    """A word on a final version."""

    dated_on = forms.DateField(label="Dated", help_text="Letters are dated as the report is.")
    refused = forms.BooleanField(label="I do not sign it", required=False)
    reason = forms.CharField(
        label="Why not (only when you do not sign)", required=False, max_length=actions.REASON,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Both sides read it.",
    )  # fmt: skip


@signed_in
def index(request: Request, engagement: UUID) -> HttpResponse:
    """Every kind of document: whose it is, its newest version, and who signed it."""
    row = found(request, engagement)
    context = {"standings": documents.standing(row).values()}
    return engagement_page(request, row, "audits/documents/index.html", context)


@signed_in
def document(request: Request, engagement: UUID, document_kind: str) -> HttpResponse:
    """One document: its newest version in sight, the others, and the words on it."""
    row = _known(request, engagement, document_kind)
    rows = documents.listed(row, document_kind, request.user)
    newest = _version(request, row, rows[0].pk) if rows else None
    return _shown(request, row, document_kind, newest, rows)


@signed_in
def version(request: Request, engagement: UUID, document_version: UUID) -> HttpResponse:
    """One version of a document."""
    row = found(request, engagement)
    held = _version(request, row, document_version)
    rows = documents.listed(row, held.document.kind, request.user)
    return _shown(request, row, held.document.kind, held, rows)


def _shown(
    request: Request, row: Engagement, kind: str, held: DocumentVersion | None,
    rows: list[DocumentVersion],
) -> HttpResponse:  # fmt: skip
    standing = documents.standing(row)[kind]
    side = side_of(kind)
    current = bool(held and standing.version and standing.version.pk == held.pk)
    context = {
        "kind": kind, "standing": standing, "held": held, "versions": rows,
        "words": held.signatures.select_related("signer") if held else (),
        "writes": holds(request, actions.WRITES[side], row),
        "hands_over": bool(held) and holds(request, actions.HANDS_OVER[side], row),
        "signs": current and standing.is_final and bool(held)
        and actions.may_sign(held, request.user),  # type: ignore[arg-type]
        "has_signed": any(word.signer_id == request.user.pk for word in standing.words.values()),
        "of_the_firm": side == DocumentSide.FIRM,
    }  # fmt: skip
    return engagement_page(request, row, "audits/documents/document.html", context)


@signed_in
def write(request: Request, engagement: UUID, document_kind: str) -> HttpResponse:
    """A new version, begun from the newest in sight."""
    row = _known(request, engagement, document_kind)
    side = side_of(document_kind)
    require(request.user, actions.WRITES[side], row)
    rows = documents.listed(row, document_kind, request.user)
    before = _version(request, row, rows[0].pk).text if rows else ""
    form = DocumentForm(sent(request), initial={"text": before})
    if not holds(request, actions.HANDS_OVER[side], row):
        form.fields["final"].disabled = True
        form.fields["final"].help_text = "Somebody else of your side hands it over."
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.write(row, document_kind, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:document", row.pk, document_kind, says="It is written.")
    context = {"form": form, "kind": document_kind, "label": DocumentKind(document_kind).label}
    return _page(request, row, "audits/documents/write.html", context)


@signed_in
def hand_over(request: Request, engagement: UUID, document_version: UUID) -> HttpResponse:
    """The question before a draft is handed over, and that."""
    row = found(request, engagement)
    held = _version(request, row, document_version)
    require(request.user, actions.HANDS_OVER[DocumentSide(held.side)], row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.hand_over(held, by=request.user, seen=form.cleaned_data["version"])
        if not form.errors:
            says = "The other side reads it now."
            return back(request, "audits:document", row.pk, held.document.kind, says=says)
    return _page(request, row, "audits/documents/hand_over.html", {"form": form, "held": held})


@signed_in
def sign(request: Request, engagement: UUID, document_version: UUID) -> HttpResponse:
    """The question before a final version is signed, and the word on it."""
    row = found(request, engagement)
    held = _version(request, row, document_version)
    if not actions.may_sign(held, request.user):
        said = "Your role does not sign this."
        raise NotAllowed(said, anchor=row, asked=str(P.SIGN_FOR_CLIENT), subject=held)
    today = timezone.localdate(timezone=row.client.zone)
    form = SignatureForm(sent(request), initial={"dated_on": row.report_date or today})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.sign(held, by=request.user, **form.cleaned_data)
        if not form.errors:
            says = "Your word on it is kept."
            return back(request, "audits:document", row.pk, held.document.kind, says=says)
    return _page(request, row, "audits/documents/sign.html", {"form": form, "held": held})


def _known(request: Request, engagement: UUID, kind: str) -> Engagement:
    if kind not in DocumentKind.values:
        raise NotVisible("There is no such document, or it is not shown to you.")
    return found(request, engagement)


def _version(request: Request, row: Engagement, key: UUID) -> DocumentVersion:
    rows = DocumentVersion.objects.select_related("document", "made_by", "engagement__client")
    held: DocumentVersion = rows.filter(engagement=row).find(request.user, key)
    return held


def _page(
    request: Request, row: Engagement, template: str, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return engagement_page(request, row, template, context, status=status)
