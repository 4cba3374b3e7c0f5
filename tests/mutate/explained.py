"""Guards whose absence no test can notice, each with the reason."""

from __future__ import annotations

EXPLAINED: dict[str, str] = {}
"""`Guard.lasting` → what else holds when it is gone."""
