"""What must become of an evidence request, told beside the application (docs/lifecycles.md).

Nothing here asks the application's own tables: who may do what, from where a move starts and where
it leads are written down once more, so that a mistake in one of the two is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

FIRM = {"partner", "quality_reviewer", "manager", "senior", "staff", "specialist"}
CLIENT = {"client_admin", "control_owner", "contributor", "executive"}
TEAM = FIRM - {"quality_reviewer"}
SENIORS = {"partner", "manager", "senior"}
WITH_CLIENT = {"open", "reopened", "in_progress", "returned"}
OVER = {"accepted", "not_applicable", "withdrawn"}
EARLY = {"draft", "acceptance", "planning", "walkthrough", "fieldwork"}
STATUSES = {"draft", "submitted", "under_review", "na_proposed"} | WITH_CLIENT | OVER
MOVES: dict[str, tuple[set[str], str]] = {
    "send": ({"draft"}, "open"),
    "submit": ({"in_progress", "returned"}, "submitted"),
    "recall": ({"submitted"}, "in_progress"),
    "begin_review": ({"submitted"}, "under_review"),
    "accept": ({"under_review"}, "accepted"),
    "give_back": ({"under_review"}, "returned"),
    "propose_na": (WITH_CLIENT, "na_proposed"),
    "agree_na": ({"na_proposed"}, "not_applicable"),
    "refuse_na": ({"na_proposed"}, "open"),
    "withdraw": (STATUSES - {"accepted", "withdrawn"}, "withdrawn"),
    "reopen": ({"accepted", "not_applicable"}, "reopened"),
}
"""Move → the statuses it starts from, and where it leads."""


@dataclass(frozen=True)
class Somebody:
    """One who asks. `role` is theirs on the engagement; empty when they are not on it."""

    email: str
    id: str
    role: str
    token: str


@dataclass
class Place:
    """The engagement, as far as it matters to its requests."""

    id: str
    status: str
    fieldwork_ends_on: date | None


@dataclass
class Model:
    """One request, as it must be now. `loose`, `handed`: whether each file not yet, and already,
    handed over says which dates it covers; `batch`: how many came with the last submission."""

    place: Place
    owner: str
    contributor: str
    population: bool
    has_due_date: bool
    has_purpose: bool
    status: str = "draft"
    opened: bool = False
    gone: bool = False
    asked_for_time: bool = False
    facts: bool = False
    text: bool = False
    loose: list[bool] = field(default_factory=list)
    handed: list[bool] = field(default_factory=list)
    batch: int = 0

    def sees(self, who: Somebody) -> bool:
        """Whether the request exists for them."""
        if self.gone or not who.role:
            return False
        if who.role in FIRM:
            return True
        everything = who.role in ("client_admin", "executive")
        return self.opened and (everything or who.id in (self.owner, self.contributor))

    def answers(self, who: Somebody) -> bool:
        """Whether they answer it: the client's administrator, its owner, its contributor."""
        named = who.id in (self.owner, self.contributor)
        return who.role == "client_admin" or (
            named and who.role in ("control_owner", "contributor")
        )

    def submits(self, who: Somebody) -> bool:
        """Whether they hand it over: a contributor does not."""
        is_owner = who.role == "control_owner" and who.id == self.owner
        return is_owner or who.role == "client_admin"

    def makes(self, move: str, who: Somebody) -> bool:
        """Whether the move is theirs at all, whatever the status."""
        if not self.sees(who):
            return False
        if move in ("submit", "recall", "propose_na"):
            return self.submits(who)
        if move == "begin_review" or move == "give_back":
            return who.role in TEAM
        if move == "accept":
            return who.role in (SENIORS if self.population else TEAM)
        if move == "reopen" and self.place.status not in EARLY:
            return who.role in ("partner", "manager")
        return who.role in SENIORS

    def offered(self, who: Somebody) -> set[str]:
        """The moves they must be shown."""
        return {
            move
            for move, (sources, _) in MOVES.items()
            if self.status in sources and self.makes(move, who)
        }

    def missing(self, move: str) -> bool:
        """Whether something else than the status forbids the move now."""
        if move == "send":
            return not (self.has_due_date and self.has_purpose)
        if move == "submit":
            return not (self.loose or self.handed or self.text) or (
                self.population and not self.facts
            )
        return move == "accept" and not all(self.handed)

    def answer_to(self, move: str, who: Somebody, *, stale: bool) -> int:
        """The status code a move must get."""
        if not self.sees(who):
            return 404
        if not self.makes(move, who):
            return 403
        if stale:
            return 412
        return 409 if self.status not in MOVES[move][0] or self.missing(move) else 200

    def moved(self, move: str) -> None:
        """The move was made."""
        self.status = MOVES[move][1]
        if move == "send":
            self.opened = True
        elif move == "submit":
            self.batch = len(self.loose)
            self.handed, self.loose = self.handed + self.loose, []
        elif move == "recall":
            kept = len(self.handed) - self.batch
            self.handed, self.loose, self.batch = self.handed[:kept], self.handed[kept:], 0

    def begun(self, who: Somebody) -> None:
        """Somebody uploaded, wrote or said something: who answers has begun."""
        if self.answers(who) and self.status in ("open", "reopened"):
            self.status = "in_progress"
