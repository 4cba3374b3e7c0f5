"""Where requests are played, by whom, and what is drawn for each of their acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.request_model import Place, Somebody

ROOT = "/api/v1/"
MOSTLY = st.integers(0, 9).map(lambda drawn: drawn < 8)


@dataclass(frozen=True)
class Draw:
    """What is drawn for one act. `who`, `what`: places in lists, taken round. `willing`: somebody
    acts who may, instead of anybody. `luck`: 0 to 9; `whole`: nothing of it is left out."""

    who: int
    what: int
    willing: bool
    luck: int
    whole: bool


DRAWS = st.builds(
    Draw, st.integers(0, 2**16), st.integers(0, 2**16), MOSTLY, st.integers(0, 9), MOSTLY
)


class Stage:
    """The engagement that is played on, and everybody with their role there."""

    def __init__(self, campaign: Any, until: int) -> None:
        self.campaign, self.until = campaign, until
        self.made: set[str] = set()
        """Moves that were made."""
        held = [(each, self._read("me/", each)["person"]["id"]) for each in campaign.people]
        manager = next(each for each in campaign.people if each["role"].casefold() == "manager")
        known = {key for _, key in held}
        found = [
            (place, self._roles(place["id"], manager, known))
            for place in self._read("engagements/", manager)["results"]
        ]
        place, roles = max(found, key=lambda each: len(each[1]))
        last = place["fieldwork_ends_on"]
        self.place = Place(place["id"], place["status"], last and date.fromisoformat(last))
        self.people = [
            Somebody(each["email"], key, roles.get(key, ""), each["token"]) for each, key in held
        ]

    @property
    def is_over(self) -> bool:
        """Whether the campaign has sent what was to be sent by playing."""
        return bool(self.campaign.sent >= self.until)

    def _roles(self, engagement: str, who: dict[str, str], known: set[str]) -> dict[str, str]:
        query = {"engagement": engagement, "limit": 200}
        rows = self._read("assignments/", who, query)["results"]
        return {row["person"]["id"]: row["role"] for row in rows if row["person"]["id"] in known}

    def _read(
        self, path: str, who: dict[str, str], query: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        case = self.campaign.schema[f"{ROOT}{path}"]["GET"].Case(query=query or {})
        found: dict[str, Any] = self.campaign.ask(case, who, {}).json()
        return found

    def with_role(self, *roles: str) -> list[Somebody]:
        """Those in one of these roles."""
        return [each for each in self.people if each.role in roles]
