"""Check a copy of an audit trail without the platform that wrote it.

    python verify_trail.py TRAIL.jsonl --checkpoint CHECKPOINT.txt --key KEY
    python verify_trail.py --consistency PROOF.json --checkpoint OLD.txt --checkpoint NEW.txt

Needs Python 3.8 or later and nothing else; it only reads. TRAIL.jsonl is an exported trail, or
60-audit-trail/trail.jsonl of a package. CHECKPOINT.txt is a checkpoint that was outside the
platform: the text a mail or a package brought, as it is or with the mail around it; it may be
named several times. KEY is the platform's public key as you noted it (tickmark-trail+…), or a file
that holds it; without it signatures are not checked, only what the checkpoints say.

A whole copy has a line for each place of the tree. Entries its reader may not see are closed: only
their hash is there, and the side they belong to. The copy is in order when every entry is what its
hash promises, no place is missing, none lies beyond every checkpoint, and the tree (RFC 9162) over
the first N places has the root that each checkpoint of N entries names. An entry that was changed,
deleted, put in, moved or cut off, and a trail written anew, all give another root. A selection has
some entries only, each with its path to the root (its inclusion proof): it proves those entries,
and nothing about what it leaves out; it is accepted with --selection.

One line is printed for each fault, then a closing line; the exit status is 0 when all is in
order, 1 when not, 2 for a wrong command.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

TRAIL_FORMAT = "tickmark-trail/1"
PROOF_FORMAT = "tickmark-trail-consistency/1"
KEY_NAME = "tickmark-trail"
ORIGIN = "tickmark/trail/"  # begins the first line of a checkpoint; the book's id ends it
ERASURE = "text_erased"  # the verb of the entry that says whose text was erased
MOST_FAULTS = 50  # more are counted, not listed
VIEWS = {
    "firm": {"shared", "firm"}, "client": {"shared", "client"},
    "both": {"shared", "firm", "client"}, "organization": {"shared"},
}  # fmt: skip
"""Whose copy it is → the zones it holds open."""


# --- What is hashed


def canonical(value: Any) -> bytes:
    """JSON in the one spelling that is hashed: sorted keys, no spaces, ASCII, a line end."""
    return _spelled(value).encode("ascii") + b"\n"


_spelled = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def commitment_of(text: Any) -> str:
    """What stands in an entry for its personal text: SHA-256 (hex) of the text with its salt."""
    return hashlib.sha256(canonical(text)).hexdigest()


def digest_of(entry: Any) -> str:
    """SHA-256 (hex) of an entry's public fields, `commitment` among them."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def leaf_of(zone: str, named: bool, digest: str) -> bytes:
    """The leaf of the tree: it shows which side the entry is for, and hides all else."""
    return leaf_hash(f"{zone} {'named' if named else 'all'} {digest}\n".encode())


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162, 2.1.1: the hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1: the hash of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that only grows: the roots of its full subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        sizes = (1 << bit for bit in range(size.bit_length(), -1, -1) if size >> bit & 1)
        self.size = size
        self._peaks = list(zip(sizes, peaks))  # noqa: B905  (strict= needs Python 3.10)

    @property
    def peaks(self) -> list[bytes]:
        """The roots of the full subtrees; their sizes are the bits of `size`."""
        return [node for _, node in self._peaks]

    def append(self, leaf: bytes) -> None:
        """Put one leaf at the end."""
        span, node, peaks = 1, leaf, self._peaks
        while peaks and peaks[-1][0] == span:
            node, span = node_hash(peaks.pop()[1], node), span * 2
        peaks.append((span, node))
        self.size += 1

    def root(self) -> bytes:
        """The tree's hash."""
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        *rest, (_, node) = self._peaks
        for _, left in reversed(rest):
            node = node_hash(left, node)
        return node


