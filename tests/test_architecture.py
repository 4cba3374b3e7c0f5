"""Imports point down, rows are reached one way, and the actor is named in few places."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("tenants", "audits", "evidence", "grc")
LAYERS = {
    "models": 1,
    "rules": 2, "workbooks": 2,
    "queries": 3,
    "trail": 4, "outbox": 4, "mail": 4, "notices": 5, "telling": 5, "lifecycle": 5,
    "file_notices": 5,
    "deviation_notices": 5,
    "sessions": 2, "passwords": 2,
    "backends": 3, "middleware": 6, "standing": 6, "refusals": 3, "unwalled": 2, "checks": 1,
    "actions": 6,
    "tasks": 7, "access_lines": 7, "joins": 9,
    "templatetags": 8, "downloads": 8, "host": 8, "api": 8, "portal": 8, "scim": 8,
    "management": 9, "admin": 9, "apps": 9,
}  # fmt: skip
"""Layer of a module by its second name; a module not listed here is a base module, layer 0."""
SURFACES = 8

MODULES = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)


def named(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax, read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def layer_of(module: str) -> int:
    """How high a module stands inside its app."""
    parts = module.split(".")
    return LAYERS.get(parts[1], 0) if len(parts) > 1 else 0


def imported(path: Path, *, at_load: bool = True) -> Iterator[tuple[str, int]]:
    """(module, line) of our own imports; those for type checking alone are left out."""
    tree = parsed(path)
    skipped = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    if at_load:
        skipped |= {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            for inner in ast.walk(node)
        }
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] in APPS and (ROOT / name.split(".")[0]).is_dir():
                yield name, node.lineno


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_apps_import_downwards_only(path: Path) -> None:
    app = named(path).split(".")[0]
    height = APPS.index(app)
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imported(path, at_load=False)
        if APPS.index(name.split(".")[0]) > height
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_layers_import_downwards_only(path: Path) -> None:
    own = named(path)
    height = layer_of(own)
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imported(path)
        if layer_of(name) > height and not own.endswith(".apps") and own.split(".")[0] != "grc"
    ]
    assert not wrong, "\n".join(wrong)


SURFACE_MODULES = [path for path in MODULES if layer_of(named(path)) == SURFACES]


REACHED_BY = {"visible_to", "granting", "find", "none"}
OWN_ROWS = {
    "ApiToken", "IdempotentAnswer", "Invitation", "Membership", "Notice", "Organization",
    "Relationship", "User", "EthicsWall", "SupportAccess", "Introduction", "CatalogObjective",
    "Criterion", "DescriptionCriterion",
}  # fmt: skip
"""Rows of the organization the request acts in, whose wall is that organization; people, found by
their membership or assignment; the published catalog."""


NARROWED_BY = {"VisibleField", "VisibleListField", "Prefetch"}
"""Fields that narrow the rows they are given to those the caller sees; rows fetched along hang on
rows that were narrowed."""


def narrowed(tree: ast.Module) -> set[ast.AST]:
    """Everything below a viewset's `queryset`, a narrowing field, or a function that narrows."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        queryset = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "queryset"
        field = isinstance(node, ast.Call) and getattr(node.func, "id", "") in NARROWED_BY
        function = isinstance(node, ast.FunctionDef) and any(
            isinstance(inner, ast.Attribute) and inner.attr in REACHED_BY
            for inner in ast.walk(node)
        )
        if queryset or field or function:
            found |= set(ast.walk(node))
    return found


@pytest.mark.parametrize("path", SURFACE_MODULES, ids=named)
def test_surfaces_reach_rows_by_visible_to_alone_acc_2(path: Path) -> None:
    """Where a surface names `Model.objects`, visible_to, granting or find narrows it.

    A viewset's `queryset` is narrowed by its base class before anything reads it.
    """
    tree = parsed(path)
    reached = narrowed(tree)
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_base_manager"}
        and node not in reached
        and getattr(node.value, "id", "") not in OWN_ROWS
    ]
    assert not wrong, "\n".join(wrong)


NAMING = {
    "on_behalf_of_the_engagement": (
        "tenants.acting", "tenants.actions.access", "tenants.actions.assignments",
        "tenants.actions.engagements", "tenants.actions.independence",
        "tenants.actions.support",
        "tenants.actions.invitations", "tenants.actions.memberships",
    ),
    "inside": (
        "tenants.acting", "tenants.actions.organizations", "tenants.actions.invitations",
        "tenants.actions.introductions", "tenants.actions.support",
        "tenants.actions.engagements", "tenants.actions.identities", "tenants.trail",
    ),
}  # fmt: skip
"""Who may act as an engagement or inside an organization, after their own check (TEN-8)."""


