"""What is there in the end, read as the owner of the tables, from the store and the mail server."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from tests.faults.history import Effect, State
from tests.stories.stack import Stack

REQUESTS = "evidence_evidencerequest r"
EFFECTS = {
    "draft": f"SELECT title, ref FROM {REQUESTS}",
    "send": f"SELECT title, '' FROM {REQUESTS} WHERE opened_at IS NOT NULL",
    "submit": f"SELECT title, '' FROM evidence_submission s JOIN {REQUESTS} "
    "ON r.id = s.evidence_request_id",
    "begin_review": f"SELECT title, '' FROM {REQUESTS} WHERE status IN ('under_review', "
    "'accepted')",
    "accept": f"SELECT title, '' FROM {REQUESTS} WHERE status = 'accepted'",
    "file": "SELECT name, '' FROM evidence_fileversion",
    "comment": "SELECT text, '' FROM evidence_message",
    "list": "SELECT name, '' FROM evidence_requestimport",
    "import": "SELECT name, '' FROM evidence_requestimport WHERE status = 'done'",
    "package": "SELECT id::text, '' FROM evidence_package",
    "published": "SELECT id::text, '' FROM evidence_package WHERE status = 'ready'",
    "invitation": "SELECT email, '' FROM tenants_invitation WHERE invited_by_id IS NOT NULL",
}
"""Kind of effect → (word, what an answer tells of it)."""
ENTRIES = {
    "draft": ("drafted", f"JOIN {REQUESTS} ON r.id = t.subject_id", "r.title"),
    "send": ("send", f"JOIN {REQUESTS} ON r.id = t.subject_id", "r.title"),
    "submit": ("submit", f"JOIN {REQUESTS} ON r.id = t.subject_id", "r.title"),
    "begin_review": ("begin_review", f"JOIN {REQUESTS} ON r.id = t.subject_id", "r.title"),
    "accept": ("accept", f"JOIN {REQUESTS} ON r.id = t.subject_id", "r.title"),
    "file": (
        "uploaded",
        "JOIN evidence_fileversion v ON v.id = (t.detail ->> 'file_version')::uuid",
        "v.name",
    ),
    "list": ("list_handed_in", "JOIN evidence_requestimport i ON i.id = t.subject_id", "i.name"),
    "import": ("list_imported", "JOIN evidence_requestimport i ON i.id = t.subject_id", "i.name"),
    "package": ("requested", "", "t.subject_id::text"),
    "published": ("publish", "", "t.subject_id::text"),
    "invitation": ("invited", "JOIN tenants_invitation i ON i.id = t.subject_id", "i.email"),
}
"""Kind of effect → verb of its entry, how the entry finds its word, and the word."""
TALK = """SELECT r.id, (SELECT array_agg(m.text ORDER BY m.written_at, m.id) FROM evidence_message m
    WHERE m.evidence_request_id = r.id),
  (SELECT count(*) FROM tenants_trailentry t WHERE t.subject_id = r.id AND t.verb = 'commented')
FROM evidence_evidencerequest r"""
NAMED = """SELECT storage_key, sha256 FROM evidence_fileversion WHERE erased_at IS NULL
UNION ALL SELECT storage_key, sha256 FROM evidence_requestimport
UNION ALL SELECT storage_key, sha256 FROM evidence_package WHERE storage_key <> ''"""
DIGESTS = """SELECT u.email || ' ' || d.day, d.status FROM tenants_digest d
JOIN tenants_user u ON u.id = d.person_id"""
UNDONE = """SELECT task || ' ' || id FROM tenants_outboxentry WHERE done_at IS NULL
AND parked_at IS NULL AND due_at <= clock_timestamp()"""
PARKED = "SELECT task || ' ' || last_error FROM tenants_outboxentry WHERE parked_at IS NOT NULL"


def state_of(stack: Stack, before: State | None = None) -> State:
    """Everything a checker asks for. `before`: what was there before the first call."""
    state = State()
    for kind, query in EFFECTS.items():
        for word, said in stack.rows(query):
            effect = (kind, word)
            state.effects[effect] = state.effects.get(effect, 0) + 1
            if said:
                state.said[effect] = said
    for kind, (verb, join, word) in ENTRIES.items():
        query = f"SELECT {word} FROM tenants_trailentry t {join} WHERE t.verb = %s"
        for (found,) in stack.rows(query, verb):
            state.trail[(kind, found)] = state.trail.get((kind, found), 0) + 1
    _talk(stack, state)
    state.named = dict(stack.rows(NAMED))
    state.stored = _stored(stack)
    _mails(stack, state)
    state.undone = [row[0] for row in stack.rows(UNDONE)]
    state.parked = [row[0] for row in stack.rows(PARKED)]
    for effect in before.effects if before else ():
        state.effects.pop(effect, None)
        state.trail.pop(effect, None)
    return state


def _talk(stack: Stack, state: State) -> None:
    """An entry names its request, not its message: they are counted against each other."""
    for _, texts, entries in stack.rows(TALK):
        told: dict[Effect, int] = Counter(("comment", text) for text in (texts or [])[:entries])
        surplus = entries - len(texts or [])
        if surplus > 0:
            told[("comment", f"{surplus} entries without a message")] = 1
        state.trail |= told


def _stored(stack: Stack) -> dict[str, str]:
    """Key → SHA-256 of the bytes that are published."""
    root = stack.folder / "evidence"
    return {
        f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.glob("*-*/*")
        if path.is_file()
    }


def _mails(stack: Stack, state: State) -> None:
    """Digests are owed once a day; an invitation's letter goes once, if it goes."""
    state.obligations = dict(stack.rows(DIGESTS))
    for (address,) in stack.rows("SELECT email FROM tenants_invitation"):
        state.obligations[f"{address} invitation"] = "unknown"
    days = {key.split(" ")[0]: key for key in state.obligations if "invitation" not in key}
    found: Counter[str] = Counter()
    for letter in list(stack.mailbox.letters):
        address, invites = str(letter["To"]), "invites" in str(letter["Subject"])
        found[f"{address} invitation" if invites else days.get(address, address)] += 1
    state.mails = dict(found)


def told(state: State) -> dict[str, Any]:
    """How much there is, for people to read."""
    mails = Counter(state.obligations.values())
    return {
        "effects": sum(state.effects.values()), "trail entries": sum(state.trail.values()),
        "stored files": len(state.stored), "mails": sum(state.mails.values()),
        "mail statuses": dict(mails),
    }  # fmt: skip
