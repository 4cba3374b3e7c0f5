"""Every guard there is: in the code by its syntax, in the database by the models' constraints."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
APPS = ("tenants", "audits", "evidence")
KINDS = ("permissions", "visibility", "lifecycle", "walls", "constraints", "middleware")
LEFT_ASIDE = ("migrations", "management", "templatetags", "access_lines", "access_matrix.py")
"""Parts of an app that guard nothing themselves."""
REFUSALS = {
    "PermissionDenied": "permissions", "NotVisible": "visibility", "MoveRefused": "lifecycle",
    "Refused": "lifecycle", "StaleVersion": "lifecycle",
}  # fmt: skip
"""What an `if` raises → which kind of guard it is."""


@dataclass(frozen=True)
class Watch:
    """What is looked at to see that a guard refuses: a method of `watching.Passing`, and where."""

    method: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Guard:
    """One guard: where it stands, how it reads, and what is done without it.

    `path` is the file, or the table of a guard of the database. A guard of the code has
    `replacement` for its `span` (character offsets), one of the database has `sql`.
    """

    kind: str
    path: str
    line: int
    text: str
    span: tuple[int, int] = (0, 0)
    replacement: str = ""
    sql: str = ""
    function: str = ""
    """The function it stands in; empty outside any."""
    watch: Watch | None = None
    """How a test is seen to come by it; none where it is a line of the settings or a table."""

    @property
    def name(self) -> str:
        """Where and what, in one line."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place} {self.text}"

    @property
    def key(self) -> str:
        """What it is called in a recording, which is of one state of the code."""
        return f"{self.path}:{self.span[0]}-{self.span[1]}"

    @property
    def lasting(self) -> str:
        """What it is called whatever is written above it; shared by those that read alike."""
        return " ".join(filter(None, (self.path, self.function, self.text)))


def all_guards() -> list[Guard]:
    """Every guard, in a fixed order; Django must be set up."""
    found = [guard for path in sources() for guard in of_source(path)]
    return sorted({*found, *of_database()}, key=lambda guard: (guard.kind, guard.name))


def sources() -> Iterator[Path]:
    """The modules whose guards count."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not set(LEFT_ASIDE) & set(path.relative_to(ROOT).parts):
                yield path
    yield ROOT / "grc/settings.py"


def of_source(path: Path, text: str = "") -> list[Guard]:
    """The guards of one module."""
    text = text or path.read_text(encoding="utf-8")
    place = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
    source = Source(place, text)
    found: list[Guard] = []
    for node in ast.walk(ast.parse(text)):
        for finder in FINDERS:
            found += finder(node, source)
    return found


class Source:
    """A module's text, and where its nodes stand in it."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.starts = [0]
        for line in text.encode().splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.raw = text.encode()

    def span(self, node: Any) -> tuple[int, int]:
        """Where a node stands, in bytes."""
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def without(
        self, kind: str, node: Any, replacement: str, text: str = "", *, watch: str = "through",
        at: Any = None,
    ) -> Guard:  # fmt: skip
        """A guard that is `node`, what stands there without it, and how it is watched (`at`)."""
        start, end = self.span(node)
        said = text or " ".join(self.raw[start:end].decode().split())
        around = function_around(self.raw, (start, end))
        return Guard(
            kind, self.path, node.lineno, said[:110], (start, end), replacement,
            function=around[-1] if around else "",
            watch=Watch(watch, self.span(at or node)) if watch else None,
        )  # fmt: skip


def function_around(raw: bytes, span: tuple[int, int]) -> tuple[str, ...]:
    """Names that lead to the outermost function whose body holds the span; none outside any."""
    line = raw[: span[0]].count(b"\n") + 1
    names: list[str] = []
    nodes = _parsed(raw).body
    while True:
        inside = [
            node
            for node in nodes
            if isinstance(node, ast.ClassDef | ast.FunctionDef)
            and node.body[0].lineno <= line <= (node.end_lineno or 0)
        ]
        if not inside:
            return ()
        node = inside[0]
        names.append(node.name)
        if isinstance(node, ast.FunctionDef):
            return tuple(names)
        nodes = node.body


