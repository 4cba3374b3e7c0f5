"""The docs say what the code does: settings, commands, access, moves, and links that lead on.

`python -m tests.test_docs` draws the tables of access.md and lifecycles.md anew. Settings and
commands are read as text and asked of no server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tenants.lifecycle import Lifecycle, Move
    from tenants.permissions import P

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
COMMANDS = sorted(
    path for path in ROOT.glob("*/management/commands/*.py") if not path.stem.startswith("_")
)
LIFECYCLES = sorted(
    path
    for path in ROOT.glob("*/actions/*.py")
    if re.search(r"^LIFECYCLE = Lifecycle\(", path.read_text(encoding="utf-8"), re.MULTILINE)
)

LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISION = re.compile(r"\[[Dd]ecision (\d+)\]\([^)]*?(\d{4})-")
CODE_PATH = re.compile(r"`((?:tenants|audits|evidence|grc|tests|docs)/[\w./-]+\.(?:py|md|csv|sh))`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MACHINE_PATH = re.compile(r"(?<![\w./…])/(?:work|tmp|opt|home|root|Users|mnt|srv)/")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|npmjs|docker\.io|ghcr\.io|quay\.io|artifactory|nexus|devpi",
    re.IGNORECASE,
)


def settings_read() -> set[str]:
    """Every variable of the environment that the settings read."""
    files = ("grc/settings.py", "grc/identity.py")
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in files)
    calls = r"""\b(?:flag|number|environ\.get|getenv|environ\[)\(?\s*"(\w+)\""""
    return set(re.findall(calls, text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def drawn_access() -> str:
    """The two matrices of docs/access.md: permission by role, as the code grants it."""
    from tenants.choices import CLIENT_ROLES, FIRM_ROLES
    from tenants.permissions import ENGAGEMENT_GRANTS, ORGANIZATION_GRANTS

    roles = (*FIRM_ROLES, *CLIENT_ROLES)
    head = ["Permission", *(role.label for role in roles)]

    def rows(grants: dict[P, tuple[str, ...]]) -> Iterator[list[str]]:
        for permission, held_by in grants.items():
            yield [f"`{permission}`", *("yes" if role in held_by else "" for role in roles)]

    return "\n\n".join(
        [
            "### On an engagement",
            table(head, rows(ENGAGEMENT_GRANTS)),
            "### In one's own organization",
            table(head, rows(ORGANIZATION_GRANTS)),
        ]
    )


def drawn_matrix() -> str:
    """The matrix of docs/access-matrix.md: each record with its acts, and who may do them."""
    from tenants.queries import access

    return "\n\n".join(
        f"## {chapter.title}\n\nExists for {chapter.shown_to}. {chapter.note}".rstrip()
        + "\n\n"
        + table(
            ["Act", "May", "Sees it, may not (403)", "When", "Only"],
            (
                [
                    act.title,
                    ", ".join(act.may),
                    ", ".join(act.sees_only),
                    ", ".join(act.states),
                    "; ".join(act.conditions),
                ]
                for act in chapter.acts
            ),
        )
        for chapter in access.chapters()
    )


def drawn_moves() -> str:
    """The tables of docs/lifecycles.md: one for each lifecycle there is."""
    return "\n\n".join(_drawn_lifecycle(path) for path in LIFECYCLES)


def _drawn_lifecycle(path: Path) -> str:
    lifecycle: Lifecycle = import_module(f"{path.parts[-3]}.actions.{path.stem}").LIFECYCLE
    title = path.stem.removesuffix("s").replace("_", " ").capitalize()
    head = ["Move", "From", "To", "Permission", "Reason", "Notes"]
    return f"## {title}\n\n" + table(head, (_drawn_move(m) for m in lifecycle.moves.values()))


def _drawn_move(move: Move) -> list[str]:
    notes = [
        "by the system" if move.by_system else "",
        "along with another act" if move.hidden else "",
        "narrowed to people of the record" if move.who else "",
        "guarded" if move.guards else "",
        *(f"asks for {name}" for name in move.asks),
    ]
    return [
        f"`{move.name}`",
        ", ".join(str(source) for source in move.sources),
        str(move.target or "as before"),
        f"`{move.permission}`" if move.permission else "",
        move.note,
        ", ".join(note for note in notes if note),
    ]


DRAWN: dict[str, Callable[[], str]] = {
    "access.md": drawn_access, "access-matrix.md": drawn_matrix, "lifecycles.md": drawn_moves,
}  # fmt: skip
MARKED = re.compile(r"(<!-- drawn -->\n).*?(<!-- /drawn -->)", re.DOTALL)


def with_drawing(page: str, drawing: str) -> str:
    """The page with what stands between its marks replaced."""
    return MARKED.sub(lambda marks: f"{marks[1]}{drawing}\n{marks[2]}", page)


def draw() -> None:
    """Write every drawn table into its page."""
    for name, drawing in DRAWN.items():
        page = (DOCS / name).read_text(encoding="utf-8")
        (DOCS / name).write_text(with_drawing(page, drawing()), encoding="utf-8")


def anchors_of(page: Path) -> set[str]:
    """What `#…` may name in a page: its headings as a forge makes them addresses."""
    headings = re.findall(
        r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lost_links(page: Path) -> list[str]:
    """Links and code paths of a page that lead nowhere in this repository."""
    text = page.read_text(encoding="utf-8")
    lost = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        if not path.exists() or (anchor and anchor not in anchors_of(path)):
            lost.append(target)
    lost += [path for path in CODE_PATH.findall(text) if not (ROOT / path).exists()]
    return lost


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_operations_tells_of_each_setting(name):
    assert re.search(
        rf"^\| `{name}` \|", (DOCS / "operations.md").read_text(encoding="utf-8"), re.MULTILINE
    )


def test_operations_tells_of_no_setting_that_nobody_reads():
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "grc").rglob("*")
        if path.suffix in {".py", ".sh"}
    )
    told = set(re.findall(r"^\| `([A-Z][A-Z_]+)` \|", page, re.MULTILINE))
    assert {name for name in told if name not in code} == set()


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_operations_tells_of_each_command(path):
    assert f"`manage.py {path.stem}" in (DOCS / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_tables_are_drawn_from_the_code(name):
    page = (DOCS / name).read_text(encoding="utf-8")
    assert MARKED.search(page)
    assert with_drawing(page, DRAWN[name]()) == page, "run `python -m tests.test_docs`"


def test_every_permission_and_every_move_is_drawn():
    from tenants.permissions import P

    access, moves = (
        (DOCS / "access.md").read_text(encoding="utf-8"),
        (DOCS / "lifecycles.md").read_text(encoding="utf-8"),
    )
    assert [p for p in P if f"| `{p}` |" not in access] == []
    assert len(LIFECYCLES) >= 3
    assert moves.count("\n## ") >= len(LIFECYCLES)


def test_every_role_is_drawn():
    from tenants.choices import Role

    assert [
        r for r in Role if f"| {r.label} " not in (DOCS / "access.md").read_text(encoding="utf-8")
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert lost_links(page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine_or_a_registry(page):
    text = page.read_text(encoding="utf-8")
    assert MACHINE_PATH.findall(text) + REGISTRY.findall(text) == []


def test_decisions_are_numbered_once_and_without_a_hole():
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.stem.partition("-")[0]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, page in zip(numbers, pages, strict=True):
        assert page.read_text(encoding="utf-8").startswith(f"# {number}. "), page.name
    named = [each for page in PAGES for each in DECISION.findall(page.read_text(encoding="utf-8"))]
    assert len(named) > 10
    assert [each for each in named if int(each[0]) != int(each[1])] == []


def test_the_checks_find_what_is_wrong(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](#one) [b](#two) [c](no.md) [d](https://x.example/) `grc/no.py`\n")
    assert lost_links(page) == ["#two", "no.md", "grc/no.py"]
    assert MACHINE_PATH.search("see " + "/ho" + "me/me/x")
    assert not MACHINE_PATH.search("see https://x.example/home/me")


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grc.settings")
    django.setup()
    draw()
