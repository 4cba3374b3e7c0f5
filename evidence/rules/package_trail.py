"""The audit trail as a package carries it: one JSON object a line, each bound to the last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from evidence.package_verifier import NO_LINE, canonical


def trail_lines(entries: Iterable[Mapping[str, object]]) -> tuple[bytes, str]:
    """The lines of 60-audit-trail/trail.jsonl, oldest entry first, and the chain's head.

    Each line is canonical JSON of the entry with `previous`: the SHA-256 (hex) of the line
    before it, line end included; 64 zeros in the first. The head is the SHA-256 of the last
    line, 64 zeros without one. Raises ValueError for an entry that has `previous` already,
    TypeError for a value that is not plain JSON.
    """
    lines, head = [], NO_LINE
    for entry in entries:
        if "previous" in entry:
            raise ValueError("a trail entry brings its own `previous`")
        line = canonical({**entry, "previous": head})
        head = hashlib.sha256(line).hexdigest()
        lines.append(line)
    return b"".join(lines), head
