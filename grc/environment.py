"""Reading the environment: yes or no, and numbers."""

from __future__ import annotations

import os


def flag(name: str, default: bool = False) -> bool:
    """A yes or no from the environment."""
    return os.environ.get(name, str(default)).lower() in {"1", "true", "yes", "on"}


def number(name: str, default: float) -> float:
    """A number from the environment."""
    return float(os.environ.get(name, default))
