"""Who may do what in the firm's file: papers, signatures, review notes, decisions on rules."""

from __future__ import annotations

from typing import Any

from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Who
from tenants.choices import Role
from tenants.permissions import P

SIGNER = Who("who signed it", lambda who, state: who.role == Role.SENIOR)
ASKER = Who("its author, or a manager", lambda who, state: who.role in (Role.MANAGER, Role.PARTNER))
NAMES: dict[str, Any] = {"sees": ON_THE_ENGAGEMENT, "page_sees": FIRM_TEAM}

PAPER = (
    Resource("paper", "Paper of the file", FIRM_TEAM,
             note="A signature stands while the paper is what was signed; the role decides the "
                  "level.")
    .may("list", api="GET papers", pages="audits:file")
    .may("view", api="GET paper", pages="audits:paper")
    .may("open", api="POST paper-opened", pages="audits:paper_opened")
    .may("sign", P.WRITE_WORKPAPER, api="POST paper-sign", pages="audits:paper_sign",
         note="as prepared; the next level takes a higher grade, the last the partner")
    .may("sign several", P.WRITE_WORKPAPER, api="POST paper-sign-many",
         pages="audits:sign_many", note="those one has opened as they are")
)  # fmt: skip

SIGN_OFF = (
    Resource("sign_off", "Signature", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET sign-off-list", note="those in sight")
    .may("view", api="GET sign-off-detail")
    .may("view the difference", api="GET sign-off-difference", pages="audits:difference")
    .may("take back", only=SIGNER, api="POST sign-off-take-back",
         pages="audits:take_signature_back", note="before the next level has signed")
)  # fmt: skip

WORKPAPER = (
    Resource("workpaper", "Workpaper", FIRM_TEAM,
             note="The quality reviewer writes their own; a proposal to lock is a leader's.")
    .may("list", sees=EVERYBODY, api="GET workpaper-list", note="those in sight")
    .may("view", api="GET workpaper-detail")
    .may("write", P.WRITE_WORKPAPER, **NAMES, api="POST workpaper-list",
         pages="audits:workpaper_new")
    .may("change", P.WRITE_WORKPAPER, api="PATCH workpaper-detail", pages="audits:workpaper_edit")
    .may("remove", P.WRITE_WORKPAPER, api="DELETE workpaper-detail",
         pages="audits:workpaper_remove", note="while nobody has signed it")
)  # fmt: skip

REVIEW_NOTE = (
    Resource("review_note", "Review note", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET review-note-list", note="those in sight")
    .may("view", api="GET review-note-detail")
    .may("write", P.WRITE_REVIEW_NOTE, **NAMES, api="POST review-note-list",
         pages="audits:note_new")
    .may("answer", P.ANSWER_REVIEW_NOTE, api="POST review-note-answer",
         pages="audits:note_answer")
    .may("clear", P.WRITE_REVIEW_NOTE, only=ASKER, api="POST review-note-clear",
         pages="audits:note_clear")
)  # fmt: skip

RULE_DECISION = (
    Resource("rule_decision", "Decision on a rule", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET rule-decision-list", note="those in sight")
    .may("view", api="GET rule-decision-detail")
    .may("decide", P.DECIDE_ENGAGEMENT, **NAMES, api="POST rule-decision-list",
         pages="audits:decide", note="while it is open, and may be set aside")
)  # fmt: skip

RESOURCES = [PAPER, SIGN_OFF, WORKPAPER, REVIEW_NOTE, RULE_DECISION]
OPEN: dict[str, str] = {}
TASKS = {"audits.file_deadline": "the engagement: notices that its file is to be locked"}