@pytest.mark.parametrize(("name", "allowed"), NAMING.items(), ids=NAMING)
def test_few_modules_widen_who_acts_ten_8(name: str, allowed: tuple[str, ...]) -> None:
    found = set()
    for path in MODULES:
        tree = parsed(path)
        for node in ast.walk(tree):
            by_module = isinstance(node, ast.Attribute) and node.attr == name
            if by_module and getattr(node.value, "id", "") == "acting":
                found.add(named(path))
            if isinstance(node, ast.ImportFrom) and node.module == "tenants.acting":
                found |= {named(path)} if name in {alias.name for alias in node.names} else set()
    assert found <= set(allowed), sorted(found - set(allowed))


NAMING_WHO = {
    "tenants.acting": "announces",
    "tenants.postgresql.base": "calls it at each BEGIN",
    "tenants.middleware": "names the person of a request",
    "tenants.tasks": "names the engagement or person of a task",
    "tenants.outbox": "the system, for queues alone",
    "tenants.actions.housekeeping": "the system, for queues alone",
    "tenants.actions.organizations": "announces anew what it changed",
    "tenants.actions.invitations": "who shows a secret, to find the one row it opens",
    "tenants.actions.memberships": "a person in the place they are about to leave or change",
    "tenants.queries.persons": "a person of a command line, in their own organization",
    "tenants.trail": "a person in each of their organizations, for an event of their account",
    "tenants.actions.trail_sequencing": "the system, for the trail's tree alone",
    "tenants.actions.trail_checkpoints": "the system, for the trail's tree alone",
    "tenants.queries.trail_books": "the system, for the trail's tree alone",
    "tenants.actions.refused": "a person anew, to write down what was refused them",
    "tenants.actions.accounts": "a person in their own account",
    "tenants.actions.identities": "who signs in, by the name of a provider or as the person found",
    "tenants.actions.provisioning_tokens": "who shows a token of an organization's directory",
    "tenants.actions.sessions": "the system, for sessions that are over",
    "tenants.passwords": "a person in their own account",
    "tenants.whole": "the engagement with its firm, for counts, references and hashes alone",
    "tenants.standing": "the same person anew, at each piece of a long answer (ACC-13)",
    "evidence.host": "the person of a link, on the host of evidence",
    "evidence.actions.files": "the same person anew, after bytes that took an hour (ACC-12)",
    "tenants.actions.introductions": "who shows a letter's secret sees that one row",
}  # fmt: skip
"""Modules that may say who acts, whatever they say, and why (TEN-8)."""
COMMANDS = ("grc.management", "tenants.management", "evidence.management", "grc.sample")
NAMES = {"acting", "announce", "announce_again"}


def calls_of(path):
    """Names of `acting` that a module calls or passes on, with what it calls itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "tenants.acting"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "acting":
            yield node.attr
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in imported:
            yield node.func.id


def test_few_modules_name_who_acts_ten_8():
    found = {named(path) for path in MODULES if NAMES & set(calls_of(path))}
    found = {name for name in found if not name.startswith(COMMANDS)} | {"tenants.acting"}
    assert found == set(NAMING_WHO), found ^ set(NAMING_WHO)


def test_nobody_sets_a_setting_but_the_announcement_ten_8():
    setting = [named(path) for path in MODULES if "set_config(" in path.read_text(encoding="utf-8")]
    assert setting == ["tenants.acting"]


def test_the_web_process_parses_no_user_document_upl_11() -> None:
    """calamine is imported by the reading child alone."""
    users = [
        named(path) for path in MODULES if "python_calamine" in path.read_text(encoding="utf-8")
    ]
    assert users, "nobody reads workbooks any more?"
    assert all(user.startswith("evidence.workbooks.") for user in users), users


def test_migrations_add_constraints_without_rendering_every_model_anew() -> None:
    """What makemigrations writes is right but slow: half of the time of a first start."""
    slow = [
        f"{path.relative_to(ROOT)}: write AddConstraint and RemoveConstraint of "
        "tenants.constraint_operations"
        for app in APPS
        for path in sorted((ROOT / app / "migrations").glob("0*.py"))
        if "migrations.AddConstraint(" in (text := path.read_text(encoding="utf-8"))
        or "migrations.RemoveConstraint(" in text
    ]
    assert not slow, "\n".join(slow)


def test_modules_stay_short() -> None:
    """A module near 300 lines is two subjects; a shipped verifier must be one file."""
    one_file = {"evidence.package_verifier", "tenants.trail_verifier"}
    long = {
        named(path): count
        for path in MODULES
        if (count := path.read_text(encoding="utf-8").count("\n")) > 300
        and named(path) not in one_file
    }
    assert not long, long
