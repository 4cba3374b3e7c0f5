"""Which tests should notice that a guard is gone: those of its subject first, then wider ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.mutate.guards import ROOT, Guard

MATRIX = "tests/test_access_matrix.py"
SWEEP = "tests/test_access.py"
RULES = ["tests/tenants/test_rules_in_force.py", "tests/tenants/test_walls.py"]
SUBJECTS = {
    "evidence_requests": ["evidence_request"], "request_edits": ["evidence_request"],
    "request_bulk": ["evidence_request"], "request_forms": ["evidence_request"],
    "request_list": ["evidence_request"], "request_page": ["evidence_request", "file"],
    "request_guards": ["evidence_request"], "request_exports": ["evidence_request"],
    "due_dates": ["evidence_request"], "answering": ["evidence_request", "file"],
    "absent_people": ["evidence_request"], "request_talk": ["message", "firm_note"],
    "answers": ["message", "firm_note"], "files": ["file"], "file_checks": ["file"],
    "uploads": ["file"], "evidence_links": ["file"], "downloads": ["file"],
    "packages": ["package"], "package_listing": ["package"], "package_building": ["package"],
    "imports": ["request_import"], "import_rows": ["request_import"],
    "import_scene": ["request_import"], "import_columns": ["request_import"],
    "import_reading": ["request_import"], "import_updates": ["request_import"],
    "controls": ["engagement_control", "control"], "scope": ["scope_item"],
    "library": ["control"], "library_controls": ["control"], "library_import": ["control"],
    "library_objectives": ["objective", "system"], "objectives": ["objective"],
    "coverage": ["scope_item"], "engagements": ["engagement"], "engagement_terms": ["engagement"],
    "independence": ["independence"],
    "assignments": ["assignment", "opening"], "memberships": ["member"], "people": ["member"],
    "invitations": ["invitation", "assignment"], "organizations": ["organization", "client"],
    "clients": ["client"], "tokens": ["own"], "inbox": ["own"], "notices": ["own"],
    "profile": ["own"], "access": ["own"], "history": ["trail"], "trail": ["trail"],
    "directory": ["member", "invitation", "organization", "client"], "home": ["engagement"],
}  # fmt: skip
"""Subject of a module → records of the matrix it is about."""
COLLECTED = [[MATRIX], ["tests/tenants", "tests/audits", "tests/evidence"], [SWEEP]]
KERNEL = ["tests/tenants/test_kernel.py", "tests/tenants/api/test_visibility.py"]
"""What each stage collects, once for all guards."""
WIDE = ["evidence_request.submit", "evidence_request.view", "engagement.hold", "member.end",
        "package.download", "control.edit", "file.view"]  # fmt: skip
"""Lines for modules that every subject leans on."""


def stages(guard: Guard) -> list[list[str]]:
    """What is run for a guard of the code, one stage after the other until one is red."""
    if guard.text.startswith("@"):
        return [[], [], [f"{SWEEP}::test_nobody_who_is_not_signed_in_gets_further_than_the_door"]]
    path = Path(guard.path)
    named = [str(each.relative_to(ROOT)) for each in tests_of(path.parts[0], path.stem)]
    return [lines_of(path.stem, guard.function), [*named, *KERNEL], [SWEEP]]


@cache
def tests_of(app: str, subject: str) -> tuple[Path, ...]:
    """Files of tests named for a subject, the quick layers first."""
    layers = ("rules", "actions", "queries", "api", "portal")
    names = {f"test_{subject}.py", f"test_{subject}s.py", f"test_{subject.removesuffix('s')}.py"}
    found = [path for path in (ROOT / "tests" / app).rglob("test_*.py") if path.name in names]
    if not found and (ROOT / "tests" / app / f"test_{subject}.py").exists():
        found = [ROOT / "tests" / app / f"test_{subject}.py"]

    def place(path: Path) -> tuple[int, str]:
        layer = path.parent.name
        return (layers.index(layer) if layer in layers else 9, path.name)

    return tuple(sorted(found, key=place))


def lines_of(subject: str, function: str = "") -> list[str]:
    """The matrix's tests of the records a subject is about, those named like the function first.

    A few of all records for a subject that is about none.
    """
    from tenants.access_matrix import MATRIX as RECORDS

    words = set(function.split("_"))
    by_key = {row.key: row.lines for row in RECORDS}
    found = [line for key in SUBJECTS.get(subject, []) for line in by_key.get(key, [])]
    found.sort(key=lambda line: (-len(words & set(line.verb.split(" "))), not line.asks))
    test = "test_everybody_gets_what_the_matrix_says_acc_1"
    return [f"{MATRIX}::{test}[{key}]" for key in [line.key for line in found] or WIDE]
