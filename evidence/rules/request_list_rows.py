"""One row of a list to one reading; what is wrong is said with its place and its cure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from audits.rules.criteria import RequirementKind, is_tsc_reference, parse_references
from audits.rules.reference_problems import ReferenceProblem, foreign
from evidence.rules import request_list_cells as cells
from evidence.rules.request_list_dates import read_date
from evidence.rules.request_list_messages import Message, Weight
from evidence.rules.request_list_notes import ListSettings, RowNotes
from evidence.rules.request_list_people import read_people
from evidence.rules.request_list_readings import RowReading
from evidence.rules.request_list_words import (
    KINDS,
    PRIORITIES,
    SENSITIVITIES,
    STATUSES,
    ListField,
    meaning,
)
from evidence.workbooks import Row

F = ListField


def read_row(row: Row, settings: ListSettings, *, section: str = "") -> RowReading:
    """What the row asks for. section: the last title above it, its area when it tells none.

    The outcome is ok, warning or error; duplicates are found among all rows afterwards.
    """
    notes = RowNotes(row, settings)
    ref = _ref(notes)
    title, description = _texts(notes)
    criteria, whole_scope = _criteria(notes)
    controls = _controls(notes)
    people = read_people(notes)
    requested_on, due_on = _due(notes)
    period_from, period_to = _period(notes)
    words = _words(notes, section)
    return RowReading(
        sheet=settings.sheet,
        sheet_row=row.number,
        ref=ref,
        title=title,
        description=description,
        criteria=criteria,
        whole_scope=whole_scope,
        controls=controls,
        owner_emails=people.owners,
        contributors=people.contributors,
        invitations=people.unknown,
        requested_on=requested_on,
        due_on=due_on,
        received_on=_date(notes, F.RECEIVED_ON),
        period_from=period_from,
        period_to=period_to,
        as_of=_date(notes, F.AS_OF),
        outcome=notes.outcome,
        messages=tuple(notes.messages),
        told=frozenset(notes.told),
        **words,
    )


def _words(notes: RowNotes, section: str) -> dict[str, Any]:
    """The texts and the words of few values, by field."""
    return {
        "area": cells.clean_line(notes.text(F.AREA)) or section,
        "acceptance_hint": cells.clean_text(notes.text(F.ACCEPTANCE_HINT)),
        "kind": _kind(notes),
        "priority": _word(notes, F.PRIORITY, PRIORITIES, "medium"),
        "sensitivity": _word(notes, F.SENSITIVITY, SENSITIVITIES, "normal"),
        "status": _status(notes),
        "comment": cells.clean_text(notes.text(F.COMMENT)),
    }


def _ref(notes: RowNotes) -> str:
    """The reference; a list with a column of them needs one in each row."""
    ref = cells.clean_line(notes.text(F.REF))
    if not ref and F.REF in notes.settings.columns:
        notes.say("missing_ref", F.REF)
    return ref


def _texts(notes: RowNotes) -> tuple[str, str]:
    """Title and description; a row must say what it asks for."""
    title, description = notes.text(F.TITLE), notes.text(F.DESCRIPTION)
    if not cells.clean_line(title):
        title, description = description, ""
    if not cells.clean_line(title):
        notes.say("missing_description", F.TITLE)
    return cells.title_and_description(title, description)


def _criteria(notes: RowNotes) -> tuple[tuple[str, ...], bool]:
    """Criteria or objectives, by the report's own basis (RT-19)."""
    context = notes.settings.context
    found = parse_references(
        notes.told_text(F.CRITERIA),
        kind=context.requirement_kind,
        known=context.known_requirements,
        in_scope=context.in_scope,
    )
    for problem in found.problems:
        _keep_problem(notes, F.CRITERIA, problem)
    return found.identifiers, found.whole_scope


