"""How the child tells of a population: frames of a kind, a number of rows, and two texts."""

from __future__ import annotations

import struct
from typing import Final

from audits.rules.population_rows import CHUNK_BYTES, MOST_COLUMNS, MOST_IN_CELL

FRAME: Final = struct.Struct(">cIII")
"""Kind, rows, bytes of the first text, bytes of the second."""
CHUNK, END, REFUSAL = b"c", b"e", b"r"
MOST_IN_FRAME: Final = CHUNK_BYTES + MOST_COLUMNS * MOST_IN_CELL * 8
"""No text of a frame is longer: a full chunk, and the row that filled it."""
