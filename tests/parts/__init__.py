"""What the generated tests need to know of a part: a module for each, and no shared list.

A module may say FIELDS_TXT (lines as in tests/access/fields.txt), PORTAL_IDS, FORM_IDS, FILTERED,
NAMES, FIXED, WORDS, ARRANGED, FIELDS, LABELS, PARTICULAR (each added to the table of that name),
`play(world)` that makes a record of each kind after the cast stands and returns ids by label, and
`furnish(world, word)` that puts text with `word` into everything both sides may read.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tenants.parts import parts_of


def parts() -> list[ModuleType]:
    """Every part, by name."""
    return list(parts_of(__name__))


def added(name: str) -> dict[Any, Any]:
    """What all parts add to one table."""
    return {key: value for part in parts() for key, value in getattr(part, name, {}).items()}