def _controls(notes: RowNotes) -> tuple[str, ...]:
    """Controls of the engagement; a SOC 1 list's criteria are told apart from mere typos."""
    text = notes.told_text(F.CONTROLS)
    controls, unknown = cells.read_controls(text, notes.settings.known_controls)
    is_soc1 = notes.settings.context.requirement_kind is RequirementKind.OBJECTIVE
    for control in unknown:
        if is_soc1 and is_tsc_reference(control):
            _keep_problem(notes, F.CONTROLS, foreign(RequirementKind.OBJECTIVE, control))
        else:
            notes.say("unknown_control", F.CONTROLS, shown=control)
    return controls


def _keep_problem(notes: RowNotes, name: ListField, problem: ReferenceProblem) -> None:
    """A problem with a reference, at its place in the row."""
    weight = Weight.ERROR if problem.is_error else Weight.WARNING
    notes.keep(Message(problem.code, notes.place(name), problem.message, name.value, weight))


def _due(notes: RowNotes) -> tuple[date | None, date | None]:
    """When it was requested, and by when it is due."""
    context = notes.settings.context
    requested_on = _date(notes, F.REQUESTED_ON) or context.requested_on
    if F.DUE_ON not in notes.settings.columns and context.default_due_on:
        return requested_on, context.default_due_on
    said_before = len(notes.messages)
    due_on = _date(notes, F.DUE_ON, not_before=requested_on)
    if due_on is None and len(notes.messages) == said_before:
        notes.say("missing_due_date", F.DUE_ON)
    elif due_on and requested_on and due_on < requested_on:
        notes.say("due_before_requested", F.DUE_ON, due=due_on, requested=requested_on)
    return requested_on, due_on


def _period(notes: RowNotes) -> tuple[date | None, date | None]:
    """What the evidence must cover."""
    period_from, period_to = _date(notes, F.PERIOD_FROM), _date(notes, F.PERIOD_TO)
    if period_from and period_to and period_to < period_from:
        notes.say("period_ends_early", F.PERIOD_TO)
    return period_from, period_to


def _date(notes: RowNotes, name: ListField, *, not_before: date | None = None) -> date | None:
    """A date; not_before: no doubt when the other reading of it lies earlier (IM-04)."""
    cell = notes.cell(name)
    shown = cells.text_of(cell)
    if cells.is_blank(shown):
        notes.told.discard(name)
        return None
    settings = notes.settings
    cell = shown if isinstance(cell, str) else cell
    found = read_date(cell, settings.date_order, from_1904=settings.from_1904)
    if found.problem:
        notes.told.discard(name)
        notes.say(found.problem, name, shown=shown)
    elif found.swapped:
        notes.say("date_order_mixed", name, shown=shown, value=found.value)
    elif found.other and name is F.DUE_ON and not (not_before and found.other < not_before):
        notes.say("ambiguous_date", name, shown=shown, value=found.value, other=found.other)
    return found.value


def _status(notes: RowNotes) -> str:
    """The state by the synonyms (IM-06): open when none is told, empty when it is not known."""
    word = cells.clean_line(notes.text(F.STATUS))
    status = meaning(word, STATUSES) if word else "open"
    if not status:
        notes.say("unknown_status", F.STATUS, shown=word)
    return status


def _kind(notes: RowNotes) -> str:
    """The type of request; a Type 1 has no samples (RT-07)."""
    kind = _word(notes, F.KIND, KINDS, "document")
    if kind == "sample" and notes.settings.context.exam_type == "T1":
        notes.say("sample_in_type_1", F.KIND)
    return kind


def _word(
    notes: RowNotes, name: ListField, table: Mapping[str, frozenset[str]], default: str
) -> str:
    """A type, priority or sensitivity; an unknown word is a doubt, not an error."""
    word = cells.clean_line(notes.told_text(name))
    value = meaning(word, table) if word else default
    if not value:
        notes.told.discard(name)
        known = ", ".join(table)
        notes.say(f"unknown_{name.value}", name, shown=word, default=default, known=known)
    return value or default
