"""The campaign: ask, judge each answer, and compare the victims' rows and files afterwards."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random

from django.apps import apps
from django.conf import settings

from tests.access.probing import undone
from tests.probe import questions
from tests.probe.asking import Heard, heard
from tests.probe.planting import SAID, owner
from tests.probe.questions import Kind, Question
from tests.probe.stage import Stage

SHARES = (("reading", questions.READING, 0.2), ("attacks", questions.ATTACKS, 0.55),
          ("own place", questions.OWN_PLACE, 0.25))  # fmt: skip
"""Part of the campaign, its kinds of questions, its share of all requests."""
READING_LEAVES = {"tenants_trailentry": "a download is written into the trail (EV-03)",
                  "tenants_trailleaf": "and each entry has its leaf (AUD-4)",
                  "tenants_trailcheckpoint": "a copy with proofs ends in a checkpoint (AUD-5)",
                  "tenants_trailplace": "for which the entries until then take their places",
                  "tenants_trailtree": "in the tree",
                  "tenants_missedlook": "what is not there was asked for, and is counted",
                  "evidence_downloadlink": "a download begins with a link (UPL-13)",
                  "django_session": "when it was used",
                  "tenants_session": "when it was used", "tenants_apitoken": "when it was used",
                  "tenants_notice": "what was shown counts as read"}  # fmt: skip
"""Tables that reading may change, and why (HDR-7)."""
OF_THE_CALLER = {"tenants_idempotentanswer", "tenants_apitoken", "tenants_missedlook"}
"""Tables in which people who ask leave rows of their own."""
PAIRS_TO_JUDGE, APART = 2_000, 0.05
"""From how many pairs on time is judged, and how far from chance it may lie (ACC-4)."""
TOLD = """verb = 'refused' AND EXISTS (SELECT 1 FROM tenants_assignment a
  WHERE a.engagement_id = t.engagement_id AND a.person_id = t.person_id)"""
"""Entries that attacks may add: a right refused to somebody who is on the engagement (AUD-1)."""
TENANT_KEYS = {"engagement_id", "client_id", "organization_id", "content_object_id", "firm_id"}
TENANTS = {"tenants_organization", "tenants_user"}
ABSENT = (403, 404, 405)
"""What is absent is not there; or the role is refused before anybody looks; or the method."""
Progress = Callable[[str], None]


@dataclass
class Report:
    """What was asked, what was found."""

    seed: int
    requests: Counter[str] = field(default_factory=Counter)
    asked: set[tuple[str, str, str, str]] = field(default_factory=set)
    wrong: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    """Canaries that somebody read who may: the proof that the judge can see them."""
    kept: dict[str, list[str]] = field(default_factory=dict)
    """What must be the same afterwards → the tables or files that are not."""

    def note(self, question: Question, text: str) -> None:
        """One finding."""
        about = f"{question.caller}: {question.method} {question.route} ({question.position})"
        self.wrong[f"{question.kind}: {about}: {text}"] += 1

    @property
    def failed(self) -> bool:
        """Whether anything leaked, differed or changed, or time tells foreign from absent."""
        told = any(
            len(foreign) >= PAIRS_TO_JUDGE and abs(apart(foreign, absent) - 0.5) > APART
            for foreign, absent in self.seconds.values()
        )
        return bool(self.wrong or any(self.kept.values()) or told)

    @property
    def total(self) -> int:
        """Requests sent."""
        return sum(self.requests.values())


def run(
    stage: Stage, requests: int, seed: int, progress: Progress = lambda line: None,
    seconds: float = inf,
) -> Report:  # fmt: skip
    """The whole campaign: about `requests` requests, drawn from `seed`, in so many seconds."""
    report, rng = Report(seed), Random(seed)
    for name, kinds, share in SHARES:
        progress(f"{name}: {int(requests * share):,} requests")
        before = _state(name)
        until = time.monotonic() + seconds * share
        ask_all(stage, kinds, int(requests * share), rng, report, progress, until)
        for what, found in _state(name).items():
            changed = {
                each for each in found | before[what] if found.get(each) != before[what].get(each)
            }
            report.kept[what] = sorted(changed)
    return report


def ask_all(
    stage: Stage, kinds: tuple[Kind, ...], requests: int, rng: Random, report: Report,
    progress: Progress = lambda line: None, until: float = inf,
) -> None:  # fmt: skip
    """Ask questions of these kinds until so many requests were sent, or the time is over."""
    end = report.total + requests
    for number, question in enumerate(questions.rounds(kinds, stage, rng)):
        if report.total >= end or time.monotonic() > until:
            return
        judge(question, stage, rng, report)
        if number % 1000 == 999:
            progress(f"  {report.total:,} requests, {len(report.wrong)} findings")


def judge(question: Question, stage: Stage, rng: Random, report: Report) -> None:
    """Ask a question and its twin, in a drawn order; note all that is wrong."""
    asks = [ask for ask in (question.ask, question.twin) if ask is not None]
    order = list(range(len(asks)))
    rng.shuffle(order)
    answers: dict[int, Heard] = {}
    for place in order:
        with undone() if question.undone else nullcontext():
            answers[place] = heard(asks[place])
    report.requests[question.kind] += len(asks)
    report.asked.add(question.about)
    for answer in answers.values():
        _canaries(question, answer, stage, report)
        if answer.answer.status >= 500:
            report.note(question, f"{answer.answer.status}: {answer.answer.body[:200]}")
    if question.twin is not None:
        _alike(question, answers[0], answers[1], report)


def _canaries(question: Question, answer: Heard, stage: Stage, report: Report) -> None:
    """No word of others stands anywhere in an answer, but the one that was asked for."""
    for word in set(SAID.findall(answer.text)) - set(question.said):
        canary = stage.canaries.get(word)
        if canary is None:
            continue
        if question.caller in canary.readers:
            report.read.add(word)
        else:
            report.note(question, f"reads {canary.where} of others")


def _alike(question: Question, theirs: Heard, none: Heard, report: Report) -> None:
    """A foreign id is answered as an absent one: status, headers, body, shape of statements."""
    one, other = (
        _without(heard_, said) for heard_, said in zip((theirs, none), question.said, strict=True)
    )
    if difference := one.answer.differs(other.answer):
        report.note(question, f"foreign and absent differ: {difference}")
    if question.absent and none.answer.status not in ABSENT:
        report.note(question, f"{none.answer.status} for what is absent")
    if question.kind == "id in the address" and question.absent:
        surface = "API" if question.route.startswith("api:") else "portal"
        foreign, absent = report.seconds.setdefault(f"{surface} {question.method}", ([], []))
        foreign.append(theirs.seconds)
        absent.append(none.seconds)


def _without(answer: Heard, said: str) -> Heard:
    if not said:
        return answer
    plain = type(answer.answer)(
        answer.answer.status,
        tuple((name, value.replace(said, "ASKED")) for name, value in answer.answer.headers),
        answer.answer.body.replace(said, "ASKED"), answer.answer.queries,
    )  # fmt: skip
    return Heard(plain, answer.text, answer.seconds)


def apart(foreign: list[float], absent: list[float]) -> float:
    """How well time tells them apart: the chance that a foreign id takes longer; 0.5 is none."""
    ranked = sorted([(value, 1) for value in foreign] + [(value, 0) for value in absent])
    ranks = sum(rank for rank, (_, is_foreign) in enumerate(ranked, 1) if is_foreign)
    pairs = len(foreign) * len(absent)
    return (ranks - len(foreign) * (len(foreign) + 1) / 2) / pairs if pairs else 0.5


State = dict[str, dict[str, str]]


def _state(part: str) -> State:
    """What a part of the campaign must leave as it was: name → table or file → digest."""
    if part == "reading":
        return {"every row, by reading (HDR-7)": dict(_every_row())}
    if part == "attacks":
        return {
            "the victims' rows, by attacks (ACC-7)": dict(_rows_of_tenants()),
            "every stored file, by attacks (ACC-7)": dict(_files()),
        }
    return {"every row, by what was undone": dict(_every_row())}


def _every_row() -> Iterator[tuple[str, str]]:
    for table in _tables():
        if table not in READING_LEAVES:
            yield table, _rows(table, "true")


def _rows_of_tenants() -> Iterator[tuple[str, str]]:
    """All rows of engagements, clients and organizations, but those callers leave of themselves."""
    for table, columns in _tables().items():
        if table in OF_THE_CALLER:
            continue
        if table == "tenants_trailentry":
            yield table, _rows(table, f"engagement_id IS NOT NULL AND NOT ({TOLD})")
        elif columns & TENANT_KEYS or table in TENANTS:
            yield table, _rows(table, "true")


def _tables() -> dict[str, set[str]]:
    return {
        model._meta.db_table: {each.column for each in model._meta.local_fields}
        for model in apps.get_models(include_auto_created=True)
    }


def _rows(table: str, condition: str) -> str:
    query = f"SELECT count(*) || md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t"
    return str(owner(f"{query} WHERE {condition}")[0][0])


def _files() -> Iterator[tuple[str, str]]:
    """Own walk of the store: path → SHA-256."""
    for path in sorted(Path(settings.EVIDENCE_DIR).rglob("*")):
        if path.is_file():
            yield str(path), hashlib.sha256(path.read_bytes()).hexdigest()


def routes_asked(report: Report) -> int:
    """How many routes were asked for."""
    return len({route for _, route, _, _ in report.asked})
