"""Reading what people write for criteria and control objectives into the identifiers meant.

The grammar is that of soc.md, section 7: identifiers, lists, ranges, a
whole series, the whole scope. What is in force comes in as arguments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from audits.rules import reference_problems as problems
from audits.rules.reference_problems import ReferenceProblem, RequirementKind
from audits.rules.reference_words import (
    CATEGORY_SERIES,
    NO_REFERENCE,
    WHOLE_SCOPE,
    folded,
    split_pieces,
)

__all__ = [
    "ReferenceProblem",
    "References",
    "RequirementKind",
    "is_objective_reference",
    "is_tsc_reference",
    "kind_for",
    "parse_references",
]


@dataclass(frozen=True, slots=True)
class References:
    """The identifiers a cell names, in its order, each once.

    whole_scope: the cell said "all"; identifiers are then all those in scope. Unknown ones are
    kept as written, with their problem.
    """

    identifiers: tuple[str, ...] = ()
    whole_scope: bool = False
    problems: tuple[ReferenceProblem, ...] = ()


TSC_IDENTIFIER: Final = re.compile(r"(CC[1-9]|A1|C1|PI1|P[1-8])\.(\d{1,2})\Z")
TSC_LIKE: Final = re.compile(r"(?:CC|PI|A|C|P)\d{1,2}\.\d{1,2}\Z")  # well formed, if not known
TSC_SERIES: Final = re.compile(r"(CC|CC[1-9]|A1|C1|PI1|P[1-8])(?:\.[X*])?\Z")
OBJECTIVE_IDENTIFIER: Final = re.compile(r"CO-?(\d{1,3})\Z")
RANGE_MARK: Final = re.compile(r"-|\.\.")
MOST_CHARACTERS: Final = 1_000  # of a cell; all 61 criteria listed take 430
LONGEST_RANGE: Final = 40


def kind_for(report_type: str) -> RequirementKind:
    """What a report type measures against (RT-02, RT-03)."""
    return RequirementKind.OBJECTIVE if report_type == "SOC1" else RequirementKind.TSC


def is_tsc_reference(text: str) -> bool:
    """Whether a text is a token of the TSC grammar: an identifier or a bare series."""
    token = folded(text)
    return bool(TSC_IDENTIFIER.match(token) or TSC_SERIES.match(token))


def is_objective_reference(text: str) -> bool:
    """Whether a text has the form of a control objective's id, such as CO-01."""
    return bool(OBJECTIVE_IDENTIFIER.match(folded(text)))


def parse_references(
    cell: str,
    *,
    kind: RequirementKind,
    known: Sequence[str],
    in_scope: Collection[str],
) -> References:
    """The criteria or objectives that a cell such as `CC6.1-CC6.3; cc7.2` names.

    known: every identifier of the kind, in catalog order (for objectives, the engagement's own);
    in_scope: those the engagement examines. Problem codes: `unknown_criterion`,
    `unknown_objective`, `criterion_out_of_scope`, `objective_out_of_scope`, `bad_range`,
    `tsc_reference_in_soc1`, `soc1_reference_in_soc2` (RT-19), and the warning
    `series_reference`. An empty cell names nothing.
    """
    words = " ".join(cell.split()).casefold().strip(" .")
    if words in NO_REFERENCE:
        return References()
    scope = tuple(identifier for identifier in known if identifier in in_scope)
    if words in WHOLE_SCOPE:
        return References(identifiers=scope, whole_scope=True)
    reader = _Reader(kind, tuple(known), frozenset(in_scope))
    if words in CATEGORY_SERIES and kind is RequirementKind.TSC:
        reader.read_series(CATEGORY_SERIES[words], cell.strip())
    else:
        for part in re.split(r"[;\n]", cell[:MOST_CHARACTERS]):
            for piece in [part] if folded(part) in reader.known else split_pieces(part):
                reader.read(piece)
    return References(tuple(dict.fromkeys(reader.identifiers)), False, tuple(reader.problems))


@lru_cache(maxsize=64)
def _by_word(known: tuple[str, ...]) -> tuple[dict[str, str], dict[str, int]]:
    """Folded word → identifier, and identifier → its place; every cell of a list asks for it."""
    words = {folded(identifier): identifier for identifier in known}
    return words, {identifier: at for at, identifier in enumerate(known)}


