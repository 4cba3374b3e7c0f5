"""Takes a guard out of modules that are loaded: the code of a function, a move, a decorator."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.urls import URLPattern, get_resolver

from tests.mutate.guards import ROOT, function_around
from tests.mutate.loading import module_name, replaced


class NotInMemory(Exception):
    """This guard can only be taken out before its module is loaded."""


def take_out(place: str, span: tuple[int, int], replacement: str) -> None:
    """Let the loaded module be as if its text had `replacement` at `span`. Raises NotInMemory."""
    path = ROOT / place
    raw = path.read_bytes()
    changed = replaced(raw, span, replacement)
    module = sys.modules.get(module_name(path))
    if module is None:
        raise NotInMemory(f"{place} is not loaded")
    names = function_around(raw, span)
    if names:
        _swap(module, names, compile(changed, str(path), "exec"))
        return
    anew = _loaded(module, changed, path)
    if not any([_moves(module, anew), _views(module, anew)]):
        raise NotInMemory(f"{place} has it outside any function")


def _swap(module: ModuleType, names: tuple[str, ...], code: CodeType) -> None:
    """Give the function its new code, wherever it is referred to."""
    found: Any = module
    for name in names[:-1]:
        found = getattr(found, name)
    function = _plain(inspect.getattr_static(found, names[-1]))
    for name in names:
        code = next(
            each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name
        )
    if function.__code__.co_freevars != code.co_freevars:
        raise NotInMemory(f"{'.'.join(names)} closes over other names without it")
    function.__code__ = code


def _plain(found: Any) -> FunctionType:
    for name in ("__func__", "fget", "func"):
        found = getattr(found, name, found)
    function = inspect.unwrap(found)
    if not isinstance(function, FunctionType):
        raise NotInMemory(f"{function!r} is no plain function")
    return function


def _loaded(module: ModuleType, text: bytes, path: Path) -> ModuleType:
    """The module once more, from the changed text, beside the one in use."""
    anew = ModuleType(module.__name__)
    anew.__file__, anew.__package__ = str(path), module.__package__
    exec(compile(text, str(path), "exec"), vars(anew))
    return anew


def _moves(module: ModuleType, anew: ModuleType) -> bool:
    """Give the module's own lifecycles the moves of the changed ones."""
    from tenants.lifecycle import Lifecycle

    found = [
        (held, getattr(anew, name))
        for name, held in vars(module).items()
        if isinstance(held, Lifecycle) and getattr(anew, name) is not held
    ]
    for lifecycle, changed in found:
        lifecycle.moves.clear()
        lifecycle.moves.update(changed.moves)
    return bool(found)


def _views(module: ModuleType, anew: ModuleType) -> bool:
    """Let the addresses of a module's views lead to the changed ones."""
    by_view = {id(view): name for name, view in vars(module).items() if callable(view)}
    hit = False
    for entry in _entries(get_resolver()):
        name = by_view.get(id(entry.callback))
        if name is not None:
            entry.callback, hit = getattr(anew, name), True
    return hit


def _entries(resolver: Any) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry
        else:
            yield from _entries(entry)
