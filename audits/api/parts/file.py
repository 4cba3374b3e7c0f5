"""Addresses of the firm's file."""

from __future__ import annotations

from django.urls import path

from audits.api.papers import PapersViewSet, SignOffViewSet
from audits.api.workpapers import ReviewNoteViewSet, RuleDecisionViewSet, WorkpaperViewSet
from tenants.api.base import Router

router = Router()
router.register("workpapers", WorkpaperViewSet, basename="workpaper")
router.register("review-notes", ReviewNoteViewSet, basename="review-note")
router.register("rule-decisions", RuleDecisionViewSet, basename="rule-decision")
router.register("sign-offs", SignOffViewSet, basename="sign-off")

PAPERS = "engagements/<uuid:pk>/papers"
_one = PapersViewSet.as_view
routes = [
    path(f"{PAPERS}/", _one({"get": "show"}), name="papers"),
    path(f"{PAPERS}/opened/", _one({"post": "opened"}), name="paper-opened"),
    path(f"{PAPERS}/sign/", _one({"post": "sign"}), name="paper-sign"),
    path(f"{PAPERS}/sign-many/", _one({"post": "sign_many"}), name="paper-sign-many"),
    path(f"{PAPERS}/<slug:paper_kind>/<uuid:paper>/", _one({"get": "one"}), name="paper"),
    *router.urls,
]
