"""Modules of ours compiled from a changed text, before anything has loaded them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.mutate.guards import ROOT

Change = Callable[[bytes], bytes]


class Changed(importlib.machinery.SourceFileLoader):
    """Compiles its module from the changed text; nothing is cached or written."""

    def __init__(self, name: str, path: str, change: Change) -> None:
        super().__init__(name, path)
        self.change = change

    def get_code(self, fullname: str) -> Any:
        """The code of the changed text."""
        return compile(self.change(self.get_data(self.path)), self.path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are changed; every other is found as usual."""

    def __init__(self, changes: Mapping[Path, Change]) -> None:
        self.changes = {module_name(path): (path, change) for path, change in changes.items()}

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        """The spec of a changed module."""
        if fullname not in self.changes:
            return None
        file, change = self.changes[fullname]
        return importlib.util.spec_from_file_location(
            fullname, file, loader=Changed(fullname, str(file), change),
            submodule_search_locations=[str(file.parent)] if file.stem == "__init__" else None,
        )  # fmt: skip


def load_changed(changes: Mapping[Path, Change]) -> None:
    """From now on these modules are loaded with their texts changed."""
    sys.meta_path.insert(0, Finder(changes))


def module_name(path: Path) -> str:
    """The module that a file of ours is."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def replaced(raw: bytes, span: tuple[int, int], replacement: str) -> bytes:
    """The text with something else at `span`."""
    return raw[: span[0]] + replacement.encode() + raw[span[1] :]
