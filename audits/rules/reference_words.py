"""The words and marks people use around criteria: for all, for none, for a category, between."""

from __future__ import annotations

import re
from typing import Final

# "Everything in scope". Folded: one space between words, lower case.
WHOLE_SCOPE: Final = frozenset(
    {
        "all", "all criteria", "all tsc", "all in scope", "all_in_scope", "all in-scope",
        "all in-scope criteria", "all in scope criteria", "all applicable", "all controls",
        "all objectives", "all control objectives", "all cos", "entire scope", "full scope",
        "whole scope", "everything", "all categories", "all sections",
    }
)  # fmt: skip
NO_REFERENCE: Final = frozenset({"", "-", "–", "—", "n/a", "na", "none", "not applicable", "nil"})

# A category named in words: the series it adds (soc.md section 7).
CATEGORY_SERIES: Final[dict[str, tuple[str, ...]]] = {
    "security": ("CC",),
    "common criteria": ("CC",),
    "all common criteria": ("CC",),
    "all cc": ("CC",),
    "availability": ("A1",),
    "confidentiality": ("C1",),
    "processing integrity": ("PI1",),
    "privacy": ("P",),
}

SEPARATORS: Final = re.compile(r"[,;/&|\n\r]+|\band\b", re.IGNORECASE)
# An identifier followed by its title: "CC6.1 – Logical access".
TITLED: Final = re.compile(
    r"\s*((?:CC|PI|CO|A|C|P)[\s-]*\d{1,3}(?:\.\d{1,2})?)\s*(?:[-–—:]\s*|\s+)[A-Za-z]{3,}.*",
    re.IGNORECASE | re.DOTALL,
)
# Identifiers with nothing but space between them: "CC6.1 CC6.2".
RUN_OF_IDENTIFIERS: Final = re.compile(r"(?i)\s*(?:(?:CC|PI|A|C|P)\s*\d\.\d{1,2}\s*){2,}\Z")
ONE_IDENTIFIER: Final = re.compile(r"(?:CC|PI|A|C|P)\s*\d\.\d{1,2}", re.IGNORECASE)
RANGE_WORD: Final = re.compile(r"\s+(to|through|thru)\s+", re.IGNORECASE)
DASHES: Final = re.compile("[‐‑‒–—−]")
AROUND: Final = re.compile(r"\A(?:TSC|TSP|SERIES|ALL)(?=[A-Z]{1,2}\d)|SERIES\Z|\(ALL\)\Z")


def folded(text: str) -> str:
    """A reference as it is compared: upper case, without spaces, brackets and marks around it."""
    folded_text = DASHES.sub("-", RANGE_WORD.sub("-", text))
    folded_text = "".join(folded_text.split()).strip(".:").upper()
    if folded_text.startswith("(") and folded_text.endswith(")"):
        folded_text = folded_text[1:-1]
    return AROUND.sub("", folded_text)


def split_pieces(cell: str) -> list[str]:
    """The pieces of a cell that names several references, empty ones left out."""
    titled = TITLED.match(cell)
    if titled and _is_one_with_title(cell, titled.end(1)):
        return [titled[1]]
    pieces: list[str] = []
    for piece in SEPARATORS.split(cell):
        if RUN_OF_IDENTIFIERS.match(piece):
            pieces += ONE_IDENTIFIER.findall(piece)
        elif piece.strip():
            pieces.append(piece)
    return pieces


def _is_one_with_title(cell: str, end: int) -> bool:
    """Whether what follows the first identifier, which ends at `end`, is only its title."""
    follows = cell[end:].lstrip()
    return not (
        RANGE_WORD.match(cell[end:]) or SEPARATORS.match(follows) or ONE_IDENTIFIER.search(follows)
    )
