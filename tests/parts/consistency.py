"""What disagrees, in the generated tests: lists alone, nothing of their own is kept."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

FIELDS_TXT = """
shown both audits.api.consistency.ConsistencyShape: lines
shown both audits.api.consistency.InconsistencyShape: kind about subject text cure key
"""


def play(world: SimpleNamespace) -> dict[str, Any]:
    """Nothing more is needed."""
    return {}


def furnish(world: SimpleNamespace, word: str) -> None:
    """Nothing more is needed."""
