"""Django's entry for this app."""

from __future__ import annotations

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    """Registers what other apps ask of this one: the scope of an engagement, its pages."""

    name = "audits"

    def ready(self) -> None:
        from audits import access_lines
        from tenants.parts import parts_of

        self._follow_engagements()
        self._add_pages()
        access_lines.enter_all()
        for part in parts_of("audits.joins"):
            part.join()

    def _follow_engagements(self) -> None:
        from audits.actions import scope
        from audits.queries.scope import open_before_fieldwork
        from tenants.actions import engagements
        from tenants.choices import EngagementStatus
        from tenants.findings import SOURCES

        engagements.AFTER_OPENING.append(scope.freeze)
        engagements.AFTER_TERMS.append(scope.freeze)
        engagements.BEFORE_ANOTHER_BASIS.append(scope.clear)
        SOURCES[EngagementStatus.PLANNING].append(open_before_fieldwork)

    def _add_pages(self) -> None:
        from audits.portal import words
        from audits.queries import coverage, finding
        from tenants.parts import parts_of
        from tenants.permissions import P
        from tenants.portal import base, trail_words
        from tenants.portal.tabs import TABS, Tab
        from tenants.queries import progress, searching, waiting

        base.NAVIGATION.append(
            base.Entry(35, "Controls", "audits:library", "shield-check", (base.CLIENT,))
        )
        TABS.extend([
            Tab("Planning", 20, "Scope", "audits:scope", P.VIEW_ENGAGEMENT),
            Tab("Planning", 40, "Controls", "audits:controls", P.VIEW_ENGAGEMENT),
            Tab("Planning", 50, "Coverage", "audits:coverage", P.VIEW_ENGAGEMENT),
        ])  # fmt: skip
        for part in (words, *parts_of("audits.portal.parts")):
            trail_words.PHRASES.update(part.PHRASES)
            trail_words.ICONS.update(part.ICONS)
        progress.PROGRESS.append(coverage.progress)
        searching.SOURCES += [finding.controls, finding.scope_items]
        waiting.SOURCES += [finding.holes, finding.empty_library]
