"""One file out of two: what a program imports from a module of ours is put into it.

So a verifier that is shipped as a single file shares its code with another one, and the code is
written once.
"""

from __future__ import annotations

import ast
from collections import defaultdict

COMMAND = "# --- The command"
"""What follows in the module is its own command, and stays out."""


def built_in(program: str, module: str, name: str) -> str:
    """The source of `program` with the source of `module` in place of the import of `name`."""
    tree, inner = ast.parse(program), ast.parse(module)
    lines = program.splitlines()
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    (ours,) = (each for each in imports if getattr(each, "module", "") == name)
    ends = max(node.end_lineno or 0 for node in imports)
    begins = min(node.lineno for node in imports if not _is_future(node)) - 1
    needed = [each for each in imports if each is not ours and not _is_future(each)]
    needed += [
        node
        for node in inner.body
        if isinstance(node, ast.Import | ast.ImportFrom) and not _is_future(node)
    ]
    return "\n".join(
        [*lines[:begins], *_merged(needed), "", *_body(module, inner), *lines[ends:], ""]
    )


def _body(module: str, tree: ast.Module) -> list[str]:
    """The lines of a module between its imports and its command."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    starts = max(node.end_lineno or 0 for node in imports)
    lines = module.splitlines()
    end = lines.index(COMMAND) if COMMAND in lines else len(lines)
    return [*lines[starts:end]][: -2 if COMMAND in lines else None]


def _merged(imports: list[ast.Import | ast.ImportFrom]) -> list[str]:
    """The imports of both, each once, sorted."""
    plain: set[str] = set()
    chosen: dict[str, set[str]] = defaultdict(set)
    for node in imports:
        names = {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            chosen[node.module or ""] |= names
        else:
            plain |= names
    return [
        *(f"import {name}" for name in sorted(plain)),
        *(f"from {name} import {', '.join(sorted(chosen[name]))}" for name in sorted(chosen)),
    ]


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
