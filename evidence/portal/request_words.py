"""How the trail of requests and files reads, on their own pages and in an engagement's history."""

from __future__ import annotations

from tenants.portal.trail_words import ICONS, PHRASES

WORDS = {
    "drafted": "drafted {label}",
    "edited": "changed what {label} says",
    "discarded": "discarded the draft {label}",
    "looked_after": "said who looks after {label}",
    "send": "sent {label} to the client",
    "start": "began to answer {label}",
    "submit": "submitted {label}",
    "recall": "took {label} back",
    "begin_review": "began to review {label}",
    "accept": "accepted {label}",
    "give_back": "returned {label}",
    "propose_na": "proposed {label} as not applicable",
    "agree_na": "agreed that {label} does not apply",
    "refuse_na": "said that {label} is still needed",
    "withdraw": "withdrew {label}",
    "reopen": "opened {label} again",
    "due_date_changed": "changed the due date of {label}",
    "due_date_proposed": "asked for another due date for {label}",
    "due_date_kept": "kept the due date of {label}",
    "commented": "wrote about {label}",
    "noted": "noted something about {label}",
    "answered": "wrote an answer to {label}",
    "uploaded": "uploaded a file for {label}",
    "linked": "linked a file to {label}",
    "unlinked": "took a file off {label}",
    "file_withdrawn": "withdrew a file of {label}",
    "coverage_set": "set the dates a file of {label} covers",
    "downloaded": "downloaded a file of {label}",
}
"""Verb → what follows the person's name; `{label}` is the request's reference."""
MARKS = {
    "drafted": "pencil", "edited": "pencil", "discarded": "trash", "looked_after": "user-check",
    "due_date_changed": "calendar-event", "due_date_proposed": "calendar-due",
    "due_date_kept": "calendar-check", "uploaded": "file-upload", "linked": "link",
    "unlinked": "link-off", "file_withdrawn": "trash", "coverage_set": "calendar-time",
    "downloaded": "download", "commented": "message", "noted": "lock", "answered": "writing",
}  # fmt: skip
"""Verb → icon; a move shows its status's."""

PHRASES.update({f"evidencerequest.{verb}": words for verb, words in WORDS.items()})
PHRASES.update(
    {
        "engagement.people_suggested": "named people for the client to invite",
        "engagement.requests_exported": "exported the request list",
    }
)
ICONS.update({f"evidencerequest.{verb}": name for verb, name in MARKS.items()})
ICONS.update(
    {
        "engagement.people_suggested": "users-plus",
        "engagement.requests_exported": "file-export",
    }
)
