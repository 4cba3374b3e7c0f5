"""Requests, files and packages: registers what it asks of the kernel."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Loads the tasks, and joins in where an engagement opens, a person joins, a phase ends."""

    name = "evidence"
    verbose_name = "Evidence"

    def ready(self) -> None:
        from audits.actions import narrative_documents, scope
        from audits.queries.scope import REQUEST_COUNTS
        from evidence import (
            access_lines,
            tasks,  # noqa: F401  (registering is its effect)
            telling,  # noqa: F401  (registering is its effect)
        )
        from evidence.actions import reminders, request_edits
        from evidence.actions.narrative_documents import read_docx
        from evidence.queries import request_counts
        from evidence.queries.progress import open_requests_hold_fieldwork
        from tenants.actions import assignments, engagements, memberships
        from tenants.choices import EngagementStatus
        from tenants.findings import SOURCES
        from tenants.parts import parts_of

        narrative_documents.READERS[".docx"] = read_docx
        engagements.AFTER_OPENING.append(reminders.schedule)
        memberships.AFTER_ANOTHER_ZONE.append(reminders.follow_zone)
        REQUEST_COUNTS.append(request_counts.of_engagement)
        scope.BEFORE_REMOVAL.append(request_edits.let_go_of_scope_items)
        assignments.AFTER_ASSIGNING.append(request_edits.link_waiting_owner)
        SOURCES[EngagementStatus.FIELDWORK].append(open_requests_hold_fieldwork)
        self._join_the_pages()
        access_lines.enter_all()
        for part in parts_of("evidence.joins"):
            part.join()

    def _join_the_pages(self) -> None:
        """Tabs of an engagement, lines on home, counts of its progress, hits of a search."""
        from evidence.queries import inbox
        from tenants.parts import parts_of
        from tenants.permissions import P
        from tenants.portal import trail_words
        from tenants.portal.tabs import TABS, Tab
        from tenants.queries import progress, searching, waiting

        TABS.extend([
            Tab("Evidence", 10, "Requests", "evidence:requests", P.VIEW_ENGAGEMENT),
            Tab("Evidence", 20, "Imports", "evidence:imports", P.DRAFT_REQUEST),
            Tab("File", 20, "Package", "evidence:packages", P.DOWNLOAD_PACKAGE),
        ])  # fmt: skip
        waiting.SOURCES[:0] = [
            inbox.asked_of_me, inbox.to_review, inbox.decisions, inbox.drafts_to_send,
        ]  # fmt: skip
        progress.PROGRESS.insert(0, inbox.progress)
        searching.SOURCES.append(inbox.search)
        for part in parts_of("evidence.portal.parts"):
            trail_words.PHRASES.update(part.PHRASES)
            trail_words.ICONS.update(part.ICONS)
