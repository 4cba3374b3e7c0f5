"""What happens in the sample, in order: from two empty firms to a package being assembled."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from audits.actions import controls, scope
from audits.models import ControlObjective
from evidence.actions import due_dates, evidence_requests, packages, request_edits, request_talk
from grc.sample import cast, papers
from grc.sample.story import PERIOD, Story
from tenants.choices import EngagementKind
from tenants.models import Engagement
from tenants.rules.engagements import Terms


def play(story: Story) -> None:
    """The whole sample, from two empty firms to a package being assembled."""
    dana, imani, stellan = cast.CLIENT[0], *cast.OTHER_CLIENTS
    nadia, jonas, mei = (cast.FIRM[at].email for at in (3, 4, 5))
    story.found_firms()
    story.add_client(nadia, cast.TALLOWBROOK, dana)
    soc2 = story.open(
        nadia, cast.TALLOWBROOK, "SOC 2 Type 2, 2025–26",
        Terms("SOC2", "T2", ("security", "availability", "confidentiality"), None, *PERIOD),
        fieldwork_ends_on=timezone.localdate() + timedelta(days=45),
    )  # fmt: skip
    story.first_administrator(soc2, dana, nadia)
    for person in cast.CLIENT[1:]:
        story.invite(dana.email, person, soc2)
    story.tell_controls(dana.email)
    with story.scene(nadia) as by:
        controls.take_controls(soc2, None, by)
    story.move_on(soc2, nadia, "begin")
    story.move_on(soc2, cast.FIRM[1].email, "take_on")
    story.move_on(soc2, nadia, "finish_planning", "finish_walkthroughs")
    story.import_list(soc2, jonas)
    story.send_all(soc2, jonas, but=("A-29", "C-11"))
    _answer(story, soc2, jonas, mei)
    _second_engagement(story, nadia, jonas)
    _others(story, nadia, imani, stellan)
    with story.scene(nadia) as by:
        packages.request(soc2, by=by)


def _answer(story: Story, soc2: Engagement, jonas: str, mei: str) -> None:
    """Requests in every state, with files of every kind the sample has."""
    rows: list[list[str | int]] = [
        ["W-104", "2025-11-03", "Payroll"],
        ["W-131", "2026-02-16", "Engineering"],
    ]
    story.upload(
        soc2,
        "A-06",
        "Code of conduct 2026.pdf",
        papers.pdf(
            "Code of conduct", "Approved by the board on 2026-01-14.", "Next review: January 2027."
        ),
    )
    story.submit(soc2, "A-06")
    story.review(soc2, "A-06", mei, "accept")
    story.upload(soc2, "A-03", "Network and data flow.png", papers.picture())
    story.submit(soc2, "A-03")
    story.review(soc2, "A-03", mei, "accept")
    story.upload(
        soc2,
        "A-01",
        "System description v0.4.docx",
        papers.document(
            "Description of the payroll system",
            "Tallowbrook runs payroll for 2,300 employers.",
            "The system is hosted in two regions of one provider.",
        ),
    )
    story.submit(soc2, "A-01")
    story.review(soc2, "A-01", jonas)
    story.upload(
        soc2,
        "A-11",
        "New hires 2025-26.xlsx",
        papers.sheet(["Worker", "Start", "Department"], rows),
    )
    story.submit(
        soc2,
        "A-11",
        text="From the HRIS, all locations.",
        row_count=2,
        source_query="Workers with start date 2025-10-01 to 2026-09-30",
        run_on=date(2026, 10, 1),
    )
    story.review(
        soc2,
        "A-11",
        jonas,
        "give_back",
        reason="incomplete",
        note="The contractors are missing. Please export them too.",
    )
    story.upload(soc2, "B-04", "Leavers.csv", papers.table(["Worker", "Left", "Team"], rows))
    story.submit(
        soc2, "B-04", row_count=2, source_query="HRIS leavers report", run_on=date(2026, 10, 2)
    )
    story.review(soc2, "B-04", jonas, "accept")
    story.upload(
        soc2,
        "B-07",
        "Sign-on policy.json",
        papers.data(
            {"policy": "All staff", "factors": ["password", "security key"], "idle_minutes": 15}
        ),
    )
    story.submit(soc2, "B-07")
    story.upload(
        soc2,
        "A-17",
        "Policy owners.eml",
        papers.letter(
            "dana.whitlock@tallowbrook.example",
            "jonas.weber@harbourfinch.example",
            "Policy list",
            "The list of policies with owner and last approval is in the portal.",
        ),
    )
    story.upload(
        soc2,
        "A-18",
        "Policies.zip",
        papers.bundle(
            {
                "Information security.pdf": papers.pdf("Information security policy", "Version 6"),
                "Access.pdf": papers.pdf("Access policy", "Version 4"),
            }
        ),
    )
    story.submit(soc2, "A-18")
    story.upload(
        soc2,
        "B-02",
        "Okta grants.csv",
        papers.table(["Grant", "Day", "To"], rows),
        who="sam.ito@tallowbrook.example",
    )
    _decide(story, soc2, jonas)


def _decide(story: Story, soc2: Engagement, jonas: str) -> None:
    """What is not about files: a question, more time, not applicable, withdrawn, reopened."""
    with story.scene("owen.gallagher@tallowbrook.example") as by:
        evidence_requests.propose_na(
            story.find(soc2, "B-17"), by=by, note="The office was closed in August 2026."
        )
    with story.scene("tomas.reyes@tallowbrook.example") as by:
        row = story.find(soc2, "D-03")
        request_talk.comment(row, text="Are merges of the mobile app in scope too?", by=by)
        later = timezone.localdate() + timedelta(days=21)
        due_dates.propose_due_date(row, due_on=later, note="Release week until then.", by=by)
    with story.scene(jonas) as by:
        request_talk.comment(story.find(soc2, "D-03"), text="Yes, all customer apps.", by=by)
        request_talk.note(
            story.find(soc2, "A-11"),
            by=by,
            text="Last year the first export was incomplete as well.",
        )
        evidence_requests.withdraw(
            story.find(soc2, "E-01"), by=by, note="Covered by the monthly report."
        )
    with story.scene("lena.hoffmann@tallowbrook.example") as by:
        evidence_requests.propose_na(story.find(soc2, "C-01"), by=by, note="Moved to another tool.")
    with story.scene(jonas) as by:
        evidence_requests.agree_na(story.find(soc2, "C-01"), by=by, note="Agreed; see C-02.")
        reopened = story.find(soc2, "B-04")
        evidence_requests.reopen(reopened, by=by, note="Two leavers of September are missing.")


def _second_engagement(story: Story, nadia: str, jonas: str) -> None:
    """The SOC 1 of the same client, over the same library."""
    soc1 = story.open(nadia, cast.TALLOWBROOK, "SOC 1 Type 2, 2025–26",
                      Terms("SOC1", "T2", (), None, *PERIOD))  # fmt: skip
    with story.scene(nadia) as by:
        ids = ControlObjective.objects.visible_to(by).values_list("pk", flat=True)
        scope.take_objectives(soc1, list(ids), by=by)
        controls.take_controls(soc1, None, by)
    with story.scene(jonas) as by:
        due = timezone.localdate() + timedelta(days=14)
        for title, kind in (
            ("Pay run approvals for the sampled pay dates", "document"),
            ("Population of rate changes with effective dates", "population"),
        ):
            request_edits.draft(soc1, {"title": title, "kind": kind, "due_on": due,
                                       "covers_all_scope": True}, by=by)  # fmt: skip


def _others(story: Story, nadia: str, imani: cast.Person, stellan: cast.Person) -> None:
    """A readiness engagement of another client, and the second firm's own client."""
    story.add_client(nadia, cast.BRIGHTWATER, imani)
    readiness = story.open(
        nadia, cast.BRIGHTWATER, "Readiness for a first SOC 2",
        Terms("SOC2", "T1", ("security",), date(2027, 3, 31)), kind=EngagementKind.READINESS,
    )  # fmt: skip
    story.first_administrator(readiness, imani, nadia)
    victor = cast.SECOND_FIRM[1].email
    story.add_client(victor, cast.NORTHPIER, stellan)
    other = story.open(victor, cast.NORTHPIER, "SOC 2 Type 2, 2026",
                       Terms("SOC2", "T2", ("security",), None, date(2026, 1, 1),
                             date(2026, 12, 31)))  # fmt: skip
    story.first_administrator(other, stellan, victor)
