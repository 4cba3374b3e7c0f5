"""The life of evidence requests, played by everybody at random beside a model of it.

A Hypothesis machine: each step is one act of one person through the API. What the model allows must
succeed; all else must be refused with the status code it says; and after each step what two people
read, `moves` included, must be what the model holds. Answers are judged by the schema as all others
of the campaign. A disagreement is counted as a fault and ends that request's play.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from hypothesis import seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, initialize, rule

from tests.fuzz.request_model import (
    FIRM,
    MOVES,
    OVER,
    SENIORS,
    TEAM,
    WITH_CLIENT,
    Model,
    Somebody,
)
from tests.fuzz.stage import DRAWS, MOSTLY, ROOT, Draw, Stage

REQUESTS = f"{ROOT}evidence-requests/"
ONE = f"{REQUESTS}{{id}}/"
PERIOD = ("2026-01-01", "2026-03-31")
STEPS = 30
"""Acts in the play of one request."""
RARE = {"withdraw", "propose_na"}
"""Moves that lead away from the usual way."""
NOTED = {"give_back", "propose_na", "agree_na", "refuse_na", "withdraw", "reopen"}
ACTS = (
    *("moves",) * 7, *("uploads",) * 3, "writes", "writes", "comments", "notes", "edits",
    "sets_a_due_date", "asks_for_time", "keeps_the_date", "discards", "drafts_as_others",
)  # fmt: skip
"""What somebody does next; the most drawn are moves."""


class LifeOfARequest(RuleBasedStateMachine):
    """One request from its draft on. `stage` is set on the class that is run."""

    stage: Stage

    @initialize(draw=DRAWS, population=st.booleans(), due=MOSTLY, purpose=MOSTLY)
    def drafted(self, draw: Draw, population: bool, due: bool, purpose: bool) -> None:
        """Somebody of the team drafts it, sometimes without what sending asks for."""
        self.lost = self.stage.is_over
        owners = self.stage.with_role("control_owner")
        helpers = self.stage.with_role("contributor") if draw.luck % 2 else []
        self.owner = owners[draw.who % len(owners)]
        helper = helpers[draw.who % len(helpers)].id if helpers else ""
        self.model = Model(self.stage.place, self.owner.id, helper, population, due, purpose)
        body = {
            "engagement": self.stage.place.id, "title": f"Played {draw.who}",
            "owner": self.owner.id, "kind": "population" if population else "document",
            "covers_all_scope": purpose,
            "period_from": PERIOD[0], "period_to": PERIOD[1],
            "contributors": [helper] if helper else [],
            "due_on": "2026-12-01" if due else None,
        }  # fmt: skip
        team = self.stage.with_role(*TEAM)
        made = self._act(team[draw.who % len(team)], REQUESTS, body=body, expects=201, key=True)
        if not self.lost:
            self.id, self.version = made["id"], made["version"]

    @rule(act=st.sampled_from(ACTS), draw=DRAWS)
    def acts(self, act: str, draw: Draw) -> None:
        """One act of somebody. A single rule: Hypothesis would switch off some of several."""
        if not (self.lost or self.model.gone or self.stage.is_over):
            getattr(self, act)(draw)

    def drafts_as_others(self, draw: Draw) -> None:
        """Only the firm's team drafts; where one is not, there is no such engagement."""
        others = [each for each in self.stage.people if each.role not in TEAM]
        who = others[draw.who % len(others)]
        body = {"engagement": self.stage.place.id, "title": "Not theirs"}
        self._act(who, REQUESTS, body=body, expects=403 if who.role else 400, key=True)

    def moves(self, draw: Draw) -> None:
        """One move, mostly one that starts from here, by somebody who mostly may."""
        likely = [name for name in MOVES if self.model.status in MOVES[name][0] and draw.whole]
        names = [name for name in likely or MOVES if name not in RARE or draw.luck > 7]
        name = (names or ["send"])[draw.what % len(names or ["send"])]
        who = self._somebody(draw, [p for p in self.stage.people if self.model.makes(name, p)])
        body: dict[str, Any] | None = {"note": "Played."} if name in NOTED else None
        if name == "give_back":
            body = {"note": "Played.", "reason": "incomplete"}
        sent = {"If-Match": f'"{self.version + 7}"'} if draw.luck == 9 else {}
        expects = self.model.answer_to(name, who, stale=draw.luck == 9)
        self._act(who, f"{ONE}{name}/", body=body, expects=expects, headers=sent)
        if expects == 200 and not self.lost:
            self.model.moved(name)
            self.stage.made.add(name)
        self._agree(who, draw)

    def uploads(self, draw: Draw) -> None:
        """A file comes, mostly saying which dates it covers."""
        who, expects = self._answering(draw, made=201)
        query = {"name": f"{uuid4()}.csv"}
        if draw.whole:
            query |= {"covers_from": PERIOD[0], "covers_to": PERIOD[1]}
        self._act(
            who, f"{REQUESTS}{{evidence_request}}/files/", query=query, expects=expects, key=True,
            headers={"Content-Type": "application/octet-stream"}, data=uuid4().bytes,
        )  # fmt: skip
        if expects == 201 and not self.lost:
            self.model.loose.append(draw.whole)
            self.model.begun(who)
        self._agree(who, draw)

    def writes(self, draw: Draw) -> None:
        """The answer is written, with or without what a population asks for."""
        who, expects = self._answering(draw, made=200)
        body: dict[str, Any] = {"text": "As asked."}
        if draw.whole:
            body |= {"source_query": "select 1", "run_on": "2026-04-01", "row_count": 3}
        self._act(who, f"{ONE}answer/", body=body, expects=expects)
        if expects == 200 and not self.lost:
            self.model.text, self.model.facts = True, self.model.facts or draw.whole
            self.model.begun(who)
        self._agree(who, draw)

    def comments(self, draw: Draw) -> None:
        """Either side says something; nobody to the other about a draft."""
        who = self._somebody(draw, [p for p in self.stage.people if self.model.sees(p)])
        expects = 404 if not self.model.sees(who) else 201 if self.model.opened else 409
        self._below("messages", who, expects)
        if expects == 201 and not self.lost:
            self.model.begun(who)
        self._agree(who, draw)

    def notes(self, draw: Draw) -> None:
        """The firm notes something for itself; for the client there is no such address."""
        who = self._somebody(draw, [])
        knows = self.model.sees(who) and who.role in FIRM
        self._below("firm-notes", who, 201 if knows else 404)

    def edits(self, draw: Draw) -> None:
        """What it says is changed; a draft gets what it lacks."""
        draft = self.model.status == "draft"
        may = TEAM if draft else SENIORS
        who = self._somebody(draw, self.stage.with_role(*may))
        body: dict[str, Any] = {"title": f"Played again {draw.who}"}
        if draft:
            body |= {"due_on": "2026-12-01", "covers_all_scope": True}
        right = self._right(who, may)
        expects = right or (409 if self.model.status in OVER else 412 if draw.luck == 9 else 200)
        sent = {"If-Match": f'"{self.version + (7 if draw.luck == 9 else 0)}"'}
        self._act(who, ONE, method="PATCH", body=body, expects=expects, headers=sent)
        if expects == 200 and draft and not self.lost:
            self.model.has_due_date = self.model.has_purpose = True
        self._agree(who, draw)

    def sets_a_due_date(self, draw: Draw) -> None:
        """A senior sets it; past the end of fieldwork a manager."""
        who = self._somebody(draw, self.stage.with_role(*SENIORS))
        last = self.model.place.fieldwork_ends_on
        day = (last or date(2026, 12, 1)) + timedelta(days=9 if draw.luck > 6 else -1)
        may = SENIORS - {"senior"} if last and day > last else SENIORS
        expects = self._right(who, may) or (409 if self.model.status in OVER else 200)
        self._act(who, f"{ONE}change_due_date/", body={"due_on": str(day)}, expects=expects)
        if expects == 200 and not self.lost:
            self.model.has_due_date, self.model.asked_for_time = True, False
        self._agree(who, draw)

    def asks_for_time(self, draw: Draw) -> None:
        """The client asks for another due date, with the reason."""
        model = self.model
        may = [p for p in self.stage.with_role("client_admin", "control_owner")
               if model.answers(p)]  # fmt: skip
        who = self._somebody(draw, may)
        right = 404 if not model.sees(who) else 0 if who in may else 403
        expects = right or (200 if model.status in WITH_CLIENT else 409)
        body = {
            "due_on": str(datetime.now(UTC).date() + timedelta(days=20)),
            "note": "It takes longer.",
        }
        self._act(who, f"{ONE}propose_due_date/", body=body, expects=expects)
        if expects == 200 and not self.lost:
            model.asked_for_time = True
        self._agree(who, draw)

    def keeps_the_date(self, draw: Draw) -> None:
        """The firm keeps the due date, where another was asked for."""
        who = self._somebody(draw, self.stage.with_role(*SENIORS))
        expects = self._right(who, SENIORS) or (200 if self.model.asked_for_time else 409)
        self._act(who, f"{ONE}decline_due_date/", body={"note": "It stays."}, expects=expects)
        if expects == 200 and not self.lost:
            self.model.asked_for_time = False
        self._agree(who, draw)

    def discards(self, draw: Draw) -> None:
        """A draft is thrown away, rarely by who may; one that was sent never."""
        team = self.stage.with_role(*TEAM)
        who = self._somebody(draw, team)
        expects = self._right(who, TEAM) or (409 if self.model.status != "draft" else 204)
        if expects == 204 and draw.luck < 9:
            return
        sent = {"If-Match": f'"{self.version}"'}
        self._act(who, ONE, method="DELETE", expects=expects, headers=sent)
        if expects == 204 and not self.lost:
            self.model.gone = True
        self._agree(who, draw)

    def _right(self, who: Somebody, roles: set[str]) -> int:
        """404 or 403 for who may not; 0 for who may."""
        return 404 if not self.model.sees(who) else 0 if who.role in roles else 403

    def _answering(self, draw: Draw, *, made: int) -> tuple[Somebody, int]:
        """Who brings something, and what must become of it."""
        model = self.model
        may = [p for p in self.stage.people if model.sees(p) and model.answers(p)]
        who = self._somebody(draw, may)
        if not model.sees(who):
            return who, 404
        if who not in may:
            return who, 403
        return who, made if model.status in WITH_CLIENT else 409

    def _somebody(self, draw: Draw, may: list[Somebody]) -> Somebody:
        chosen = may if may and draw.willing else self.stage.people
        return chosen[draw.who % len(chosen)]

    def _below(self, what: str, who: Somebody, expects: int) -> None:
        path = f"{REQUESTS}{{evidence_request}}/{what}/"
        self._act(who, path, body={"text": "Said."}, expects=expects, key=True)

    def _act(
        self, who: Somebody, path: str, *, expects: int, method: str = "POST", body: Any = None,
        query: dict[str, Any] | None = None, headers: dict[str, str] | None = None,
        key: bool = False, **more: Any,
    ) -> Any:  # fmt: skip
        """One request of one person; what is answered otherwise than expected is a fault."""
        if self.lost:
            return {}
        places = {name: self.id for name in ("id", "evidence_request") if f"{{{name}}}" in path}
        sent = {**(headers or {}), **({"Idempotency-Key": str(uuid4())} if key else {})}
        operation = self.stage.campaign.schema[path][method]
        told = {"body": body, "media_type": "application/json"} if body is not None else {}
        case = operation.Case(path_parameters=places, query=query or {}, **told)
        person = {"email": who.email, "role": who.role or "elsewhere", "token": who.token}
        answer = self.stage.campaign.ask(case, person, sent, **more)
        if answer.status_code != expects:
            self._lose(
                f"{method} {path} by {person['role']}: {answer.status_code}, not {expects}, while "
                f"{self.model.status}", answer.text,
            )  # fmt: skip
        return answer.json() if "json" in str(answer.headers.get("content-type")) else {}

    def _agree(self, actor: Somebody, draw: Draw) -> None:
        """The one who acted and somebody else read what the model holds, or nothing."""
        other = self.stage.people[draw.what % len(self.stage.people)]
        for who in dict.fromkeys((actor, other)):
            sees = self.model.sees(who)
            shown = self._act(who, ONE, method="GET", expects=200 if sees else 404)
            if self.lost or not sees:
                continue
            self.version = shown["version"]
            holds = (self.model.status, self.model.offered(who))
            moves = {each["name"] for each in shown["moves"]}
            if (shown["status"], moves) != holds:
                read = f"{shown['status']} with {sorted(moves)}"
                self._lose(f"{who.role} reads {read}", f"the model: {holds}")

    def _lose(self, what: str, example: str) -> None:
        self.lost = True
        self.stage.campaign.fault(f"life of a request: {what}", example)


def play(campaign: Any, requests: int) -> Stage:
    """Play until about so many calls were made, drawn from the campaign's seed."""
    stage = Stage(campaign, campaign.sent + requests)
    machine = type("Life", (LifeOfARequest,), {"stage": stage})
    drawing = hypothesis_settings(campaign.drawing, max_examples=50, stateful_step_count=STEPS)
    while not stage.is_over:
        played = get_state_machine_test(machine, settings=drawing)
        seed(campaign.random.randrange(2**32))(played)()
    return stage
