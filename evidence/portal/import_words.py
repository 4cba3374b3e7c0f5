"""A list's rows and columns in the words of the import pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from evidence.choices import ImportStatus, RowPlan
from evidence.models import ImportRow, RequestImport
from evidence.rules.request_list_words import FIELD_LABELS, ListField
from tenants.portal.steps import steps_at
from tenants.portal.trail_words import ICONS, PHRASES
from tenants.templatetags.kit import american

USABLE = (RowPlan.CREATE, RowPlan.UPDATE)
SHOWN_LABELS = {
    "all": "All rows",
    "create": "New",
    "update": "Changed",
    "doubts": "With a doubt",
    "skip": "Unchanged",
    "duplicate": "Duplicates",
    "error": "Errors",
    "left_out": "Left out",
}
"""Name of a choice of rows → its words."""
ALWAYS_SHOWN = ("all", "create", "update", "duplicate", "error")
STEPS = ("Hand in", "Read", "Columns", "Check rows", "Imported")
RECOGNIZED = {
    "by_name": "Known by its name",
    "by_pattern": "Guessed from its words",
    "chosen": "As chosen",
    "not_imported": "Not imported",
    "unknown": "Not known",
}

PHRASES.update(
    {
        "requestimport.list_handed_in": "handed in a request list",
        "requestimport.list_imported": "imported a request list",
        "requestimport.list_discarded": "put a request list aside",
    }
)
ICONS.update(
    {
        "requestimport.list_handed_in": "file-import",
        "requestimport.list_imported": "file-import",
        "requestimport.list_discarded": "archive",
    }
)


def steps(current: int, urls: Mapping[int, str] | None = None) -> list[dict[str, str]]:
    """The steps of the wizard; current counts from 0, urls are those one may go back to."""
    return steps_at(current, STEPS, urls)


def line(row: ImportRow) -> dict[str, Any]:
    """One row of the preview."""
    said = row.fields
    people = [*said["owner_emails"], *said["contributors"]]
    people = list(dict.fromkeys(people))
    return {
        "number": row.sheet_row,
        "plan": row.plan,
        "label": "Imported" if row.imported else row.get_plan_display(),
        "usable": row.plan in USABLE,
        "ticked": not row.left_out,
        "imported": row.imported,
        "ref": row.ref,
        "title": said["title"],
        "description": said["description"],
        "owner": people[0] if people else "",
        "more_people": people[1:],
        "due_on": date.fromisoformat(said["due_on"]) if said["due_on"] else None,
        "controls": said["controls"],
        "criteria": ["All in scope"] if said["whole_scope"] else said["criteria"],
        "problems": [said for said in row.messages if said["code"] != "unknown_email"],
        "absent": set(people) & set(said["invitations"]),
        "changes": [
            {"label": FIELD_LABELS[ListField(name)], "old": words(old), "new": words(new)}
            for name, (old, new) in row.changes.items()
        ],
    }


def words(value: Any) -> str:
    """A value before or after a change, for people."""
    if isinstance(value, list):
        return ", ".join(value) or "nothing"
    if value in (None, ""):
        return "nothing"
    try:
        return american(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def views(tallies: Mapping[str, int], shown: str) -> list[dict[str, Any]]:
    """The strip above the rows: counts by what would happen; choices of nothing are left out."""
    return [
        {
            "label": label,
            "count": tallies[name],
            "url": f"?show={name}",
            "active": name == shown,
        }
        for name, label in SHOWN_LABELS.items()
        if tallies[name] or name in ALWAYS_SHOWN or name == shown
    ]


def columns(
    request_import: RequestImport, posted: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """The columns to check: those with a heading or a value. posted: choices not yet accepted."""
    found = []
    for column in request_import.columns:
        if not (column["heading"] or column["examples"]):
            continue
        name = f"column-{column['index']}"
        chosen = column["field"] if posted is None else posted.get(name, "")
        unknown = column["recognized"] == "unknown"
        found.append(
            {
                **column,
                "name": name,
                "unknown": unknown,
                "how": RECOGNIZED[column["recognized"]],
                "options": [
                    {"value": str(field), "label": label, "chosen": str(field) == chosen}
                    for field, label in FIELD_LABELS.items()
                ],
            }
        )
    return found


def result(request_import: RequestImport) -> str:
    """What became of a list, in a few words for the list of lists."""
    counts = request_import.counts
    if request_import.status == ImportStatus.REFUSED:
        return str(request_import.problem.get("message", ""))
    if request_import.status == ImportStatus.READING or not counts:
        return ""
    parts = [
        (counts["create"], "new"), (counts["update"], "changed"), (counts["skip"], "unchanged"),
        (counts["duplicate"], "duplicate"), (counts["error"], "in error"),
    ]  # fmt: skip
    return " · ".join(f"{number:,} {word}" for number, word in parts if number) or "no rows"