@cache
def _parsed(raw: bytes) -> ast.Module:
    return ast.parse(raw)


Finder = Callable[[ast.AST, Source], list[Guard]]


def _name(node: Any) -> str:
    """The last part of what is called or raised."""
    if isinstance(node, ast.Call):
        return _name(node.func)
    return str(getattr(node, "attr", getattr(node, "id", "")))


def _asked(node: ast.AST, source: Source) -> list[Guard]:
    """A statement that only asks: `require(…)`, `require_waiting(…)`, `refuse_closed(…)`."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return []
    name = _name(node.value)
    if name.startswith("require"):
        return [source.without("permissions", node, "pass")]
    if name.startswith(("refuse", "_refuse")):
        kind = "permissions" if "role" in name or "administrator" in name else "lifecycle"
        return [source.without(kind, node, "pass")]
    return []


def _raised(node: ast.AST, source: Source) -> list[Guard]:
    """An `if` that does nothing but refuse: its condition becomes false."""
    if not (isinstance(node, ast.If) and len(node.body) == 1 and not node.orelse):
        return []
    raised = node.body[0]
    if not isinstance(raised, ast.Raise) or raised.exc is None:
        return []
    name = _name(raised.exc)
    kind = REFUSALS.get(name, "")
    if name == "Invalid" and "role" in ast.dump(raised):
        kind = "permissions"
    return (
        [source.without(kind, node.test, "False", f"if … raise {name}", watch="met")]
        if kind
        else []
    )


def _reached(node: ast.AST, source: Source) -> list[Guard]:
    """How rows are reached: the narrowing call goes, what it is called on stays."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return []
    rows = source.raw[slice(*source.span(node.func.value))].decode()
    if node.func.attr in ("visible_to", "granting") and node.args:
        return [source.without("visibility", node, f"{rows}.all()")]
    if node.func.attr == "find" and len(node.args) == 2 and "user" in ast.dump(node.args[0]):
        key = source.raw[slice(*source.span(node.args[1]))].decode()
        return [source.without("visibility", node, f"{rows}.get(pk={key})")]
    return []


def _narrowing(node: ast.AST, source: Source) -> list[Guard]:
    """The filter inside `visible_to` or `granting` itself."""
    if not isinstance(node, ast.FunctionDef) or node.name not in ("visible_to", "granting"):
        return []
    return [
        source.without("visibility", each.value, "self.all()")
        for each in ast.walk(node)
        if isinstance(each, ast.Return) and each.value is not None
    ]


def _moved(node: ast.AST, source: Source) -> list[Guard]:
    """A move's permission, the people it is for, each of its guards."""
    if not (isinstance(node, ast.Call) and _name(node) == "Move"):
        return []
    found = []
    if len(node.args) > 3:
        found.append(
            source.without("lifecycle", node.args[3], "P.VIEW_ENGAGEMENT", watch="move", at=node)
        )
    for keyword in node.keywords:
        if keyword.arg == "who":
            found.append(source.without("lifecycle", keyword.value, "None", _of(node, "who"),
                                        watch="who"))  # fmt: skip
        if keyword.arg == "guards" and isinstance(keyword.value, ast.List):
            found += [
                source.without(
                    "lifecycle", each, "(lambda row: '')", _of(node, _name(each)), watch="reason"
                )
                for each in keyword.value.elts
            ]
    return found


def _of(move: ast.Call, what: str) -> str:
    first = move.args[0]
    return f"Move {getattr(first, 'value', '…')}: {what}"


def _decorated(node: ast.AST, source: Source) -> list[Guard]:
    """A decorator that closes a view: the method it takes, the person it asks for."""
    if not isinstance(node, ast.FunctionDef):
        return []
    return [
        source.without(
            "permissions", each, "(lambda view: view)", f"@{_name(each)} {node.name}", watch="door"
        )
        for each in node.decorator_list
        if _name(each) in ("signed_in", "login_required")
    ]


