"""The main job by HTTP alone: from the firm's own spreadsheet to a package anyone can verify."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grc.sample import papers
from tests.stories.company import OWNERS, SAMPLE, Company, engaged
from tests.stories.people import Program
from tests.stories.stack import Stack, wait_for

pytestmark = pytest.mark.xdist_group("stack")
COVERAGE = {"covers_from": "2025-10-01", "covers_to": "2026-09-30"}
KINDS = (
    ("report.pdf", lambda ref: papers.pdf(f"Evidence for {ref}", "One page.")),
    ("export.xlsx", lambda ref: papers.sheet(["Ref", "Number"], [[ref, 1]])),
    ("screen.png", lambda ref: papers.picture(64, 48)),
    ("list.csv", lambda ref: papers.table(["Ref"], [[ref]])),
    ("paper.docx", lambda ref: papers.document(f"Paper for {ref}")),
    ("mail.eml", lambda ref: papers.letter("a@x.example", "b@x.example", ref, "See attached.")),
    ("settings.json", lambda ref: papers.data({"ref": ref})),
    ("bundle.zip", lambda ref: papers.bundle({f"{ref}.txt": ref.encode()})),
)


def imported(company: Company) -> list[Any]:
    """The senior imports the firm's own list and sends every draft that has an owner here."""
    jonas, here = company.programs["jonas"], company.engagement["id"]
    content = (SAMPLE / "sample-pbc-list.xlsx").read_bytes()
    handed_in = jonas.send_file("request-imports/", {"engagement": here}, "PBC list.xlsx", content)
    path = f"request-imports/{handed_in['id']}/"

    def read() -> Any:
        found = jonas.ok("GET", path)
        return found if found["status"] != "reading" else None

    ready = wait_for(read, "preview of the list")
    assert ready["status"] == "ready", ready
    jonas.ok("POST", f"{path}import/", {})
    drafts = jonas.all(f"evidence-requests/?engagement={here}&status=draft")
    assert len(drafts) == ready["counts"]["create"]
    ids = [row["id"] for row in drafts if row["owner"]]
    jonas.ok("POST", "evidence-requests/bulk/", {"move": "send", "ids": ids})
    return jonas.all(f"evidence-requests/?engagement={here}&status=open")


def address_of(row: Any) -> str:
    """The e-mail address of a request's owner."""
    return f"{row['owner']['name'].lower().replace(' ', '.')}@tallowbrook.example"


def answered(company: Company, rows: list[Any]) -> dict[str, bytes]:
    """Each owner uploads a file of some kind and submits; returns bytes by request reference."""
    sent = {}
    for number, row in enumerate(rows):
        program = company.programs[address_of(row).split("@")[0]]
        name, make = KINDS[number % len(KINDS)]
        content = make(row["ref"])
        path = f"evidence-requests/{row['id']}/"
        program.send_file(f"{path}files/", COVERAGE, name, content)
        if row["kind"] == "population":
            facts = {"source_query": "All of the period", "run_on": "2026-10-02", "row_count": 7}
            program.ok("POST", f"{path}answer/", {**facts, "text": "From the system itself."})
        program.ok("POST", f"{path}submit/", {})
        sent[row["ref"]] = content
    return sent


def reviewed(company: Company, rows: list[Any]) -> None:
    """The senior returns the first with a reason, and accepts the rest."""
    jonas = company.programs["jonas"]
    ids = [row["id"] for row in rows]
    jonas.ok("POST", "evidence-requests/bulk/", {"move": "begin_review", "ids": ids})
    back = f"evidence-requests/{ids[0]}/"
    jonas.ok("POST", f"{back}give_back/", {"reason": "incomplete", "note": "Page two is missing."})
    jonas.ok("POST", "evidence-requests/bulk/", {"move": "accept", "ids": ids[1:]})


def assembled(program: Program, engagement: str, folder: Path) -> Path:
    """The manager asks for a package and downloads it when it is ready."""
    package = program.ok("POST", "packages/", {"engagement": engagement})

    def built() -> Any:
        found = program.ok("GET", f"packages/{package['id']}/")
        assert found["status"] != "failed", found
        return found if found["status"] == "ready" else None

    ready = wait_for(built, "package")
    status, content, headers = program.raw("GET", f"packages/{package['id']}/download/")
    assert status == 200
    assert "attachment" in headers["Content-Disposition"]
    assert hashlib.sha256(content).hexdigest() == ready["sha256"]
    path = folder / "package.zip"
    path.write_bytes(content)
    return path


def verified(path: Path) -> Path:
    """Unpack and check offline, by the two commands anyone can run."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(path.parent)
        top = path.parent / archive.namelist()[0].split("/")[0]
    for command in (["sha256sum", "-c", "--quiet", "SHA256SUMS"], [sys.executable, "verify.py"]):
        done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return top


def test_a_firm_and_its_client_run_an_engagement_to_a_verified_package(
    stack: Stack, tmp_path: Path
) -> None:
    company = engaged(stack)
    rows = imported(company)
    assert len(rows) > 60

    owners = {address_of(row) for row in rows}
    for address in owners:
        wait_for(lambda to=address: stack.mailbox.to(to, "wait"), f"the digest of {address}")
    sent = answered(company, rows)
    reviewed(company, rows)

    top = verified(assembled(company.programs["nadia"], company.engagement["id"], tmp_path))
    for ref, content in sent.items():
        stored = [path.read_bytes() for path in (top / "30-evidence" / ref).iterdir()]
        assert content in stored, ref

    victim = next(path for path in sorted((top / "30-evidence").rglob("*")) if path.is_file())
    spoiled = bytearray(victim.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    victim.write_bytes(spoiled)
    for command in (["sha256sum", "-c", "--quiet", "SHA256SUMS"], [sys.executable, "verify.py"]):
        done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
        assert done.returncode != 0, command

    assert {who: len(stack.mailbox.to(who, "wait")) for who in owners} == dict.fromkeys(owners, 1)
    assert len(owners) == len(OWNERS) + 1
