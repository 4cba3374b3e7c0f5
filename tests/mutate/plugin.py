"""Loaded by pytest before anything of ours: one module is compiled without one guard."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MUTANT = "TICKMARK_MUTANT"
"""Variable of the environment: path, span and replacement, as JSON."""


class Without(importlib.machinery.SourceFileLoader):
    """Compiles its module with a part of the text replaced; nothing is cached or written."""

    def __init__(self, name: str, path: str, span: tuple[int, int], replacement: str) -> None:
        super().__init__(name, path)
        self.part, self.replacement = span, replacement.encode()

    def get_code(self, fullname: str) -> Any:
        """The code without the guard."""
        raw = self.get_data(self.path)
        start, end = self.part
        return compile(raw[:start] + self.replacement + raw[end:], self.path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    """Finds the one module that is mutated; every other is found as usual."""

    def __init__(self, path: Path, span: tuple[int, int], replacement: str) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self.name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self.loader = Without(self.name, str(path), span, replacement)
        self.package = [str(path.parent)] if parts[-1] == "__init__" else None

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> Any:
        """The spec of the mutated module."""
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(
            fullname, self.loader.path, loader=self.loader,
            submodule_search_locations=self.package,
        )  # fmt: skip


if MUTANT in os.environ:
    told = json.loads(os.environ[MUTANT])
    sys.meta_path.insert(0, Finder(ROOT / told["path"], tuple(told["span"]), told["replacement"]))
