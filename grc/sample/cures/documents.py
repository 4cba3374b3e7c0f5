"""The two sides write their documents, hand them over and sign them."""

from __future__ import annotations

from typing import Final

from django.utils import timezone

from audits.actions import documents
from audits.choices.documents import DocumentKind as K
from audits.models.documents import DocumentVersion
from audits.queries.documents import DocumentStanding, standing
from audits.rules.documents import side_of
from grc.sample.cures import Cast
from tenants.actions import report_dates
from tenants.choices import Basis, EngagementStatus, Role
from tenants.models import Engagement

LETTER: Final = """Harbour & Finch LLP examines the system named below and reports on it.

The client’s management is responsible for its description and its assertion, for stating what the
system is measured against, and for giving access to what is asked for. We are responsible for our
opinion, which rests on the evidence we obtain."""
DESCRIPTION: Final = """The system runs payroll for employers: pay runs are prepared, approved and
paid, taxes are filed, and payslips are published. It runs in two regions of one hosting provider;
twelve people operate it. Boundaries, infrastructure, software, people, procedures and data are told
in the sections that follow."""
ASSERTION: Final = """The description presents the system that was designed and implemented. The
controls stated in it were suitably designed. We measured {measured}."""
LETTER_OF_REPRESENTATION: Final = """We have given you access to all records and people you asked
for. We know of no fraud, no unreported incident, no noncompliance and no deficiency beyond those we
told you of, and of no event since then that would change the report."""


def cure(cast: Cast, engagement: Engagement) -> None:
    """The letter at acceptance, drafts before fieldwork, everything final and signed at the end."""
    phase = engagement.status
    if phase == EngagementStatus.ACCEPTANCE:
        _final(cast, engagement, K.ENGAGEMENT_LETTER)
        for role in (Role.PARTNER, Role.EXECUTIVE):
            _sign(cast, engagement, K.ENGAGEMENT_LETTER, role)
    elif phase == EngagementStatus.WALKTHROUGH:
        for kind in (K.DESCRIPTION, K.ASSERTION):
            _draft(cast, engagement, kind)
    elif phase == EngagementStatus.REPORTING:
        _date(cast, engagement)
        for kind in (K.DESCRIPTION, K.ASSERTION, K.REPRESENTATION_LETTER):
            _final(cast, engagement, kind)
            _sign(cast, engagement, kind, Role.EXECUTIVE)


def _date(cast: Cast, engagement: Engagement) -> None:
    if engagement.report_date is None:
        with cast.acting_as(engagement, Role.PARTNER) as by:
            today = timezone.localdate(timezone=engagement.client.zone)
            report_dates.set_report_date(engagement, today, by=by)


def _words(engagement: Engagement, kind: str) -> str:
    measured = (
        "them against the control objectives stated in the description"
        if engagement.basis == Basis.OBJECTIVE
        else "the description against DC 200 and the controls against the trust services criteria"
    )
    said = {
        K.ENGAGEMENT_LETTER: LETTER, K.DESCRIPTION: DESCRIPTION, K.ASSERTION: ASSERTION,
        K.REPRESENTATION_LETTER: LETTER_OF_REPRESENTATION,
    }[K(kind)]  # fmt: skip
    return said.format(measured=measured)


def _writer(kind: str) -> Role:
    return Role.PARTNER if side_of(kind) == "firm" else Role.CLIENT_ADMIN


def _draft(cast: Cast, engagement: Engagement, kind: str) -> None:
    with cast.acting_as(engagement, _writer(kind)) as by:
        if _standing(engagement, kind).version is None:
            version = documents.write(engagement, kind, _words(engagement, kind), by=by)
            documents.hand_over(version, by=by)


def _final(cast: Cast, engagement: Engagement, kind: str) -> None:
    with cast.acting_as(engagement, _writer(kind)) as by:
        if not _standing(engagement, kind).is_final:
            documents.write(engagement, kind, _words(engagement, kind), final=True, by=by)


def _sign(cast: Cast, engagement: Engagement, kind: str, role: Role) -> None:
    side = "firm" if role == Role.PARTNER else "client"
    with cast.acting_as(engagement, role) as by:
        held = _standing(engagement, kind)
        if held.version is None or _stands(engagement, held, side):
            return
        rows = DocumentVersion.objects.select_related("engagement__client", "document")
        documents.sign(rows.get(pk=held.version.pk), dated_on=engagement.report_date, by=by)


def _stands(engagement: Engagement, held: DocumentStanding, side: str) -> bool:
    on = engagement.report_date
    return held.signed(side) and (on is None or held.words[side].dated_on == on)


def _standing(engagement: Engagement, kind: str) -> DocumentStanding:
    return standing(engagement)[kind]
