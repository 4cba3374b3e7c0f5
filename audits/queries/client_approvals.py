"""How the client's approvals stand, and what gates ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audits.approvals import APPROVABLES, Approvable, Subject
from audits.choices.documents import DocumentKind
from audits.models import ScopeItem
from audits.models.client_approvals import ClientApproval
from audits.models.documents import DocumentVersion
from tenants.canonical import digest, plain
from tenants.choices import Basis
from tenants.choices import EngagementStatus as S
from tenants.findings import BLOCK, Finding, Source
from tenants.models import Engagement


@dataclass(frozen=True, slots=True)
class ApprovalStanding:
    """One thing to approve as it is now, and the last approval of its kind."""

    approvable: Approvable
    subject: Subject
    last: ClientApproval | None = None

    @property
    def content(self) -> dict[str, Any]:
        """What an approval covers."""
        found: dict[str, Any] = plain(self.subject.content)
        return found

    @property
    def content_hash(self) -> str:
        """What an approval binds to."""
        return digest(self.subject.content)

    @property
    def is_current(self) -> bool:
        """Whether the last approval is of this content."""
        return self.last is not None and self.last.content_hash == self.content_hash

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The content in words."""
        return self.approvable.lines(self.content)


def standing(engagement: Engagement, phase: str = "") -> list[ApprovalStanding]:
    """Everything there is to approve, or that of one phase (two queries a kind, and one)."""
    kinds = [each for each in APPROVABLES.values() if not phase or each.phase == phase]
    found = [(each, subject) for each in kinds if (subject := each.subject(engagement))]
    if not found:
        return []
    rows = ClientApproval.objects.filter(engagement=engagement).select_related("approved_by")
    last = {row.subject_kind: row for row in rows.order_by("approved_at", "id")}
    return [ApprovalStanding(each, subject, last.get(each.kind)) for each, subject in found]


def asked_at(phase: S) -> Source:
    """What a gate asks: the client has approved what there is, as it is now."""

    def source(engagement: Engagement) -> list[Finding]:
        return [
            _finding(engagement, each)
            for each in standing(engagement, phase)
            if not each.is_current
        ]

    return source


def _finding(engagement: Engagement, held: ApprovalStanding) -> Finding:
    label = held.approvable.label
    said = f"{label}: not approved by the client yet."
    if held.last is not None:
        said = f"{label}: changed since {held.last.approved_by} approved."
    return Finding(
        "SO-05" if held.last else "§9", BLOCK, said,
        "The client’s administrator or executive approves it.",
        ("audits:approvals", (engagement.pk,)), subject=held.approvable.kind,
    )  # fmt: skip


def objectives(engagement: Engagement) -> Subject | None:
    """The control objectives a SOC 1 examines, as they are worded (1 query)."""
    if engagement.basis != Basis.OBJECTIVE:
        return None
    items = ScopeItem.objects.filter(engagement=engagement, relevant=True).order_by("position")
    rows = [{"ref": row.identifier, "title": row.title, "text": row.text} for row in items]
    return Subject({"objectives": rows}) if rows else None


def objective_lines(content: Any) -> list[tuple[str, str]]:
    """Objectives in words."""
    return [(row["ref"], row["text"]) for row in content["objectives"]]


def description(engagement: Engagement) -> Subject | None:
    """The newest version of the description that is handed over (1 query)."""
    row = (
        DocumentVersion.objects.filter(
            engagement=engagement, document__kind=DocumentKind.DESCRIPTION,
            handed_over_at__isnull=False,
        )
        .defer("text")
        .order_by("-number")
        .first()
    )  # fmt: skip
    if row is None:
        return None
    content = {"number": row.number, "stage": row.stage, "sha256": row.sha256}
    return Subject(content, row.pk, row.made_by_id)


def description_lines(content: Any) -> list[tuple[str, str]]:
    """A version in words."""
    return [(f"Version {content['number']}", f"{content['stage']}, {content['sha256'][:12]}…")]