def root_by_path(leaf: bytes, number: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2: the root that an inclusion proof leads to; None when it does not fit."""
    if not 0 <= number < size:
        return None
    place, last, node = number, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(step, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def is_consistent(
    first: int, second: int, old: bytes, new: bytes, path: list[bytes]
) -> bool:  # fmt: skip
    """RFC 9162, 2.1.4.2: whether the tree of `second` leaves begins with that of `first`."""
    if first == second:
        return old == new and not path
    if not 0 < first < second:
        return False
    steps = ([old] if first & (first - 1) == 0 else []) + path
    if not steps:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    low = high = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            low, high = node_hash(step, low), node_hash(step, high)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            high = node_hash(high, step)
        place, last = place >> 1, last >> 1
    return last == 0 and low == old and high == new


# --- Checkpoints: signed notes (C2SP tlog-checkpoint), text that survives a mail


class Checkpoint(NamedTuple):
    """What the platform signed: this book had `size` entries with this root, at this time."""

    book: str
    size: int
    root: bytes
    at: str
    signatures: tuple[tuple[str, bytes], ...] = ()

    @property
    def body(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{ORIGIN}{self.book}\n{self.size}\n{root}\ntime {self.at}\n"

    def signed(self, key: bytes, signature: bytes) -> str:
        """The checkpoint as it leaves the platform; `key` is the public key."""
        line = base64.b64encode(key_hash(key) + signature).decode()
        return f"{self.body}\n\u2014 {KEY_NAME} {line}\n"


_BEGINS = re.compile(rf"^{ORIGIN}([0-9a-f-]{{36}})$")


def checkpoints_in(text: str) -> list[Checkpoint]:
    """Every checkpoint in a text, such as a mail; lines may be indented or quoted."""
    lines = [line.strip(" \t>\r") for line in text.split("\n")]
    found = []
    for start, line in enumerate(lines):
        begins = _BEGINS.match(line)
        if begins and len(lines) >= start + 4:
            found += _checkpoint_at(begins.group(1), lines[start + 1 :])
    return found


def _checkpoint_at(book: str, lines: list[str]) -> list[Checkpoint]:
    size, root, time = lines[:3]
    if not re.fullmatch(r"\d{1,18}", size) or not time.startswith("time "):
        return []
    signatures = []
    for line in lines[3:8]:
        words = line.split(" ")
        if len(words) == 3 and words[0] == "\u2014":
            signatures.append((words[1], _bytes_of(words[2])))
    return [Checkpoint(book, int(size), _bytes_of(root), time[5:], tuple(signatures))]


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def key_hash(key: bytes) -> bytes:
    """The four bytes by which a signature names its key."""
    return hashlib.sha256(KEY_NAME.encode() + b"\n\1" + key).digest()[:4]


def key_text(key: bytes) -> str:
    """A public key as it is published: name, id and key in one line."""
    return f"{KEY_NAME}+{key_hash(key).hex()}+{base64.b64encode(bytes([1]) + key).decode()}"


def key_in(text: str) -> bytes | None:
    """The public key in a text; None when there is none, or it is not what its id says."""
    found = re.search(rf"{KEY_NAME}\+([0-9a-f]{{8}})\+([A-Za-z0-9+/=]{{44}})", text)
    raw = _bytes_of(found.group(2)) if found else b""
    if not found or len(raw) != 33 or raw[0] != 1 or key_hash(raw[1:]).hex() != found.group(1):
        return None
    return raw[1:]


def is_signed(checkpoint: Checkpoint, key: bytes) -> bool:
    """Whether one of its signatures is that of the key."""
    return any(
        name == KEY_NAME
        and raw[:4] == key_hash(key)
        and is_signature(key, checkpoint.body.encode(), raw[4:])
        for name, raw in checkpoint.signatures
    )


# --- Ed25519, checking only (RFC 8032, 5.1): a point is (X, Y, Z, T) with x = X/Z, y = Y/Z, T = xy

P25519 = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, P25519 - 2, P25519) % P25519
_ROOT = pow(2, (P25519 - 1) // 4, P25519)
Point = tuple


def is_signature(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the secret half of `key`."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, r = _point(key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, _BASE), _plus(r, _times(h, public))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P25519
        or (left[1] * right[2] - right[1] * left[2]) % P25519
    )


def _plus(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % P25519
    b = (p[1] + p[0]) * (q[1] + q[0]) % P25519
    c, d = 2 * p[3] * q[3] * _D % P25519, 2 * p[2] * q[2] % P25519
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P25519, g * h % P25519, f * g % P25519, e * h % P25519


def _times(factor: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = _plus(total, point)
        point, factor = _plus(point, point), factor >> 1
    return total


def _point(data: bytes) -> Point | None:
    """A point from its 32 bytes; None when they are none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P25519:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, P25519 - 2, P25519) % P25519
    x = pow(square, (P25519 + 3) // 8, P25519)
    if (x * x - square) % P25519:
        x = x * _ROOT % P25519
    if (x * x - square) % P25519 or (not x and sign):
        return None
    x = P25519 - x if x & 1 != sign else x
    return x, y, 1, x * y % P25519


_BASE = _point((4 * pow(5, P25519 - 2, P25519) % P25519).to_bytes(32, "little")) or ()


# --- A copy, read line by line


class TrailCopy:
    """A copy of a trail, checked while its lines go by."""

    def __init__(self, wanted: Iterable[Checkpoint] = (), *, selection: bool = False) -> None:
        self.faults: list[str] = []
        self.fault_count = 0
        self.opened = self.closed = self.erased = self.lines = 0
        self.book, self.size, self.view, self.whole = "", 0, "", True
        self.root = b""
        self.own: list[Checkpoint] = []
        self._tree = Tree()
        self._wanted = list(wanted)
        self._selection = selection
        self._last = -1
        self._rest = b""
        self._without_text: dict[str, int] = {}
        self._erasures: set[str] = set()

    def feed(self, chunk: bytes) -> None:
        """Read the lines that end in `chunk`."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._take(line)

    def finish(self) -> None:
        """The copy has ended: check its end, and each checkpoint it must agree with."""
        if self._rest:
            self.fault("the last line is cut short")
        if not self.lines:
            self.fault("it is empty")
        elif self.whole:
            self._end_whole()
        elif not self._selection:
            self.fault("it is a selection, not a whole trail; use --selection to accept one")
        for each in self._wanted:
            if each.book != self.book:
                self.fault(f"it is of book {shown(self.book)}, a checkpoint is of {each.book}")
            elif not self.whole and (each.size, each.root) != (self.size, self.root):
                self.fault(f"its proofs do not lead to the checkpoint of {shown(each.at)}")

    def _end_whole(self) -> None:
        places = self._tree.size
        self._compare(places)
        self.root = self._tree.root()
        if places != self.size:
            self.fault(f"it has {places} places, its first line says {self.size}")
        for each in self._wanted:
            if each.size > places:
                self.fault(f"it has {places} places, a checkpoint says {each.size}")
        covered = max((each.size for each in self._wanted if each.book == self.book), default=0)
        if places > covered:
            self.fault(f"its last {places - covered} places are covered by no checkpoint")
        for missing in sorted(set(self._without_text) - self._erasures):
            line = self._without_text[missing]
            self.fault(f"line {line}: has no text, and no entry says that it was erased")

    def fault(self, text: str) -> None:
        """Note a fault; past the first fifty they are only counted."""
        self.fault_count += 1
        if self.fault_count <= MOST_FAULTS:
            self.faults.append(text)

    def _take(self, line: bytes) -> None:
        self.lines += 1
        value = parsed(line)
        if not isinstance(value, dict):
            self.fault(f"line {self.lines} is no JSON object")
        elif self.lines == 1:
            self._begin(value)
        else:
            self._place(value)

    def _begin(self, head: dict[str, Any]) -> None:
        size, book, view = head.get("size"), head.get("book"), head.get("view")
        if head.get("format") != TRAIL_FORMAT or type(size) is not int or view not in VIEWS:
            self.fault("its first line is not that of a trail")
            return
        self.book, self.size, self.view = str(book), size, str(view)
        self.whole = head.get("whole") is True
        self.own = checkpoints_in(str(head.get("checkpoint", "")))
        self._wanted += self.own
        if any(each.size != size for each in self.own):
            self.fault("the checkpoint in it is of another size")

    def _place(self, value: dict[str, Any]) -> None:
        number = value.get("number")
        if type(number) is not int or (self.whole and number != self._last + 1):
            self.fault(f"line {self.lines}: place {self._last + 1} was expected")
        elif number <= self._last:
            self.fault(f"line {self.lines}: place {number} is out of order")
        leaf = self._leaf(value)
        self._last = number if type(number) is int else self._last + 1
        if self.whole:
            self._compare(self._tree.size)
            self._tree.append(leaf)
        if "proof" in value:
            path = value["proof"]
            if not isinstance(path, list) or not all(_is_hash(step) for step in path):
                self.fault(f"line {self.lines}: its proof is not one")
                path = []
            self._keep(self._last, leaf, [bytes.fromhex(step) for step in path])
        elif not self.whole:
            self.fault(f"line {self.lines}: has no proof")

    def _keep(self, number: int, leaf: bytes, path: list[bytes]) -> None:
        root = root_by_path(leaf, number, self.size, path)
        if root is None or root != (self.root or root):
            self.fault(f"line {self.lines}: its proof leads elsewhere than the others'")
        elif not self.root:
            self.root = root

    def _leaf(self, value: dict[str, Any]) -> bytes:
        """The leaf a line stands for; what is wrong with the line itself is noted."""
        entry = value.get("entry")
        if entry is None:
            return self._closed_leaf(value)
        self.opened += 1
        if not isinstance(entry, dict):
            self.fault(f"line {self.lines}: its entry is no object")
            return b""
        text, zone, named = value.get("text"), entry.get("zone"), entry.get("named") is not None
        if entry.get("verb") == ERASURE:
            self._erasures.add(str(entry.get("subject_id")))
        if text is None:
            self.erased += 1
            self._without_text[str(entry.get("id"))] = self.lines
        elif commitment_of(text) != entry.get("commitment"):
            self.fault(f"line {self.lines}: its text is not the one that was recorded")
        if entry.get("book") != self.book or zone not in VIEWS.get(self.view, ()):
            self.fault(f"line {self.lines}: is not an entry of this book and view")
        return leaf_of(str(zone), named, digest_of(entry))

    def _closed_leaf(self, value: dict[str, Any]) -> bytes:
        self.closed += 1
        zone, named, digest = value.get("zone"), value.get("named"), value.get("closed")
        if not _is_hash(digest) or type(named) is not bool or type(zone) is not str:
            self.fault(f"line {self.lines}: is neither an entry nor a closed place")
            return b""
        if zone in VIEWS.get(self.view, ()) and not named:
            self.fault(f"line {self.lines}: hides an entry that this view shows")
        return leaf_of(zone, named, str(digest))

    def _compare(self, size: int) -> None:
        """Where a checkpoint ends, the root must be its root."""
        for each in self._wanted:
            if each.size == size and each.root != self._tree.root():
                self.fault(f"the first {size} places are not those of the checkpoint of {each.at}")


def _is_hash(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None


def check_consistency(proof: Any, checkpoints: list[Checkpoint]) -> Iterator[str]:
    """Faults of a proof that the newer of two checkpoints continues the older."""
    if len(checkpoints) != 2 or checkpoints[0].book != checkpoints[1].book:
        yield "name two checkpoints of one book"
        return
    old, new = sorted(checkpoints, key=lambda each: each.size)
    path = proof.get("path") if isinstance(proof, dict) else None
    if proof is None or proof.get("format") != PROOF_FORMAT or not isinstance(path, list):
        yield "this is no consistency proof"
    elif not all(_is_hash(step) for step in path) or not is_consistent(
        old.size, new.size, old.root, new.root, [bytes.fromhex(step) for step in path]
    ):
        yield f"the trail of {new.size} entries does not continue that of {old.size}"


# --- Text


def parsed(content: bytes) -> Any:
    """The JSON value, or None when it is none; a name given twice makes it none."""
    try:
        return json.loads(content.decode("ascii"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def shown(text: str) -> str:
    """`text` fit for a terminal: nothing in a doctored name can move the cursor."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def unsigned(named: str, checkpoints: Iterable[Checkpoint]) -> list[str]:
    """Faults of the signatures; `named` is the public key, or a file that holds it."""
    faults: list[str] = []
    key = key_in(read_text(named, faults) if Path(named).is_file() else named)
    if key is None:
        return [*faults, "the key is not one"]
    return [
        f"the checkpoint of {shown(each.at)} is not signed with this key"
        for each in checkpoints
        if not is_signed(each, key)
    ]


def read_text(name: str, faults: list[str]) -> str:
    """The text of a file; when it cannot be read that is a fault, and the text is empty."""
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        faults.append(f"{shown(name)}: cannot be read: {error.strerror}")
        return ""


def print_lines(lines: list[str]) -> None:
    """Print lines, whatever the terminal can show."""
    text = "\n".join(lines) + "\n"
    sys.stdout.buffer.write(text.encode(sys.stdout.encoding or "ascii", "backslashreplace"))


# --- The command


def main(arguments: list[str]) -> int:
    """Check what the arguments name, print the faults; 0 when there are none."""
    given = _options().parse_args(arguments)
    faults: list[str] = []
    checkpoints: list[Checkpoint] = []
    for name in given.checkpoint:
        found = checkpoints_in(read_text(name, faults))
        faults += [] if found else [f"{shown(name)}: holds no checkpoint"]
        checkpoints += found
    inside: list[Checkpoint] = []
    if given.consistency:
        proof = parsed(read_text(given.consistency, faults).encode())
        faults += check_consistency(proof, checkpoints)
        said = "the newer trail continues the older"
    elif given.trail is None:
        _options().error("name a trail, or --consistency")
    else:
        said, inside = _check_copy(given, checkpoints, faults)
    if given.key:
        faults += unsigned(given.key, [*checkpoints, *inside])
    notes = [] if given.key else ["no key was given: signatures were not checked"]
    if not checkpoints:
        notes.append("no checkpoint from outside: a trail written anew would not be noticed")
    print_lines([*(f"NOTE   {each}" for each in notes), *(f"FAULT  {each}" for each in faults),
            f"Faults found: {len(faults)}." if faults else f"In order: {said}."])  # fmt: skip
    return 1 if faults else 0


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="verify_trail.py", description="Check a trail's copy.")
    options.add_argument("trail", nargs="?", metavar="TRAIL.jsonl")
    options.add_argument("--checkpoint", action="append", default=[], metavar="FILE")
    options.add_argument("--key", metavar="KEY", help="the public key, or a file that holds it")
    options.add_argument("--view", choices=sorted(VIEWS), help="whose copy it must be")
    options.add_argument("--selection", action="store_true", help="accept chosen entries alone")
    options.add_argument("--consistency", metavar="PROOF.json")
    return options


def _check_copy(
    given: argparse.Namespace, checkpoints: list[Checkpoint], faults: list[str]
) -> tuple[str, list[Checkpoint]]:
    copy = TrailCopy(checkpoints, selection=given.selection)
    try:
        with Path(given.trail).open("rb") as file:
            for chunk in iter(lambda: file.read(1 << 20), b""):
                copy.feed(chunk)
    except OSError as error:
        faults.append(f"{shown(given.trail)}: cannot be read: {error.strerror}")
    copy.finish()
    if given.view and given.view != copy.view:
        copy.fault(f"it is the copy of “{shown(copy.view)}”, not of “{given.view}”")
    faults += [f"{shown(given.trail)}: {each}" for each in copy.faults]
    if copy.fault_count > MOST_FAULTS:
        faults.append(f"{copy.fault_count - MOST_FAULTS} further faults are not listed")
    after = copy.size - max((each.size for each in checkpoints), default=copy.size)
    later = f", the last {after} of them newer than every checkpoint named" if after > 0 else ""
    said = (
        f"{copy.opened} entries and {copy.closed} closed places of {copy.size}{later}; "
        f"{copy.erased} with erased text; root {copy.root.hex()}"
    )
    return said, copy.own


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
