"""What one operation of the API takes and gives: said once, checked, and drawn in the schema."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from rest_framework import serializers
from rest_framework.decorators import action

from tenants.api.bodies import Body, NoteBody, NothingBody, ReasonBody
from tenants.errors import StaleVersion
from tenants.lifecycle import Move, locked

Method = TypeVar("Method", bound=Callable[..., Any])


@dataclass(frozen=True)
class Operation:
    """`body`: the fields that come in (None: raw bytes the view reads itself).

    `answers`: the serializer of what goes out (None: the viewset's own; `many`: a list of it),
    with `status`. `key`: whether an Idempotency-Key is required (None: as the method has it).
    `moves`: it makes a move. `leaves`: its record may leave the caller's sight. `cost`: for how
    many requests it counts (API-8). `secrets`: fields of the answer that are shown once and kept
    nowhere (API-1). `parameters`: query parameters beside those of a list, with what each says.
    `lists`: it answers with a page (`self.page(rows)`).
    `permission`: what the schema says it asks for; the action is what asks.
    """

    body: type[Body] | None = NothingBody
    answers: type[serializers.BaseSerializer[Any]] | None = None
    many: bool = False
    status: int = 0
    key: bool | None = None
    moves: bool = False
    leaves: bool = False
    cost: int = 1
    secrets: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    lists: bool = False
    permission: str = ""


PLAIN = Operation()


def takes(body: type[Body] | None = NothingBody, **more: Any) -> Callable[[Method], Method]:
    """Declare an operation; see `Operation`. `self.body()` reads the body declared here."""

    def declare(method: Method) -> Method:
        method.operation = Operation(body=body, **more)  # type: ignore[attr-defined]
        return method

    return declare


def operation_of(view: Any) -> Operation:
    """What the view's present operation declares."""
    method = getattr(view, view.action, None) if view.action else None
    found: Operation = getattr(method, "operation", PLAIN)
    return found


def needs_key(view: Any, method: str) -> bool:
    """Whether the operation creates or triggers: every POST but a move (API-4)."""
    declared = operation_of(view)
    return method == "POST" and not declared.moves and declared.key is not False


def needs_version(view: Any, method: str) -> bool:
    """Whether the operation changes a record that has versions (API-5)."""
    return view.versioned and method in ("PATCH", "PUT", "DELETE")


def body_of_move(move: Move, declared: type[Body] | None) -> type[Body]:
    """The body a move takes: the one declared for it, or its note, if it has one."""
    if declared is not None:
        return declared
    if move.asks:
        raise TypeError(
            f"Move {move.name} asks for {', '.join(move.asks)}: give its body in move_bodies."
        )
    return {"": NothingBody, "optional": NoteBody, "required": ReasonBody}[move.note]


def route_of_move(move: Move, make: Callable[..., Any], body: type[Body]) -> Any:
    """A viewset method, posted to `{id}/{move}/`, that reads the body and makes the move."""
    parameters = inspect.signature(make).parameters.values()
    versioned = any(each.name == "version" or each.kind is each.VAR_KEYWORD for each in parameters)

    def method(self: Any, request: Any, pk: Any) -> Any:
        values, record, version = dict(self.body()), self.get_object(), self.version(required=False)
        if version is not None and versioned:
            values["version"] = version
        elif version is not None:
            require_version(record, version)
        moved = make(record, by=request.user, **values)
        return self.reply(moved if isinstance(moved, type(record)) else record)

    method.__name__ = f"move_{move.name}"
    method.__doc__ = f"{move.title}."
    declare = takes(body, moves=True, permission=str(move.permission or ""))
    return action(detail=True, methods=["post"], url_path=move.name, url_name=move.name)(
        declare(method)
    )


def require_version(record: Any, version: int) -> None:
    """Lock the record and refuse another version than the caller read. Raises StaleVersion."""
    if locked(record).version != version:
        raise StaleVersion("Somebody changed this since you read it; read it again first.")


def as_move(make: Callable[..., Any], name: str) -> Callable[..., Any]:
    """One move of an action that makes several, named by its `name`."""
    return partial(make, name=name)
