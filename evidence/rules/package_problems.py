"""Why a package could not be assembled, in sentences a person can act on."""

from __future__ import annotations

FULL = "The evidence store is full. Make room on it, then try again."
AWAY = "The evidence store did not answer. See that its disk is there, then try again."
STOPPED = (
    "The worker stopped five times while it assembled this package. Look at the worker's log "
    "for the reason (often too little memory or disk), then try again."
)
ASKER_GONE = (
    "Whoever asked for this package may not assemble packages of this engagement any more. "
    "Somebody who may can try again."
)
WITHDRAWN = "was withdrawn while the package was assembled. Try again: it will be left out."

_BY_ERROR = {"StorageFull": FULL, "Unreachable": AWAY}


def gave_up(last_error: str) -> str:
    """What to say after the last attempt; `last_error` is the kind of error, empty for a kill."""
    if not last_error or last_error in _BY_ERROR:
        return _BY_ERROR.get(last_error, STOPPED)
    return (
        f"Assembling this package failed five times ({last_error}). Look at the worker's log for "
        "the reason, then try again."
    )


def withdrawn(path: str) -> str:
    """What to say when bytes of the frozen list are gone because the client took them back."""
    return f"{path} {WITHDRAWN}"