class _Reader:
    """Collects identifiers and problems while the pieces of one cell are read."""

    def __init__(
        self, kind: RequirementKind, known: tuple[str, ...], in_scope: frozenset[str]
    ) -> None:
        self.kind = kind
        self.known, self.order = _by_word(known)
        self.in_scope = in_scope
        self.identifiers: list[str] = []
        self.problems: list[ReferenceProblem] = []
        self._series = ""  # of the identifier before, which a bare "6.2" continues

    def read(self, piece: str) -> None:
        """One piece of the cell: an identifier, a range, a series, or a mistake."""
        token = self._completed(folded(piece))
        if self._is_foreign(token) or self._take(token):
            return
        if self._read_range(token):
            return
        series = TSC_SERIES.match(token) if self.kind is RequirementKind.TSC else None
        if series:
            self.read_series((series[1],), series[1])
            return
        self._unknown(token if TSC_LIKE.match(token) else piece.strip())

    def read_series(self, series: tuple[str, ...], shown: str) -> None:
        """A whole series or category: its members in scope, with a warning."""
        members = [
            identifier
            for identifier in self.order
            if any(_belongs(identifier, one) for one in series)
        ]
        inside = [identifier for identifier in members if identifier in self.in_scope]
        if not inside:
            self.identifiers += members
            self._note(problems.out_of_scope(self.kind, shown))
            return
        self.identifiers += inside
        self._note(problems.whole_series(shown, len(inside)))

    def _completed(self, token: str) -> str:
        """A bare `6.2` after `CC6.1` with its letters; objectives as the engagement writes them."""
        if self.kind is RequirementKind.TSC:
            if re.match(r"\d{1,2}\.\d{1,2}\Z", token) and self._series:
                return self._series + token
            letters = re.match(r"(CC|PI|A|C|P)(?=\d)", token)
            self._series = letters[1] if letters else ""
            return token
        return self._objective(token) or token

    def _objective(self, token: str) -> str:
        """The engagement's objective with the same number: CO1, CO-1 and CO-01 are one."""
        match = OBJECTIVE_IDENTIFIER.match(token)
        if match is None or token in self.known:
            return token
        number = int(match[1])
        for key in self.known:
            other = OBJECTIVE_IDENTIFIER.match(key)
            if other and int(other[1]) == number:
                return key
        return token

    def _is_foreign(self, token: str) -> bool:
        """Refuse a reference to the basis of the other report (RT-19)."""
        if token in self.known:
            return False
        if self.kind is RequirementKind.OBJECTIVE:
            foreign = is_tsc_reference(token.split("-", maxsplit=1)[0])
        else:
            foreign = is_objective_reference(token)
        if foreign:
            self.identifiers.append(token)
            self._note(problems.foreign(self.kind, token))
        return foreign

    def _take(self, token: str) -> bool:
        """Take a known identifier; False when it is none."""
        identifier = self.known.get(token)
        if identifier is None:
            return False
        self.identifiers.append(identifier)
        if identifier not in self.in_scope:
            self._note(problems.out_of_scope(self.kind, identifier))
        return True

    def _read_range(self, token: str) -> bool:
        """Take a range, both ends included; False when the token is none."""
        ends = self._ends(token)
        if ends is None:
            return False
        first, last = ends
        both_series = [TSC_SERIES.match(end) for end in ends]
        if self.kind is RequirementKind.TSC and all(both_series):
            self._read_series_range(first, last)
            return True
        if first not in self.known or last not in self.known:
            for end in ends:
                if end not in self.known and not self._is_foreign(end):
                    self._unknown(end)
            return True
        start, stop = (self.order[self.known[end]] for end in ends)
        members = tuple(self.order)[start : stop + 1]
        if not members or len({_letters(identifier) for identifier in members}) > 1:
            self._note(problems.bad_range(self.known[first], self.known[last]))
            return True
        for identifier in members:
            if identifier in self.in_scope or identifier in (members[0], members[-1]):
                self._take(folded(identifier))
        return True

    def _read_series_range(self, first: str, last: str) -> None:
        """`CC6-CC7`: every criterion of both series and those between."""
        series = list(dict.fromkeys(identifier.partition(".")[0] for identifier in self.order))
        if first not in series or last not in series or _letters(first) != _letters(last):
            self._note(problems.bad_range(first, last))
            return
        meant = tuple(series[series.index(first) : series.index(last) + 1])
        if meant:
            self.read_series(meant, f"{first}-{last}")
        else:
            self._note(problems.bad_range(first, last))

    def _ends(self, token: str) -> tuple[str, str] | None:
        """The two ends of a range; ids may hold hyphens themselves, so every cut is tried."""
        told: tuple[str, str] | None = None
        if len(token) > LONGEST_RANGE:
            return None
        for cut in RANGE_MARK.finditer(token):
            first, last = token[: cut.start()], token[cut.end() :]
            if not first or not last:
                continue
            first = self._objective(first)
            last = self._objective(_end_of(self.kind, first, last))
            if first in self.known and last in self.known:
                return first, last
            if all(_looks_like_reference(end) for end in (first, last)):
                told = told or (first, last)
        return told

    def _unknown(self, shown: str) -> None:
        """Keep a reference to nothing as it was written."""
        self.identifiers.append(shown)
        self._note(problems.unknown(self.kind, shown))

    def _note(self, problem: ReferenceProblem) -> None:
        """Note a problem once."""
        if problem not in self.problems:
            self.problems.append(problem)


def _end_of(kind: RequirementKind, first: str, last: str) -> str:
    """The end of a range in full: `CC6.1-3` ends at CC6.3, `CC6.1-6.3` too."""
    if kind is RequirementKind.OBJECTIVE:
        return re.sub(r"\d+\Z", last, first) if last.isdigit() else last
    if re.match(r"\d{1,2}\.\d{1,2}\Z", last):
        return _letters(first) + last
    return f"{first.rpartition('.')[0]}.{last}" if last.isdigit() else last


def _looks_like_reference(token: str) -> bool:
    """Whether a token has the form of a criterion, a series or an objective, known or not."""
    forms = (TSC_LIKE, TSC_SERIES, OBJECTIVE_IDENTIFIER)
    return any(form.match(token) for form in forms)


def _letters(identifier: str) -> str:
    """The letters an identifier begins with: ranges do not cross them."""
    match = re.match(r"[A-Za-z]*", identifier)
    return match[0] if match else ""


def _belongs(identifier: str, series: str) -> bool:
    """Whether an identifier is of a series (CC6), or of all series of a letter (CC, P)."""
    own = identifier.partition(".")[0]
    return own == series or (series.isalpha() and own.rstrip("0123456789") == series)
