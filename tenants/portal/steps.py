"""The steps of a wizard, as `partials/steps.html` shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def steps_at(
    current: int, labels: Sequence[str], urls: Mapping[int, str] | None = None
) -> list[dict[str, str]]:
    """One entry a label: done before the step `current` (from 0), to do after it.

    urls: where one may go back to, by step.
    """
    states = ("done", "current", "todo")
    return [
        {
            "label": label,
            "state": states[(number > current) - (number < current) + 1],
            "url": (urls or {}).get(number, ""),
        }
        for number, label in enumerate(labels)
    ]
