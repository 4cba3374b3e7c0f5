"""What the page at the front of a package shows, in the order of its reference letters."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from evidence.choices import RequestStatus
from evidence.rules.package_documents import Contents, Values, folder_in, records_of
from tenants.choices import Role

PARTS = (
    ("00-index", "This page, and the engagement with its people and counts."),
    ("10-workpapers", "The firm's notes on requests, and who looked after each."),
    ("20-requests", "Every evidence request, its talk, its submissions and its history."),
    ("30-evidence", "The files handed over, byte for byte, one folder for each request."),
    ("40-testing-matrix", "Criteria by controls by requests, the controls as taken, the scope."),
    (
        "60-audit-trail",
        "Who did what and when: one entry a line, and the signed checkpoint it leads to.",
    ),
)


def index_of(contents: Contents) -> Values:
    """Context of the index page; `give_paths` has been called."""
    engagement = contents.engagement
    records = records_of(contents)
    return {
        "engagement": engagement,
        "folder": folder_in(engagement),
        "subject": _subject(engagement),
        "people": [{**each, "role": Role(each["role"]).label} for each in engagement["people"]],
        "parts": PARTS,
        "records": [
            (name.replace("_", " ").capitalize(), count) for name, count in records.items()
        ],
        "scope": [_scope_line(item, contents.controls) for item in contents.scope],
        "requests": [_request_line(request) for request in contents.requests],
    }


def _subject(engagement: Values) -> str:
    """Such as “SOC 2 Type 2, 2025-10-01 to 2026-09-30”."""
    if engagement["as_of"]:
        return f"{engagement['report']}, as of {engagement['as_of']}"
    return f"{engagement['report']}, {engagement['period_start']} to {engagement['period_end']}"


def _scope_line(item: Values, controls: list[Values]) -> Values:
    answering = [
        control["ref"]
        for control in controls
        if any(each["identifier"] == item["identifier"] for each in control["answers_to"])
    ]
    return {**item, "controls": answering}


def _request_line(request: Values) -> Values:
    return {
        **request,
        "status": RequestStatus(request["status"]).label,
        "files": [_file_line(file) for file in request["files"]],
    }


def _file_line(file: Values) -> dict[str, Any]:
    """One file: a link to it, or what is kept of one that was withdrawn (EV-05)."""
    href = f"../{quote(file['path'])}" if file["path"] else ""
    return {**file, "href": href}
