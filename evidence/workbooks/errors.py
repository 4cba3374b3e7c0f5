"""Why a workbook was refused, in a sentence that names the place and the cure."""

from __future__ import annotations

from tenants.errors import Invalid


class WorkbookRefused(Invalid):
    """The file cannot be read as a list; nothing of it was used.

    Codes: `file_empty`, `file_too_large`, `not_a_spreadsheet`, `kind_differs_from_name`,
    `workbook_encrypted`, `workbook_damaged`, `workbook_unsafe` (directory or XML made to exhaust
    or mislead the reader), `workbook_too_large`, `too_many_sheets`, `too_many_rows`,
    `too_many_columns`, `cell_too_long`, `text_too_large`, `unknown_encoding`, `reader_stopped`
    (time or memory ran out, or the reader broke down).
    """

    code = "workbook_refused"

    def __init__(self, message: str, *, code: str = "", field: str = "file") -> None:
        super().__init__(message, code=code, field=field)
