"""Who may do what to evidence requests, files, lists and packages: this app's lines."""

from __future__ import annotations

from evidence.actions import evidence_requests, packages
from evidence.choices import (
    OVER,
    WITH_CLIENT,
    ImportStatus,
    PackageStatus,
    RequestStatus,
)
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Standing, Who
from tenants.choices import Role
from tenants.permissions import P

S = RequestStatus
NOT_OVER = tuple(str(status) for status in S if status not in OVER)
SENT = tuple(str(status) for status in S if status != S.DRAFT)
SENT_NOT_OVER = tuple(status for status in NOT_OVER if status != S.DRAFT)
NOT_DONE = (ImportStatus.READING, ImportStatus.READY, ImportStatus.REFUSED)
AT_REST = (PackageStatus.READY, PackageStatus.FAILED)
THE_CLIENTS = tuple(str(status) for status in WITH_CLIENT)


def _knows(who: Standing, state: str) -> bool:
    """Drafts are the firm's; all of the sent ones for who sees all, one's own for the others."""
    if state == S.DRAFT and not who.holds(P.VIEW_FIRM_FILE):
        return False
    return who.holds(P.VIEW_ALL_REQUESTS) or (who.holds(P.VIEW_ENGAGEMENT) and bool(who.part))


def _answers(who: Standing, state: str) -> bool:
    return who.role == Role.CLIENT_ADMIN or bool(who.part)


def _submits(who: Standing, state: str) -> bool:
    return who.role == Role.CLIENT_ADMIN or who.part == "owner"


KNOWING = Who(
    "people on the engagement who see all requests, and those named on this one; drafts, the firm",
    _knows,
)
SENT_KNOWING = Who(KNOWING.words, lambda who, state: _knows(who, S.OPEN))
THE_CLIENTS_SIDE = Who(
    "the client's people who know the request",
    lambda who, state: who.is_client and _knows(who, state),
)
THE_FIRMS_SIDE = Who(
    "the firm's people who know the request",
    lambda who, state: not who.is_client and _knows(who, state),
)
ANSWERING = Who("its owner, its contributors, the client's administrators", _answers)
SUBMITTING = Who("its owner, the client's administrators", _submits)
ACCEPTING = Who(
    "staff: documents and configurations; every other kind takes a senior", lambda who, state: True
)
REOPENING = Who("a senior until fieldwork has ended, then a manager", lambda who, state: True)
HANDED_OVER = Who(
    "people who know the request; the firm once it was handed over",
    lambda who, state: _knows(who, S.OPEN) and (who.is_client or state == "handed_over"),
)
DATING = Who(
    "the client while it answers, the reviewers afterwards",
    lambda who, state: _answers(who, state) or who.holds(P.REVIEW_EVIDENCE),
)
BULK_PAGES = {
    name: f"evidence:requests_bulk/{name}"
    for name in ("send", "submit", "begin_review", "accept", "withdraw")
}
"""Moves that the list offers for several requests at once: all or none, each as by itself."""

REQUEST = (
    Resource("evidence_request", "Evidence request", KNOWING, dict(S.choices),
             note="A restricted request exists only for the people it names.")
    .may("list", sees=EVERYBODY, api="GET evidence-request-list", note="those in sight")
    .may("list in an engagement", sees=ON_THE_ENGAGEMENT, pages="evidence:requests")
    .may("export", sees=ON_THE_ENGAGEMENT, api="GET evidence-request-export",
         pages="evidence:requests_export", note="those in sight")
    .may("view", api="GET evidence-request-detail, GET request-submission-list, "
         "GET request-history-list", pages="evidence:request")
    .may("draft", P.DRAFT_REQUEST, sees=ON_THE_ENGAGEMENT, api="POST evidence-request-list",
         pages="evidence:request_new")
    .may("edit a draft", P.DRAFT_REQUEST, states=(S.DRAFT,), api="PATCH evidence-request-detail",
         pages="evidence:request_edit")
    .may("edit", P.SEND_REQUEST, states=SENT_NOT_OVER, sees=SENT_KNOWING,
         api="PATCH evidence-request-detail", pages="evidence:request_edit")
    .may("discard", P.DRAFT_REQUEST, states=(S.DRAFT,), api="DELETE evidence-request-detail",
         pages="evidence:request_discard")
    .may("look after", P.DRAFT_REQUEST, api="POST evidence-request-look-after",
         pages="evidence:look_after, evidence:requests_bulk/look_after",
         note="among the firm's people")
    .may("change due date", P.CHANGE_DUE_DATE, states=NOT_OVER,
         api="POST evidence-request-change-due-date",
         pages="evidence:due_date, evidence:requests_bulk/change_due_date",
         note="past the end of fieldwork, a manager")
    .may("propose due date", P.PROPOSE_DUE_DATE, only=SUBMITTING, states=THE_CLIENTS,
         api="POST evidence-request-propose-due-date", pages="evidence:due_date_ask")
    .may("keep due date", P.CHANGE_DUE_DATE, api="POST evidence-request-decline-due-date",
         pages="evidence:due_date_keep", note="when the client asked for another")
    .may("write the answer", P.UPLOAD_EVIDENCE, only=ANSWERING, states=THE_CLIENTS,
         api="POST evidence-request-own-answer", pages="evidence:answer")
    .may("read the answer", sees=THE_CLIENTS_SIDE, api="GET evidence-request-own-answer",
         note="before it is handed over, the client's alone")
    .may("edit several drafts", P.DRAFT_REQUEST, states=(S.DRAFT,),
         api="POST evidence-request-bulk-edit", note="each as by itself, all or none")
    .may("edit several", P.SEND_REQUEST, states=SENT_NOT_OVER, sees=SENT_KNOWING,
         api="POST evidence-request-bulk-edit", note="each as by itself, all or none")
    .may("see who is missing", P.SEND_REQUEST, P.ASSIGN_CLIENT_PEOPLE, sees=ON_THE_ENGAGEMENT,
         pages="evidence:absent_people", note="the firm names them, the client lets them in")
    .moves(evidence_requests.LIFECYCLE, api="evidence-request-{0}, POST evidence-request-bulk/{0}",
           pages="evidence:request_move/{}", also=BULK_PAGES,
           only={"submit": SUBMITTING, "recall": SUBMITTING, "propose_na": SUBMITTING,
                 "accept": ACCEPTING, "reopen": REOPENING})
)  # fmt: skip

