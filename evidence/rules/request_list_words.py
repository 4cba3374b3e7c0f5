"""The words firms use in the cells of their request lists, and what each means here.

Collected from the states and types that request lists of audit firms and of the usual tracking
tools carry. Every word stands folded, as `folded_words` leaves it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ListField(StrEnum):
    """What a column of a list may hold."""

    REF = "ref"
    AREA = "area"
    TITLE = "title"
    DESCRIPTION = "description"
    ACCEPTANCE_HINT = "acceptance_hint"
    CRITERIA = "criteria"
    CONTROLS = "controls"
    KIND = "kind"
    OWNER_NAME = "owner_name"
    OWNER_EMAIL = "owner_email"
    CONTRIBUTORS = "contributors"
    REQUESTED_ON = "requested_on"
    DUE_ON = "due_on"
    PRIORITY = "priority"
    STATUS = "status"
    RECEIVED_ON = "received_on"
    PERIOD_FROM = "period_from"
    PERIOD_TO = "period_to"
    AS_OF = "as_of"
    SENSITIVITY = "sensitivity"
    COMMENT = "comment"


FIELD_LABELS: Final[Mapping[ListField, str]] = {
    ListField.REF: "Ref",
    ListField.AREA: "Area",
    ListField.TITLE: "Request",
    ListField.DESCRIPTION: "Description",
    ListField.ACCEPTANCE_HINT: "Acceptance hint",
    ListField.CRITERIA: "Criteria",
    ListField.CONTROLS: "Controls",
    ListField.KIND: "Type",
    ListField.OWNER_NAME: "Owner",
    ListField.OWNER_EMAIL: "Owner e-mail",
    ListField.CONTRIBUTORS: "Contributors",
    ListField.REQUESTED_ON: "Date requested",
    ListField.DUE_ON: "Due date",
    ListField.PRIORITY: "Priority",
    ListField.STATUS: "Status",
    ListField.RECEIVED_ON: "Date received",
    ListField.PERIOD_FROM: "Period from",
    ListField.PERIOD_TO: "Period to",
    ListField.AS_OF: "As of",
    ListField.SENSITIVITY: "Sensitivity",
    ListField.COMMENT: "Comment",
}
"""What people call each field; the importer knows every one as a heading."""


def word_set(*groups: str) -> frozenset[str]:
    """Words separated by commas."""
    return frozenset(word.strip() for group in groups for word in group.split(",") if word.strip())


STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "draft": word_set("draft, not sent, planned, to be sent, not released"),
    "open": word_set(
        "open, not started, outstanding, requested, new, pending, to do, todo, not received",
        "awaiting client, waiting on client, waiting for client, with client, sent, os, o s",
        "pending client, not yet started, not provided, overdue, past due, late, reopened, active",
        "pending receipt, not submitted, awaiting evidence, unstarted, assigned, request sent",
    ),
    "in_progress": word_set(
        "in progress, wip, started, ongoing, working, in process, partially received, partial",
        "partially provided, partly received, incomplete, work in progress, underway, in work",
        "partially complete, in preparation",
    ),
    "submitted": word_set(
        "recd, received, submitted, provided, uploaded, delivered, sent to auditor, rcvd",
        "ready for review, client complete, client submitted, with auditor, pending review",
        "provided by client, awaiting review, submitted for review, evidence provided",
    ),
    "under_review": word_set(
        "under review, in review, reviewing, being reviewed, auditor review, review",
        "auditor reviewing, review in progress, audit review, under audit review",
    ),
    "accepted": word_set(
        "accepted, approved, satisfied, cleared, closed, complete, completed, done, ok, final",
        "reviewed, reviewed and accepted, no further action, audit complete, finalized, resolved",
    ),
    "returned": word_set(
        "returned, rejected, follow up, follow up required, follow up needed, followup",
        "more info needed, more information needed, additional info requested, resubmit",
        "additional information requested, need more info, re requested, revise, insufficient",
        "returned to client, clarification needed, needs revision, additional info needed",
        "not accepted, needs follow up, revision required, sent back",
    ),
    "na_proposed": word_set("n a proposed, proposed n a, na proposed, proposed na"),
    "not_applicable": word_set("n a, na, not applicable, does not apply, non applicable"),
    "withdrawn": word_set(
        "withdrawn, cancelled, canceled, removed, deleted, no longer needed, void, not needed",
        "not required, dropped, no longer required, obsolete, duplicate",
    ),
}

KINDS: Final[Mapping[str, frozenset[str]]] = {
    "document": word_set(
        "document, documents, doc, docs, policy, procedure, policy procedure, report, file",
        "documentation, evidence, inspection, agreement, contract, other, policies, minutes, pdf",
        "supporting document, support, general, upload, standard, one time, single",
    ),
    "configuration": word_set(
        "configuration, config, configurations, screenshot, screenshots, screen shot, settings",
        "screen shots, screen print, screen capture, system setting, system settings, setting",
        "system configuration, system evidence, screenprint, automated, screen",
    ),
    "population": word_set(
        "population, populations, population listing, listing, list, full population, export",
        "system listing, population list, universe, population request, data extract, extract",
    ),
    "sample": word_set(
        "sample, samples, sample selection, sample selections, selection, selections, sampled",
        "sample evidence, sample request, test sample, sample testing, sample item, sample items",
        "sample support",
    ),
    "walkthrough": word_set(
        "walkthrough, walk through, meeting, interview, inquiry, demo, demonstration",
        "observation, walkthroughs, walkthrough meeting, live walkthrough, enquiry",
    ),
    "confirmation": word_set(
        "confirmation, confirm, written confirmation, statement, representation, attestation",
        "written statement, letter, sign off, signoff, certification",
    ),
    "narrative": word_set(
        "narrative, description, process narrative, process description, questionnaire, memo",
        "written response, explanation, response, question, text, written, flowchart",
    ),
}

PRIORITIES: Final[Mapping[str, frozenset[str]]] = {
    "high": word_set("high, h, 1, urgent, critical, p1, hi, very high, must, top, asap"),
    "medium": word_set("medium, med, m, 2, normal, moderate, p2, standard, mid, average, regular"),
    "low": word_set("low, l, 3, p3, lo, minor, nice to have, 4, p4"),
}

SENSITIVITIES: Final[Mapping[str, frozenset[str]]] = {
    "normal": word_set("normal, no, n, standard, open, team, false, none, internal, unrestricted"),
    "restricted": word_set(
        "restricted, yes, y, confidential, sensitive, named people only, true, x",
        "highly confidential, strictly confidential",
    ),
}

APOSTROPHES: Final = re.compile("['’‘`´]")
NOT_WORDS: Final = re.compile(r"[^\w#]+|_")
DATE_FORMAT: Final = re.compile(r"\b(mm|m) (dd|d) (yyyy|yy|y)\b|\b(dd|d) (mm|m) (yyyy|yy|y)\b")


def folded_words(text: str) -> str:
    """Words as they are looked up: lower case, no marks, `#` as `no`, `Rec'd` as `recd`."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("(s)", "s")
    plain = NOT_WORDS.sub(" ", APOSTROPHES.sub("", plain)).replace("#", " no ")
    return DATE_FORMAT.sub("", " ".join(plain.split())).strip()


def meaning(word: str, table: Mapping[str, frozenset[str]]) -> str:
    """What a status, type or priority means by its table; empty when it is not known."""
    folded = folded_words(word)
    return next((value for value, words in table.items() if folded in words), "")
