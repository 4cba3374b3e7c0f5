"""Who may do what: role × record × act × state → allowed, 403, 404 or 409, in one place.

Each app declares its records and their acts (`<app>/access_lines`), from the grants and the
lifecycles wherever those already say it, and `apps.py` enters them here. The page “Who may do
what”, docs/access.md and the generated tests (tests/access/) read nothing else; an address that
stands in no line fails the tests. The matrix decides nothing: actions ask `require` and
lifecycles, rows leave by `visible_to`, and the tests hold the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tenants.choices import CLIENT_ROLES, Role
from tenants.permissions import ENGAGEMENT_GRANTS, P, carries, permissions_of

if TYPE_CHECKING:
    from tenants.lifecycle import Lifecycle


class Verdict(StrEnum):
    """What an act comes to."""

    ALLOWED = "allowed"
    NOT_NOW = "409"
    FORBIDDEN = "403"
    ABSENT = "404"


@dataclass(frozen=True)
class Standing:
    """A caller as the matrix knows one: a role, and how they stand to the record.

    `on_it`: assigned to the engagement. `part`: "owner" or "contributor" of the evidence request.
    `foreign`: of another firm or client altogether.
    """

    key: str
    label: str
    role: Role
    on_it: bool = True
    part: str = ""
    foreign: bool = False

    @property
    def is_client(self) -> bool:
        """Whether they act for the service organization."""
        return self.role in CLIENT_ROLES

    def holds(self, permission: P, *, at_home: bool = False) -> bool:
        """Whether their role gives them the permission here, or in their own organization."""
        if permission in ENGAGEMENT_GRANTS:
            return self.on_it and permission in permissions_of(self.role)
        return (at_home or not self.foreign) and carries(self.role, permission)


_ON_IT = (
    Role.PARTNER, Role.QUALITY_REVIEWER, Role.MANAGER, Role.SENIOR, Role.STAFF, Role.SPECIALIST,
    Role.CLIENT_ADMIN, Role.EXECUTIVE,
)  # fmt: skip
STANDINGS: tuple[Standing, ...] = (
    *(Standing(role.value, role.label, role) for role in _ON_IT),
    Standing("control_owner", "Control owner of the request", Role.CONTROL_OWNER, part="owner"),
    Standing("contributor", "Contributor to the request", Role.CONTRIBUTOR, part="contributor"),
    Standing("owner_beside", "Control owner of another request", Role.CONTROL_OWNER),
    Standing("contributor_beside", "Contributor to another request", Role.CONTRIBUTOR),
    Standing("firm_admin", "Firm administrator (not assigned)", Role.FIRM_ADMIN, on_it=False),
    Standing("colleague", "Senior (not assigned)", Role.SENIOR, on_it=False),
    Standing("rival", "Partner of another firm", Role.PARTNER, on_it=False, foreign=True),
    Standing(
        "outsider", "Administrator of another client", Role.CLIENT_ADMIN, on_it=False, foreign=True
    ),
)
"""Every caller the matrix tells apart."""


@dataclass(frozen=True)
class Who:
    """A condition on the caller (and the record's state), in words and as a question."""

    words: str
    holds: Callable[[Standing, str], bool]

    @classmethod
    def carrying(cls, permission: P, words: str) -> Who:
        """Those whose role carries the permission."""
        return cls(words, lambda who, state: who.holds(permission))


EVERYBODY = Who("everybody who is signed in", lambda who, state: True)
ON_THE_ENGAGEMENT = Who.carrying(P.VIEW_ENGAGEMENT, "people on the engagement")
FIRM_TEAM = Who.carrying(P.VIEW_FIRM_FILE, "the firm's people on the engagement")
OWN_ORGANIZATION = Who("people of the organization", lambda who, state: not who.foreign)
MANAGING_PEOPLE = Who.carrying(P.MANAGE_PEOPLE, "whoever manages the organization's people")


@dataclass(frozen=True)
class Line:
    """One act on one kind of record.

    `asks`: one of these permissions is needed (none: seeing it is enough); `besides`: each of
    these, too. `only` narrows it to people of the record. `states`: where it is possible (none:
    everywhere). `api`: "METHOD route, …"; `pages`: portal routes; "/word" is the move a route is
    given. `sees` is who the record exists for when it is not the record's own answer, `page_sees`
    the same for pages.
    `at_home`: the act is on one's own organization, whichever that is. `page_asks_first`: the page
    asks the permission before it looks for the record.
    """

    resource: Resource
    verb: str
    asks: tuple[P, ...] = ()
    besides: tuple[P, ...] = ()
    only: Who | None = None
    states: tuple[str, ...] = ()
    api: str = ""
    pages: str = ""
    sees: Who | None = None
    page_sees: Who | None = None
    at_home: bool = False
    page_asks_first: bool = False
    note: str = ""
    label: str = ""

    @property
    def key(self) -> str:
        """Its name in tests and addresses."""
        return f"{self.resource.key}.{self.verb.replace(' ', '_')}"

    @property
    def title(self) -> str:
        """What the act is called: as its button says, where a move has one."""
        return self.label or self.verb[:1].upper() + self.verb[1:].replace("_", " ")

    def verdict(self, who: Standing, state: str = "", *, page: bool = False) -> Verdict:
        """What the act comes to for `who` on a record in `state`; `page` for the portal's form."""
        at_home = self.at_home or (page and self.page_asks_first)
        held = [who.holds(permission, at_home=at_home) for permission in self.asks]
        besides = [who.holds(permission, at_home=at_home) for permission in self.besides]
        forbidden = not (any(held) or not held) or not all(besides)
        if forbidden and page and self.page_asks_first:
            return Verdict.FORBIDDEN
        sees = (self.page_sees if page else None) or self.sees or self.resource.sees
        if not sees.holds(who, state):
            return Verdict.ABSENT
        if forbidden or (self.only is not None and not self.only.holds(who, state)):
            return Verdict.FORBIDDEN
        return Verdict.NOT_NOW if state and self.states and state not in self.states else (
            Verdict.ALLOWED
        )  # fmt: skip

    def ways(self) -> Iterator[tuple[str, str, str]]:
        """(method, route, word) of everything that leads here; a page is asked for and sent."""
        for way in filter(None, self.api.split(", ")):
            method, _, name = way.partition(" ")
            name, _, word = name.partition("/")
            yield method, f"api:{name}", word
        for way in filter(None, self.pages.split(", ")):
            name, _, word = way.partition("/")
            yield "PAGE", name, word


@dataclass(frozen=True)
class Resource:
    """A kind of record, and for whom it exists. `states` are its statuses, by value and label."""

    key: str
    label: str
    sees: Who
    states: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    lines: list[Line] = field(default_factory=list, compare=False)

    def may(self, verb: str, *asks: P, **more: Any) -> Resource:
        """Declare an act: see `Line`. Returns the resource, so that acts follow one another."""
        self.lines.append(Line(self, verb, asks, **more))
        return self

    def moves(
        self, lifecycle: Lifecycle, *, api: str, pages: str, only: Mapping[str, Who] = {},
        also: Mapping[str, str] = {},
    ) -> Resource:  # fmt: skip
        """Declare the moves that people make, as the lifecycle tells them; `{}` is the move.

        `only`: for each move that the lifecycle narrows to people of the record, to whom; `also`:
        further pages of a move.
        """
        for move in lifecycle.moves.values():
            if move.by_system or move.hidden or move.permission is None:
                continue
            if (move.who is None) != (move.name not in only):
                raise TypeError(
                    f"{self.label}: the lifecycle and `only` disagree about “{move.name}”."
                )
            self.may(
                move.name, move.permission, only=only.get(move.name),
                states=tuple(str(each) for each in move.sources),
                api=f"POST {api.format(move.name)}",
                pages=", ".join(filter(None, (pages.format(move.name), also.get(move.name)))),
                note="once what it needs is there" if move.guards else "", label=move.title,
            )  # fmt: skip
        return self


MATRIX: list[Resource] = []
"""Every kind of record, in the order of the apps."""
OPEN: dict[str, str] = {}
"""Route that asks for no right → why."""
TASKS: dict[str, str] = {}
"""Task → as whom it acts, and so what it can reach."""


def enter(
    resources: Sequence[Resource], opened: Mapping[str, str], tasks: Mapping[str, str]
) -> None:
    """Enter an app's records, open addresses and tasks."""
    MATRIX.extend(resources)
    OPEN.update(opened)
    TASKS.update(tasks)


def lines() -> Iterator[Line]:
    """Every line of the matrix."""
    for resource in MATRIX:
        yield from resource.lines
