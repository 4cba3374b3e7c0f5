"""The documents a package is given besides the evidence: lists, matrix, notes and trail.

Values in, bytes out: the same contents make the same bytes. Cells of CSV and XLSX never run
(UPL-16). Parts as in soc.md, section 21; those of other subjects come with those subjects.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.package_verifier import TRAIL
from evidence.rules.file_names import FOLDER_BYTES, PackagePaths, package_path
from evidence.rules.request_list_cells import disarmed, without_controls
from evidence.rules.request_list_export import write_csv, write_xlsx
from evidence.rules.request_list_plan import RequestFacts

Values = dict[str, Any]

ABOUT = "00-index/engagement.json"
INDEX = "00-index/index.html"
CHECKPOINT = "60-audit-trail/checkpoint.txt"
EVIDENCE = "30-evidence"
HISTORY = ("Ref", "When (UTC)", "Who", "What", "From", "To", "Text")
COVERAGE = (
    "Criterion", "Title", "In scope", "Why left out", "Control", "Control title", "Rationale",
    "Requests", "Accepted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contents:
    """What one package is made of; requests in the order they were written, trail oldest first.

    `trail_copy` is the trail as it can be checked, up to the checkpoint `root` of `places`
    belongs to; `trail` holds the same entries to read.
    """

    engagement: Values
    requests: list[Values]
    listed: list[RequestFacts]
    firm_papers: list[Values]
    scope: list[Values]
    controls: list[Values]
    trail: list[Values]
    trail_copy: bytes
    checkpoint: str
    places: int
    root: str


def give_paths(contents: Contents) -> None:
    """Give each file of each request its `path`; an erased one has none, only its line (EV-05).

    A file that answers several requests lies with each of them, as the trade files it.
    """
    paths = PackagePaths()
    for request in contents.requests:
        for file in request["files"]:
            name = f"{file['number']}-{file['sha256'][:8]}-{file['name']}"
            erased = file["erased_at"] is not None
            file["path"] = None if erased else paths.take(EVIDENCE, request["ref"], name)


def folder_of(client: str, report: str, number: int) -> str:
    """The one folder of a package, which also names its file: at most 60 bytes."""
    ending = f" {report} package {number}"
    room = FOLDER_BYTES - len(ending.encode())
    client = client.encode()[:room].decode(errors="ignore").rstrip(". ")
    return package_path(f"{client}{ending}", "file").partition("/")[0]


def folder_in(engagement: Values) -> str:
    """`folder_of` the package that `engagement` tells of."""
    number: int = engagement["package"]["number"]
    return folder_of(engagement["client"]["name"], engagement["report"], number)


def records_of(contents: Contents) -> dict[str, int]:
    """How many records of each kind the package tells of; equal to the database's (PK-02)."""
    files = [file for request in contents.requests for file in request["files"]]
    versions = {file["id"]: file for file in files}
    return {
        "evidence_requests": len(contents.requests),
        "messages": sum(len(request["messages"]) for request in contents.requests),
        "submissions": sum(len(request["submissions"]) for request in contents.requests),
        "evidence_links": len(files),
        "file_versions": len(versions),
        "withdrawn_files": sum(file["erased_at"] is not None for file in versions.values()),
        "firm_notes": sum(len(paper["notes"]) for paper in contents.firm_papers),
        "scope_items": len(contents.scope),
        "controls": len(contents.controls),
        "control_mappings": sum(len(control["answers_to"]) for control in contents.controls),
        "trail_entries": len(contents.trail),
    }


def documents(contents: Contents, tool_version: str) -> dict[str, bytes]:
    """Path → bytes of every document but the index; `give_paths` has been called.

    `00-index/engagement.json` holds what the manifest will say, so that it is frozen too.
    """
    engagement = contents.engagement
    title = f"{engagement['client']['name']}: {engagement['title']}"
    about = {
        "folder": folder_in(engagement),
        "tool_version": tool_version,
        "engagement": engagement,
        "records": records_of(contents),
        "trail": {
            "entries": len(contents.trail),
            "places": contents.places,
            "root": contents.root,
        },
    }
    return {
        ABOUT: as_json(about),
        "10-workpapers/firm-notes.json": as_json(contents.firm_papers),
        "20-requests/requests.csv": write_csv(contents.listed),
        "20-requests/requests.xlsx": write_xlsx(contents.listed, title=title),
        "20-requests/requests.json": as_json(
            [{**request, "history": events} for request, events in _with_history(contents)]
        ),
        "20-requests/history.csv": _table(HISTORY, _history_rows(contents)),
        "40-testing-matrix/coverage.csv": _table(COVERAGE, _coverage_rows(contents)),
        "40-testing-matrix/controls.json": as_json(contents.controls),
        "40-testing-matrix/scope.json": as_json(contents.scope),
        TRAIL: contents.trail_copy,
        CHECKPOINT: contents.checkpoint.encode(),
    }


def as_json(value: Any) -> bytes:
    """JSON for people and programs: indented, in UTF-8, in the order given."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _with_history(contents: Contents) -> Iterator[tuple[Values, list[Values]]]:
    """Each request with its entries of the trail."""
    events: dict[str, list[Values]] = defaultdict(list)
    names = ("at", "zone", "person_name", "verb", "before", "after", "note", "detail")
    for entry in contents.trail:
        if entry["subject_type"] == "evidencerequest":
            events[entry["subject_id"]].append({name: entry[name] for name in names})
    for request in contents.requests:
        yield request, events[request["id"]]


def _history_rows(contents: Contents) -> Iterator[Sequence[str]]:
    """One line for each act on a request, and for each message in full, oldest first."""
    for request, events in _with_history(contents):
        acts = [
            (each["at"], each["person_name"], each["verb"].replace("_", " "), each["before"],
             each["after"], each["note"])
            for each in events
            if each["verb"] != "commented"
        ]  # fmt: skip
        said = [
            (each["at"], each["by"]["name"], "wrote", "", "", each["text"])
            for each in request["messages"]
        ]
        for line in sorted([*acts, *said], key=lambda each: each[0]):
            yield request["ref"], *line


def _coverage_rows(contents: Contents) -> Iterator[Sequence[str]]:
    """One line for each criterion and control that answers to it; a hole has no control."""
    answering: dict[str, list[tuple[Values, str]]] = defaultdict(list)
    for control in contents.controls:
        for mapping in control["answers_to"]:
            answering[mapping["identifier"]].append((control, mapping["rationale"]))
    for item in contents.scope:
        left_out = ("yes", "") if item["relevant"] else ("no", item["reason"])
        known = (item["identifier"], item["title"], *left_out)
        direct = [each for each in contents.requests if item["identifier"] in each["criteria"]]
        for control, why in answering[item["identifier"]]:
            asked = [each for each in contents.requests if control["ref"] in each["controls"]]
            yield *known, control["ref"], control["title"], why, *_refs(asked)
        if direct or not answering[item["identifier"]]:
            yield *known, "", "", "", *_refs(direct)


def _refs(requests: list[Values]) -> tuple[str, str]:
    """References of the requests, and how many of them are accepted."""
    accepted = sum(each["status"] == "accepted" for each in requests)
    return "; ".join(each["ref"] for each in requests), str(accepted)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV as `request_list_export` writes it: UTF-8 with its mark, no cell that runs."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([disarmed(without_controls(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")