TALK = (
    Resource("message", "Message on a request", KNOWING, dict(S.choices))
    .may("read", api="GET request-message-list")
    .may("write", P.COMMENT, states=SENT, api="POST request-message-list", pages="evidence:comment")
)  # fmt: skip

NOTE = (
    Resource("firm_note", "Note among the firm", THE_FIRMS_SIDE)
    .may("read", api="GET request-firm-note-list")
    .may("write", P.WRITE_FIRM_NOTE, page_sees=KNOWING, api="POST request-firm-note-list",
         pages="evidence:note")
)  # fmt: skip

FILE = (
    Resource("file", "File on a request", HANDED_OVER,
             {"added": "Added, not handed over", "handed_over": "Handed over"})
    .may("list", sees=EVERYBODY, api="GET evidence-link-list", note="those in sight")
    .may("view", api="GET evidence-link-detail, GET file-version-detail")
    .may("download", api="GET evidence-link-download", pages="evidence:download",
         note="written into the trail before the first byte")
    .may("upload", P.UPLOAD_EVIDENCE, only=ANSWERING, sees=KNOWING, api="POST request-file-list",
         pages="evidence:upload", note="while it is with the client")
    .may("upload a new version", P.UPLOAD_EVIDENCE, only=ANSWERING, pages="evidence:new_version",
         note="while it is with the client")
    .may("link", P.UPLOAD_EVIDENCE, only=ANSWERING, page_sees=KNOWING,
         api="POST evidence-link-list", pages="evidence:link_files",
         note="while it is with the client")
    .may("date", only=DATING, api="PATCH evidence-link-detail", pages="evidence:coverage")
    .may("remove", P.UPLOAD_EVIDENCE, only=ANSWERING, states=("added",),
         api="DELETE evidence-link-detail", pages="evidence:unlink",
         note="while it is with the client")
    .may("withdraw", P.SUBMIT_REQUEST, only=ANSWERING, api="POST evidence-link-withdraw",
         pages="evidence:withdraw_file", note="before any acceptance")
)  # fmt: skip

IMPORT = (
    Resource("request_import", "Request list handed in", FIRM_TEAM, dict(ImportStatus.choices))
    .may("list", sees=EVERYBODY, api="GET request-import-list", note="those in sight")
    .may("list in an engagement", pages="evidence:imports")
    .may("view", api="GET request-import-detail, GET request-import-rows",
         pages="evidence:import, evidence:import_progress, evidence:import_corrections")
    .may("hand in", P.DRAFT_REQUEST, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST request-import-list", pages="evidence:import_new")
    .may("read again", P.DRAFT_REQUEST, states=NOT_DONE,
         api="POST request-import-read-again",
         pages="evidence:import_columns, evidence:import_again")
    .may("choose rows", P.DRAFT_REQUEST, states=NOT_DONE, pages="evidence:import_choose")
    .may("import", P.DRAFT_REQUEST, states=(ImportStatus.READY,),
         api="POST request-import-import", pages="evidence:import_commit")
    .may("discard", P.DRAFT_REQUEST, states=NOT_DONE,
         api="POST request-import-discard", pages="evidence:import_discard")
)  # fmt: skip

PACKAGE = (
    Resource("package", "Package", FIRM_TEAM, dict(PackageStatus.choices))
    .may("list", sees=EVERYBODY, api="GET package-list", note="those in sight")
    .may("list in an engagement", pages="evidence:packages")
    .may("view", api="GET package-detail", pages="evidence:package_progress")
    .may("assemble", P.BUILD_PACKAGE, states=AT_REST, sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         api="POST package-list", pages="evidence:package_assemble",
         note="one at a time: the last one is at rest")
    .may("download", P.DOWNLOAD_PACKAGE, states=(PackageStatus.READY,),
         api="GET package-download", pages="evidence:package_download",
         note="written into the trail before the first byte")
    .moves(packages.LIFECYCLE, api="package-{}", pages="evidence:package_{}")
)  # fmt: skip

RESOURCES = [REQUEST, TALK, NOTE, FILE, IMPORT, PACKAGE]
OPEN: dict[str, str] = {}
TASKS = {
    "evidence.assemble": "the engagement, from its firm's side: freezes and writes its package",
    "evidence.assemble.parked": "the engagement: says that its package failed",
    "evidence.clear_attempts": "the engagement: removes what attempts at its package left",
    "evidence.clear_abandoned_drafts": "nobody: the store's own leftovers, which are no rows",
    "evidence.clear_unnamed_bytes": "nobody: bytes that no row names, whichever tenant's folder",
    "evidence.end_list_without_its_person": "the engagement: says why a list was not read",
    "evidence.erase_bytes": "the person who uploaded the erased version",
    "evidence.put_list_aside": "the engagement: a list nobody imported",
    "evidence.read_list": "the person who handed the list in",
    "evidence.read_list.parked": "the person who handed the list in",
    "evidence.remind": "the engagement: notes the day's reminders",
    "evidence.suggest_a_call": "the engagement: notices, and no content",
    "evidence.tell_*": "the engagement: notices, whose words are read as their reader",
}
