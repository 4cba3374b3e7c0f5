"""What documents say they are measured against, and what each kind asks for (RT-18)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from audits.choices.documents import (
    OF_CRITERIA,
    OF_OBJECTIVES,
    OF_THE_FIRM,
    Cited,
    DocumentKind,
    DocumentSide,
)
from tenants.choices import Basis
from tenants.errors import Invalid

LONGEST: Final = 400_000
"""Characters of one version: some hundred pages."""
CITING: Final = (DocumentKind.DESCRIPTION, DocumentKind.ASSERTION)
"""The kinds whose words name what the system is measured against."""
_WORDS: Final = {
    Cited.TSC: r"trust\s+services\s+criteri(?:a|on)|\bTSP\s+section\s+100\b|\bTSC\b",
    Cited.DC200: r"\bDC\s+(?:section\s+)?200\b",
    Cited.OBJECTIVES: r"\bcontrol\s+objectives?\b",
    Cited.ATC320: r"\bAT-?C\s+(?:section\s+)?320\b",
}
_FOUND: Final = {each: re.compile(words, re.IGNORECASE) for each, words in _WORDS.items()}


def side_of(kind: str) -> DocumentSide:
    """Whose words a document of this kind holds."""
    return DocumentSide.FIRM if kind in OF_THE_FIRM else DocumentSide.CLIENT


def cited_in(kind: str, text: str) -> list[Cited]:
    """What the words of a description or an assertion are measured against, in a fixed order."""
    if kind not in CITING:
        return []
    return [each for each, words in _FOUND.items() if words.search(text)]


def refuse_foreign(cited: Collection[Cited], basis: str) -> None:
    """Raise Invalid when words cite what the report is not measured against (RT-18)."""
    foreign = OF_CRITERIA if basis == Basis.OBJECTIVE else OF_OBJECTIVES
    wrong = [str(each.label) for each in cited if each in foreign]
    if not wrong:
        return
    own = OF_OBJECTIVES if basis == Basis.OBJECTIVE else OF_CRITERIA
    report = "SOC 1" if basis == Basis.OBJECTIVE else "SOC 2 or SOC 3"
    raise Invalid(
        f"RT-18: this cites {' and '.join(wrong)}. A {report} is measured against "
        f"{' and '.join(str(each.label) for each in own)}; write that instead.",
        code="cites_another_basis", field="text",
    )  # fmt: skip
