"""Subjects that join an app: each is a module of its own in a few folders, and no shared list.

A part `walkthroughs` of audits is `audits/joins/walkthroughs.py` with its `join()`, and beside it
`audits/access_lines/…`, `audits/api/parts/…`, `audits/portal/parts/…` as it needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def parts_of(package: str) -> Iterator[ModuleType]:
    """Every module of a package, by name; what lies deeper is its own affair."""
    for found in sorted(iter_modules(import_module(package).__path__), key=lambda each: each.name):
        yield import_module(f"{package}.{found.name}")