def _asked_for(node: ast.AST, source: Source) -> list[Guard]:
    """Answers of `has_perm`, `carries` and the like: the guards everything else leans on."""
    if not isinstance(node, ast.FunctionDef) or node.name not in (
        "has_perm", "_in_organization", "within_scopes", "may_grant", "has_permission", "is_for",
        "fits", "may_submit", "may_accept", "answers",
    ):  # fmt: skip
        return []
    return [
        source.without("permissions", each.value, "True", f"{node.name}: {ast.unparse(each)[:80]}",
                       watch="answer")
        for each in ast.walk(node)
        if isinstance(each, ast.Return) and each.value is not None
        and ast.unparse(each.value) != "True"
    ]  # fmt: skip


def _installed(node: ast.AST, source: Source) -> list[Guard]:
    """Each middleware, and what DRF asks of everybody."""
    if source.path != "grc/settings.py":
        return []
    if isinstance(node, ast.Assign) and _name(node.targets[0]) in (
        "MIDDLEWARE", "AUTH_PASSWORD_VALIDATORS",
    ):  # fmt: skip
        elements = getattr(node.value, "elts", [])
        return [
            source.without(
                "middleware", each, f"*({ast.unparse(each)},)[:0]", ast.unparse(each), watch=""
            )
            for each in elements
        ]
    if isinstance(node, ast.Dict):
        return [
            source.without("middleware", value, "[]", str(getattr(key, "value", "")), watch="")
            for key, value in zip(node.keys, node.values, strict=True)
            if getattr(key, "value", "") in ("DEFAULT_PERMISSION_CLASSES",
                                             "DEFAULT_THROTTLE_CLASSES")
        ]  # fmt: skip
    return []


FINDERS: tuple[Finder, ...] = (
    _asked, _raised, _reached, _narrowing, _moved, _decorated, _asked_for, _installed,
)  # fmt: skip


def of_database() -> list[Guard]:
    """Each wall opened, and each other rule of the database dropped."""
    from django.apps import apps
    from django.db import models

    from tenants.walls import AppendOnly, DatabaseRule, RowWall

    found = []
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model._meta.app_label not in APPS:
            continue
        for rule in model._meta.constraints:
            if isinstance(rule, RowWall):
                found += _of_wall(table, rule)
            elif isinstance(rule, DatabaseRule):
                sql = rule.removal(table)
                kind = "walls" if isinstance(rule, AppendOnly) else "constraints"
                found.append(Guard(kind, table, 0, f"{type(rule).__name__} {rule.name}", sql=sql))
            elif isinstance(rule, models.UniqueConstraint) and (
                rule.condition is not None or rule.expressions
            ):
                found.append(
                    Guard("constraints", table, 0, f"Unique {rule.name}",
                          sql=f'DROP INDEX "{rule.name}"')
                )  # fmt: skip
            else:
                sql = f'ALTER TABLE {table} DROP CONSTRAINT "{rule.name}" CASCADE'
                kind = type(rule).__name__.removesuffix("Constraint")
                found.append(Guard("constraints", table, 0, f"{kind} {rule.name}", sql=sql))
    return found


def _of_wall(table: str, wall: Any) -> Iterator[Guard]:
    policy, every = f"ALTER POLICY {wall.name}", "SELECT, INSERT, UPDATE, DELETE"
    yield Guard("walls", table, 0, "wall: sees everything",
                sql=f"{policy} ON {table} USING (true)")  # fmt: skip
    yield Guard("walls", table, 0, "wall: taken down",
                sql=f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")  # fmt: skip
    yield Guard("walls", table, 0, "wall: not for the owner",
                sql=f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")  # fmt: skip
    if wall.arguments["also_reads"]:
        yield Guard("walls", table, 0, "wall: reads everything",
                    sql=f"{policy}_reads ON {table} USING (true)")  # fmt: skip
    if wall.arguments["rights"].count(",") < 3:
        yield Guard("walls", table, 0, "wall: all rights",
                    sql=f"GRANT {every} ON {table} TO tickmark_app")  # fmt: skip
