"""What a forger does to a copy of a trail: one change each, drawn from a seeded generator.

Every change leaves a copy that looks right to somebody who does not compute: places are numbered
anew, the first line says the new size, and a checkpoint inside is signed with the platform's own
key where the forger would have it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from tenants.rules.merkle import Levels
from tenants.rules.trail_copies import closed_line, head_line, open_line
from tenants.rules.trail_leaves import seal
from tenants.trail_verifier import Checkpoint, canonical, commitment_of, leaf_of
from tests.trails import READ_BY, Trail

Lines = list[bytes]
Change = Callable[[Trail, Lines, random.Random], Lines]
FIELDS = ("verb", "before", "after", "subject_id", "person_id", "at", "subject_version", "zone")
TEXTS = ("person_name", "subject_label", "note", "address")


def edit(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Change one value of one line; a changed text gets a commitment that fits."""
    place = draw.randrange(1, len(lines))
    line = json.loads(lines[place])
    if "closed" in line:
        digest = line["closed"]
        line["closed"] = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    elif draw.random() < 0.5:
        name = draw.choice(FIELDS)
        line["entry"][name] = _another(line["entry"][name], draw)
    else:
        line["text"][draw.choice(TEXTS)] = f"forged {draw.randrange(10**6)}"
        if draw.random() < 0.5:
            line["entry"]["commitment"] = commitment_of(line["text"])
    return [*lines[:place], canonical(line), *lines[place + 1 :]]


def blank(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Take the text of an entry away, as if it had been erased by right."""
    place = draw.choice([n for n, line in enumerate(lines) if b'"entry":' in line])
    line = json.loads(lines[place]) | {"text": None}
    return [*lines[:place], canonical(line), *lines[place + 1 :]]


def close(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Show an entry as if it were the other side's."""
    place = draw.choice([n for n, line in enumerate(lines) if b'"entry":' in line])
    held = trail.places[place - 1]
    zone, named = draw.choice([(held.zone, False), ("client", False), (held.zone, True)])
    closed = closed_line(replace(held, zone=zone, named=named))
    return [*lines[:place], closed, *lines[place + 1 :]]


def delete(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Leave out one line, or a few in a row."""
    place = draw.randrange(1, len(lines) - 1)
    return _renumbered([*lines[:place], *lines[place + draw.randint(1, 3) :]])


def insert(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Put in an entry that never was: another's, or one made for it."""
    place = draw.randrange(1, len(lines) + 1)
    if draw.random() < 0.5:
        forged = draw.choice(lines[1:])
    else:
        other = Trail(1, draw.randrange(10**9))
        entry = other.entries[0]
        entry.engagement_id, entry.zone, entry.named = trail.book, "shared", None
        forged = open_line(replace(other.places[0], zone="shared"), seal(entry))
    return _renumbered([*lines[:place], forged, *lines[place:]])


def reorder(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Let two entries change places, or turn a stretch around."""
    first, second = sorted(draw.sample(range(1, len(lines)), 2))
    changed = list(lines)
    if draw.random() < 0.5:
        changed[first], changed[second] = changed[second], changed[first]
    else:
        changed[first : second + 1] = reversed(changed[first : second + 1])
    return _renumbered(changed)


def cut(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Let the newest entries be gone."""
    return _renumbered(lines[: draw.randrange(2, len(lines))])


def rebuild(trail: Trail, lines: Lines, draw: random.Random) -> Lines:
    """Write the whole trail anew with one entry changed: other hashes, root and checkpoint."""
    place = draw.randrange(len(trail.entries))
    entry = trail.entries[place]
    kept = entry.note, entry.commitment, entry.digest
    entry.note = f"never {draw.randrange(10**6)}"
    digest = seal(entry).digest.hex()
    places = [*trail.places]
    places[place] = replace(places[place], digest=digest)
    levels = Levels([leaf_of(each.zone, each.named, each.digest) for each in places])
    said = Checkpoint(str(trail.book), len(places), levels.root(), "2026-11-03T00:00:00Z")
    note = trail.signed(said)
    view = json.loads(lines[0])["view"]
    head = head_line(trail.book, len(places), view, whole=True, checkpoint=note)
    is_read = entry.zone in READ_BY[view] and entry.named is None
    forged = open_line(places[place], entry) if is_read else closed_line(places[place])
    entry.note, entry.commitment, entry.digest = kept
    return [head, *lines[1 : place + 1], forged, *lines[place + 2 :]]


CHANGES: dict[str, Change] = {
    "edits": edit, "texts blanked": blank, "entries closed": close, "deletions": delete,
    "inserts": insert, "reorders": reorder, "tail cuts": cut, "full rebuilds": rebuild,
}  # fmt: skip


def _renumbered(lines: Lines) -> Lines:
    """The first line says how many follow, and each says its place."""
    head = json.loads(lines[0]) | {"size": len(lines) - 1, "checkpoint": ""}
    rest = [canonical(json.loads(line) | {"number": n}) for n, line in enumerate(lines[1:])]
    return [canonical(head), *rest]


def _another(value: object, draw: random.Random) -> object:
    if isinstance(value, int):
        return value + draw.randint(1, 5)
    if isinstance(value, str) and value in {"shared", "firm"}:
        return "firm" if value == "shared" else "shared"
    return str(UUID(bytes=draw.randbytes(16), version=4))
