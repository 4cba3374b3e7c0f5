"""Where the pages of the firm's file are, and how the trail reads what happens there."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from audits.portal import file, file_writing

PAPER: Final = "file/<slug:paper_kind>/<uuid:paper>"
routes: list[URLPattern] = []
own_library: list[URLPattern] = []
of_an_engagement = [
    path("file/", file.index, name="file"),
    path("file/new/<slug:paper_kind>/", file_writing.new, name="workpaper_new"),
    path("file/workpapers/<uuid:workpaper>/edit/", file_writing.edit, name="workpaper_edit"),
    path("file/workpapers/<uuid:workpaper>/remove/", file_writing.remove, name="workpaper_remove"),
    path("file/signatures/<uuid:sign_off>/take-back/", file.take_back, name="take_signature_back"),
    path("file/signatures/<uuid:sign_off>/difference/", file.difference, name="difference"),
    path("file/notes/<uuid:review_note>/answer/", file_writing.answer, name="note_answer"),
    path("file/notes/<uuid:review_note>/clear/", file_writing.clear, name="note_clear"),
    path("file/<slug:paper_kind>/sign/", file_writing.sign_many, name="sign_many"),
    path(f"{PAPER}/", file.paper, name="paper"),
    path(f"{PAPER}/opened/", file.opened, name="paper_opened"),
    path(f"{PAPER}/sign/", file.sign, name="paper_sign"),
    path(f"{PAPER}/notes/", file_writing.note, name="note_new"),
    path("open/<str:rule>/decide/", file_writing.decide, name="decide"),
]
PHRASES: Final = {
    "workpaper.written": "wrote {label}",
    "workpaper.changed": "changed {label}",
    "workpaper.removed": "removed the draft {label}",
    "workpaper.notes_dropped": "dropped the review notes",
    "signoff.signed": "signed {label}",
    "signoff.taken_back": "took a signature back: {label}",
    "reviewnote.written": "wrote a review note: {label}",
    "reviewnote.answered": "answered: {label}",
    "reviewnote.cleared": "cleared: {label}",
    "ruledecision.decided": "set a rule aside: {label}",
}
ICONS: Final = {"signoff.signed": "writing", "workpaper.written": "file-text"}
