"""What can go wrong, said so that a person can act on it. Each kind knows its HTTP status."""

from __future__ import annotations


class GrcError(Exception):
    """A refusal with a sentence for a person and a stable code for a program.

    `message` names the place and the cure; `code` is snake_case and never changes;
    `field` is the name of the input it speaks of, or empty.
    """

    status = 400
    code = "refused"
    denied: Exception | None = None
    """The refused right this speaks of, if it speaks of one."""

    def __init__(self, message: str, *, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field


class Invalid(GrcError):
    """The input is malformed or breaks a rule of the trade; nothing was changed."""

    status = 400
    code = "invalid"


class NotVisible(GrcError):
    """The record does not exist for this caller: foreign and absent are one answer (ACC-4)."""

    status = 404
    code = "not_found"


class Refused(GrcError):
    """Allowed in general, but not now: the record's state forbids it."""

    status = 409
    code = "conflict"


class RightRefused(Refused):
    """Refused for who the person is, not for the record's state: the trail tells of it (AUD-1)."""

    code = "right_refused"


class MoveRefused(Refused):
    """A move that the record's status or a guard does not let happen now."""

    code = "move_refused"


class StaleVersion(GrcError):
    """Somebody changed the record since the caller read it (API-5)."""

    status = 412
    code = "stale_version"


class Unreachable(GrcError):
    """A server this needs (storage, broker, mail) did not answer; trying again later may help."""

    status = 503
    code = "unavailable"


class StorageFull(Unreachable):
    """The evidence store has no room; nothing was kept (UPL-20)."""

    status = 507
    code = "storage_full"
