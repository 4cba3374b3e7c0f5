"""Every field that leaves or comes in, and for which side: `fields.txt`, checked against the code.

A line is `shown|sent|form side module.Class: field field …`. What is shown to the firm alone never
reaches the client's people, and the reverse; `both` stands for either side, or for one's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

from django.forms import BaseForm
from rest_framework.serializers import BaseSerializer

from tenants.api.bodies import Body
from tests.parts import parts

LISTING = Path(__file__).with_name("fields.txt")
APPS = ("tenants", "audits", "evidence")
KINDS = {"shown": BaseSerializer, "sent": Body, "form": BaseForm}
SIDES = ("both", "firm", "client")


@dataclass(frozen=True)
class Shape:
    """A serializer, body or form, with its fields in their order."""

    kind: str
    side: str
    name: str
    fields: tuple[str, ...]

    @property
    def line(self) -> str:
        """As it stands in the listing."""
        return f"{self.kind} {self.side} {self.name}: {' '.join(self.fields)}".rstrip()


@cache
def listed() -> dict[str, Shape]:
    """What the listing says, by class."""
    found = {}
    theirs = "\n".join(getattr(part, "FIELDS_TXT", "").strip() for part in parts())
    for line in filter(None, (LISTING.read_text(encoding="utf-8") + theirs).splitlines()):
        head, _, fields = line.partition(":")
        kind, side, name = head.split(" ")
        found[name] = Shape(kind, side, name, tuple(fields.split()))
    return found


def declared() -> Iterator[Shape]:
    """What the code has: every serializer, body and form of ours that is complete."""
    for module in _modules():
        import_module(module)
    for kind, base in KINDS.items():
        for cls in sorted(_below(base), key=lambda each: (each.__module__, each.__name__)):
            if cls.__module__.split(".")[0] not in APPS or (
                kind == "shown" and issubclass(cls, Body)
            ):
                continue
            fields = _fields(cls)
            if fields is not None:
                yield Shape(kind, "", f"{cls.__module__}.{cls.__name__}", fields)


def _modules() -> Iterator[str]:
    """Every module of ours that may hold one; some are loaded only when a page asks for them."""
    for app in APPS:
        for found in walk_packages(import_module(app).__path__, f"{app}."):
            if not {"migrations", "management"} & set(found.name.split(".")):
                yield found.name


def _below(base: type) -> set[type]:
    return {base_ for sub in base.__subclasses__() for base_ in (sub, *_below(sub))}


def _fields(cls: Any) -> tuple[str, ...] | None:
    """Names of the fields; None for a base without a model of its own."""
    if issubclass(cls, BaseForm):
        return tuple(cls.base_fields)
    if hasattr(cls, "Meta") or not issubclass(cls, _model_serializer()):
        return tuple(cls().fields)
    return None


def _model_serializer() -> type:
    from rest_framework.serializers import ModelSerializer

    return ModelSerializer


def differences() -> list[str]:
    """What the code has and the listing does not say, or the reverse; each names the cure."""
    known, said = listed(), []
    names = set()
    for shape in declared():
        names.add(shape.name)
        line = known.get(shape.name)
        if line is None:
            said.append(
                f"{shape.name} is new: add “{shape.kind} SIDE {shape.name}: "
                f"{' '.join(shape.fields)}” to {LISTING.name}, SIDE being one of {SIDES}."
            )
            continue
        more = [name for name in shape.fields if name not in line.fields]
        gone = [name for name in line.fields if name not in shape.fields]
        said += [
            f"{shape.name}.{name} is not classified: may the side “{line.side}” have it? "
            f"Then add it to the line of {shape.name} in {LISTING.name}."
            for name in more
        ]
        said += [f"{shape.name}.{name} is gone: take it out of {LISTING.name}." for name in gone]
    return said + [f"{name} is gone: take its line out." for name in sorted(known.keys() - names)]


def shapes_for(side: str) -> set[frozenset[str]]:
    """The sets of fields that a side may be shown."""
    return {
        frozenset(shape.fields)
        for shape in listed().values()
        if shape.kind == "shown" and shape.side in ("both", side)
    }
