"""The firm's file joins in: its papers, its gates, its tab, and what waits for signatures."""

from __future__ import annotations

from audits import file_notices  # noqa: F401  (registering is its effect)
from audits.actions import file_closing
from audits.choices.file import WorkpaperKind
from audits.papers import Paper, register
from audits.queries import deadlines, reporting, waiting_papers, workpapers
from audits.rules.workpapers import KINDS
from tenants.actions import engagements, report_dates
from tenants.choices import EngagementStatus as S
from tenants.findings import SETTLED, SOURCES
from tenants.permissions import P
from tenants.portal.tabs import TABS, Tab
from tenants.queries import waiting


def join() -> None:
    """Register everything."""
    for kind, each in KINDS.items():
        register(
            Paper(
                str(kind), str(WorkpaperKind(kind).label), "audits.Workpaper", each.phase,
                workpapers.reader(str(kind)), _name, "audits:paper", each.levels,
                reopens=each.reopens, prepare=each.write,
            )
        )  # fmt: skip
    for phase in workpapers.WAY:
        SOURCES[phase] += [
            workpapers.absent(phase), workpapers.unsigned(phase), workpapers.open_notes(phase),
        ]  # fmt: skip
    SOURCES[S.WITHDRAWN] += [workpapers.absent(S.WITHDRAWN), workpapers.unsigned(S.WITHDRAWN)]
    for phase in (S.WRAP_UP, S.WITHDRAWN):
        SOURCES[phase].append(deadlines.overdue)
    engagements.AFTER_MOVES += [file_closing.plan_deadlines, file_closing.drop_notes]
    SOURCES[S.PLANNING].append(workpapers.team_stands)
    SOURCES[S.REPORTING] += [reporting.dated, reporting.quality_reviewed]
    SETTLED.append(workpapers.decided)
    report_dates.BEFORE_REPORT_DATE.append(reporting.quality_review_first)
    waiting.SOURCES += [waiting_papers.notes_on_my_papers]
    TABS.append(Tab("File", 10, "Papers", "audits:file", P.VIEW_FIRM_FILE))


def _name(content: dict[str, str]) -> str:
    return f"{content['ref']} {content['title']}"
