"""Who may do what: this app's lines of the matrix, a module for each subject."""

from __future__ import annotations

from tenants.access_matrix import enter
from tenants.parts import parts_of


def enter_all() -> None:
    """Enter the lines, open addresses and tasks of every module."""
    for part in parts_of(__name__):
        enter(part.RESOURCES, part.OPEN, part.TASKS)
