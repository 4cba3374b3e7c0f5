"""The headings firms give the columns of their request lists, and what each column holds.

Collected from the lists of audit firms and of the usual tracking tools. Every heading stands
folded, as `folded_words` leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from evidence.rules.request_list_words import ListField, word_set

F = ListField

# Columns that are known, and known to hold nothing that is imported.
NOT_IMPORTED: Final = word_set(
    "control description, control activity, control narrative, control title, control name",
    "test procedure, test procedures, test performed, test step, testing procedure, test",
    "file name, filename, link, location, file location, folder, path, document name, url",
    "firm contact, auditor, audit contact, assigned auditor, reviewer, firm owner, firm assignee",
    "days outstanding, days overdue, aging, age, count, version, title of contact, phone",
    "row in the list, what to fix",
)

HEADINGS: Final[Mapping[ListField, frozenset[str]]] = {
    F.REF: word_set(
        "ref, ref no, ref id, reference, reference no, reference number, reference id, ref number",
        "no, number, id, item no, item number, item id, item ref, request no, request number",
        "request id, request ref, req no, req id, req, pbc no, pbc number, pbc id, pbc ref",
        "pbc reference, pbc, rfi no, rfi id, index, line, line no, sr no, s no, sl no, serial no",
        "document no, evidence id, evidence no, tracking no, ticket, irl no, dr no, seq, key",
    ),
    F.AREA: word_set(
        "area, section, category, domain, topic, process, process area, function, department",
        "workstream, subject, group, control area, audit area, business process, control domain",
        "process name, control family, family, control category, request category, tab, module",
    ),
    F.TITLE: word_set(
        "request, title, request title, item, items, item requested, items requested",
        "requested item, requested items, request item, request name, request description",
        "description of request, document requested, documents requested, document request",
        "documentation requested, evidence requested, evidence request, information requested",
        "information request, pbc item, pbc request, pbc description, deliverable, deliverables",
        "requirement, evidence required, documentation required, document required, documents",
        "documentation, evidence, evidence description, item description, description of item",
        "requested documentation, requested evidence, requested information, audit request",
        "request summary, summary, name, document, request text, support requested, support",
        "description of evidence, description of document, document description, what we need",
        "description of items requested, description of information requested, ask",
    ),
    F.DESCRIPTION: word_set(
        "description, details, detail, request details, request detail, additional details",
        "detailed description, detailed request, further description, specifics, full description",
        "additional information, long description, explanation, request instructions",
        "instructions, additional description, description details",
    ),
    F.ACCEPTANCE_HINT: word_set(
        "acceptance hint, acceptance criteria, what good looks like, expected evidence, example",
        "examples, example evidence, suggested evidence, evidence guidance, guidance, hints",
        "sample evidence, examples of evidence, evidence examples, expected content, tip, tips",
    ),
    F.CRITERIA: word_set(
        "criteria, criterion, tsc, tsc ref, tsc reference, tsc criteria, tsc no, tsc id, tsp ref",
        "trust services criteria, trust service criteria, trust criteria, tsp, soc 2 criteria",
        "soc 2 ref, soc2 ref, soc criteria, criteria ref, criteria reference, criteria no, cc ref",
        "common criteria, trust principle, trust services category, trust category, principle",
        "control objective, control objectives, objective, objectives, control objective no",
        "control objective ref, objective no, objective ref, objective id, control objective id",
        "criteria covered, related criteria, mapped criteria, scope items, scope item, co, co no",
        "tsc objective, criteria objective, criteria objectives, framework ref, tsc mapping",
    ),
    F.CONTROLS: word_set(
        "control, controls, control no, control id, control number, control ref, control ids",
        "control reference, related control, related controls, mapped control, mapped controls",
        "control nos, ctrl, ctrl id, ctrl no, control numbers, key control, client control id",
        "control s, controls covered, control activity no, control activity id, control code",
        "linked controls, associated control, associated controls, client control no",
    ),
    F.KIND: word_set(
        "type, kind, request type, evidence type, type of evidence, type of request, item type",
        "document type, evidence kind, evidence category, req type, nature, request kind",
        "type of document, test type, format",
    ),
    F.OWNER_NAME: word_set(
        "responsible, responsible client, owner, client owner, assigned to, assignee, contact",
        "responsible party, responsible person, client contact, poc, point of contact, who",
        "person responsible, control owner, process owner, provided by, client responsible",
        "assigned client, request owner, pbc owner, owner name, client assignee, client poc",
        "responsible individual, contact person, contact name, evidence owner, primary contact",
        "client responsibility, assigned, assigned owner, responsibility, client lead, provider",
        "client name, responsible owner, responsible team, client responsible party",
    ),
    F.OWNER_EMAIL: word_set(
        "owner email, email, email address, owner e mail, e mail, e mail address, contact email",
        "client email, responsible email, assignee email, poc email, owner email address",
        "owner e mail address, email of owner, responsible e mail, contact e mail, user email",
        "client contact email, assigned to email, owners, client owner email, owner mail",
    ),
    F.CONTRIBUTORS: word_set(
        "contributors, contributor, contributor emails, contributor email, additional owners",
        "secondary owner, backup owner, backup, delegate, delegates, cc, copy, other contacts",
        "secondary contact, backup contact, additional contacts, collaborators, supporting",
    ),
    F.REQUESTED_ON: word_set(
        "requested on, date requested, request date, requested date, requested, date of request",
        "date sent, sent, sent on, issued, issued on, date issued, issue date, open date, opened",
        "opened on, date opened, initial request date, date added, added on, date of issue",
    ),
    F.DUE_ON: word_set(
        "due on, due date, due, date due, deadline, needed by, date needed, required by, due by",
        "required date, date required, target date, expected date, requested due date, need by",
        "client due date, pbc due date, expected by, respond by, response due, return by, needed",
        "requested by date, need by date, submission deadline, eta, target, target due date",
    ),
    F.PRIORITY: word_set(
        "priority, prio, urgency, importance, risk, risk rating, priority level, rank, criticality",
    ),
    F.STATUS: word_set(
        "status, state, request status, item status, current status, pbc status, progress",
        "overall status, status of request, client status, audit status, auditor status",
        "completion status, evidence status, open closed, received y n, status update",
    ),
    F.RECEIVED_ON: word_set(
        "received on, date received, date recd, received, recd, received date, recd date, rcvd",
        "date rcvd, date provided, provided on, date submitted, submitted on, submission date",
        "date uploaded, uploaded on, date completed, completed on, completion date, date closed",
    ),
    F.PERIOD_FROM: word_set(
        "period from, from, period start, start date, from date, coverage from, period begin",
        "start of period, period start date, evidence from, coverage start, begin date",
    ),
    F.PERIOD_TO: word_set(
        "period to, to, period end, end date, to date, coverage to, end of period, through",
        "period end date, evidence to, coverage end, period through",
    ),
    F.AS_OF: word_set("as of, as of date, as at, as at date, point in time, effective date, as on"),
    F.SENSITIVITY: word_set("sensitivity, confidentiality, restricted, visibility"),
    F.COMMENT: word_set(
        "comment, comments, auditor comments, auditor comment, notes, note, remarks, remark",
        "auditor notes, audit comments, client comments, client comment, client notes, feedback",
        "status comments, additional comments, response, client response, follow up, questions",
        "auditor remarks, firm comments, reviewer comments, reason, observations, open points",
    ),
}

# Tried in this order on headings that no list above holds.
PATTERNS: Final[tuple[tuple[re.Pattern[str], ListField], ...]] = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (r"\be ?mails?\b", F.OWNER_EMAIL),
        (r"\b(due|deadline|need(ed)? by|required by|respond by)\b", F.DUE_ON),
        (r"\b(date|on)\b.*\b(recd|received|provided|uploaded|submitted)\b", F.RECEIVED_ON),
        (r"\b(recd|received|provided|uploaded|submitted)\b.*\b(date|on)\b", F.RECEIVED_ON),
        (r"\b(date|on)\b.*\b(requested|sent|issued)\b", F.REQUESTED_ON),
        (r"\b(requested|request|sent|issued)\b.*\b(date|on)\b", F.REQUESTED_ON),
        (r"\b(comments?|notes?|remarks?)\b", F.COMMENT),
        (r"\bstatus\b", F.STATUS),
        (r"\b(priority|urgency)\b", F.PRIORITY),
        (r"\b(tsc|tsp|criteri(a|on)|trust|objectives?)\b", F.CRITERIA),
        (r"\bcontrols?\b.*\b(no|id|ids|number|ref|reference|code)\b", F.CONTROLS),
        (r"\b(owner|responsible|assigned|assignee|contact)\b", F.OWNER_NAME),
        (r"\b(request|req|pbc|item|evidence)\b.*\b(no|id|number|ref|reference)\b", F.REF),
        (r"\b(type|kind)\b", F.KIND),
        (r"\b(request|requested|pbc|evidence|document(s|ation)?)\b", F.TITLE),
        (r"\b(description|details?)\b", F.DESCRIPTION),
    )
)
