"""A firm and its client, brought together by HTTP: invitations, an engagement, its controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stories.people import PASSWORD, Program, Visitor, joins, program_of, signs_in
from tests.stories.stack import Stack

SAMPLE = Path(__file__).resolve().parents[2] / "grc" / "sample"
OWNERS = ("marcus.oyelaran", "priya.nair", "lena.hoffmann", "tomas.reyes", "grace.adeyemi",
          "sam.ito", "helen.park", "owen.gallagher")  # fmt: skip
TERMS = {
    "title": "SOC 2 Type 2, 2025–26", "report_type": "SOC2", "exam_type": "T2",
    "categories": ["security", "availability", "confidentiality"],
    "period_start": "2025-10-01", "period_end": "2026-09-30",
}  # fmt: skip


@dataclass
class Company:
    """Everybody of one engagement: programs and browsers by the part of their address."""

    stack: Stack
    engagement: dict[str, Any] = field(default_factory=dict)
    client: dict[str, Any] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    browsers: dict[str, Visitor] = field(default_factory=dict)

    def join(self, who: str, domain: str, name: str) -> None:
        """Somebody opens their invitation and makes a token for their program."""
        address = f"{who}@{domain}"
        self.browsers[who] = joins(self.stack, address, name)
        self.programs[who] = program_of(self.browsers[who])


def founded(stack: Stack, *, firm: str, domain: str) -> Company:
    """A firm with manager, senior and staff, who came by invitation."""
    company = Company(stack)
    stack.manage(
        "found_firm", firm, f"admin@{domain}", "Amara Okafor", "--password-stdin",
        text=PASSWORD + "\n",
    )  # fmt: skip
    company.browsers["admin"] = signs_in(stack, f"admin@{domain}")
    company.programs["admin"] = program_of(company.browsers["admin"])
    for who, role, name in (
        ("nadia", "manager", "Nadia Rahman"),
        ("jonas", "senior", "Jonas Weber"),
        ("mei", "staff", "Mei Tanaka"),
    ):
        invitation = {"email": f"{who}@{domain}", "name": name, "role": role}
        company.programs["admin"].ok("POST", "invitations/", invitation)
        company.join(who, domain, name)
    return company


def engaged(stack: Stack, *, firm: str = "Harbour & Finch LLP", domain: str = "hf.example",
            client_domain: str = "tallowbrook.example") -> Company:  # fmt: skip
    """The manager takes a client on and opens a SOC 2 Type 2; the client's people join it.

    The client imports its control set, the senior takes the controls into the engagement.
    """
    company = founded(stack, firm=firm, domain=domain)
    manager = company.programs["nadia"]
    company.client = manager.ok(
        "POST", "clients/", {"name": "Tallowbrook Payroll", "time_zone": "America/New_York"}
    )
    opening = {
        **TERMS,
        "client": company.client["id"],
        "client_admin_email": f"dana.whitlock@{client_domain}",
        "client_admin_name": "Dana Whitlock",
        "independent": True,
    }
    company.engagement = manager.ok("POST", "engagements/", opening)
    company.join("dana.whitlock", client_domain, "Dana Whitlock")
    here = company.engagement["id"]
    people = {row["person"]["email"]: row["person"]["id"] for row in manager.all("people/")}
    for who in ("jonas", "mei"):
        role = {"jonas": "senior", "mei": "staff"}[who]
        body = {"engagement": here, "person": people[f"{who}@{domain}"], "role": role}
        manager.ok("POST", "assignments/", body)
        said = {"engagement": here, "word": "confirmed"}
        company.programs[who].ok("POST", "independence/", said)
    dana = company.programs["dana.whitlock"]
    for who in OWNERS:
        name = who.replace(".", " ").title()
        body = {"email": f"{who}@{client_domain}", "name": name, "role": "control_owner",
                "engagement": here}  # fmt: skip
        dana.ok("POST", "invitations/", body)
        company.join(who, client_domain, name)
    control_set = (SAMPLE / "sample-control-set.csv").read_bytes()
    status, raw, _ = dana.raw("POST", "controls/import/", control_set, Content_Type="text/csv")
    assert status in (200, 201), raw
    company.programs["jonas"].ok("POST", "engagement-controls/take/", {"engagement": here})
    return company
