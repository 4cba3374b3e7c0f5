"""How much of a workbook is read. A request list has hundreds of rows; these leave room for ten
times that, and stop what was made to exhaust the reader (UPL-10, UPL-11)."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

FILE_BYTES: Final = 32 * MIB  # the file as sent

# The directory of a ZIP file (XLSX, XLSM, ODS), looked at before anything is unpacked.
ENTRIES: Final = 2_000
DIRECTORY_BYTES: Final = 1 * MIB
PART_BYTES: Final = 64 * MIB  # one part, unpacked
ALL_PARTS_BYTES: Final = 128 * MIB  # all parts that are read, unpacked
RATIO: Final = 200  # unpacked to packed; sheets of real lists stay below 40
RATIO_FROM_BYTES: Final = 4 * MIB  # smaller parts may have any ratio: they do no harm

# What the sheets hold.
SHEETS: Final = 100
ROWS: Final = 20_000  # the number of the last row that holds something
COLUMNS: Final = 200  # the number of the last column that holds something
CELL_CHARACTERS: Final = 32_767  # the most that Excel itself keeps in a cell
TEXT_CHARACTERS: Final = 16 * MIB  # all cells of the workbook together
MERGED_CELLS: Final = 400_000  # cells covered by vertical merges of one sheet

# The child process.
MEMORY_BYTES: Final = 1024 * MIB
CPU_SECONDS: Final = 20
WALL_SECONDS: Final = 30
ANSWER_BYTES: Final = 96 * MIB

# The child process that reads a population row by row: a million of them, in a file of 512 MB.
LONG_FILE_BYTES: Final = 512 * MIB
LONG_MEMORY_BYTES: Final = 2048 * MIB
LONG_CPU_SECONDS: Final = 1_200
LONG_WALL_SECONDS: Final = 3_600
