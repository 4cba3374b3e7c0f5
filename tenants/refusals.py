"""What an exception means to a caller: the refusal in a sentence, and its problem document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    transaction,
)
from django.http import Http404
from psycopg import errors as postgres

from tenants.errors import GrcError, Invalid, NotVisible, Refused, Unreachable

ABSENT = "There is no such record, or it is not shown to you."
UNFIT = (postgres.NumericValueOutOfRange, postgres.StringDataRightTruncation)
BUSY = (postgres.DeadlockDetected, postgres.LockNotAvailable, postgres.SerializationFailure)


GUARDED = {
    "conflict_of_roles", "walled_apart", "reviewer_of_own_work", "works_on_both_sides",
    "not_assigned", "not_a_client", "assigned_by_a_side", "operator_outside",
}  # fmt: skip
"""What the guards of `tenants/guards.py` refuse, whose words name the cure."""


@contextmanager
def as_guards_say() -> Iterator[None]:
    """Write inside; what a guard refuses is told in its words, and nothing of it is kept.

    Raises Refused.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refused = as_refusal(error)
        if refused is None or refused.code not in GUARDED:
            raise
        raise Refused(refused.message, code=refused.code) from error


def as_refusal(error: BaseException) -> GrcError | None:
    """The refusal that an exception of Django, PostgreSQL or ours means; None for a real fault."""
    if isinstance(error, GrcError):
        return error
    if isinstance(error, Http404):
        return NotVisible("There is no such page, or it is not shown to you.")
    if isinstance(error, PermissionDenied):
        said = str(error) or "Your role does not include this."
        found = refusal(403, said, code="not_allowed")
        found.denied = error
        return found
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, RequestDataTooBig):
        return refusal(413, "The request's body is too large for this.", code="too_large")
    if isinstance(error, SuspiciousOperation):
        return Invalid("The request is malformed.", code="malformed")
    return _of_database(error)


def refusal(status: int, message: str, *, code: str, field: str = "") -> GrcError:
    """A refusal with a status of its own, where no kind of error has it."""
    found = GrcError(message, code=code, field=field)
    found.status = status
    return found


def problem_of(refused: GrcError, request_id: str, **more: Any) -> dict[str, Any]:
    """The refusal as an RFC 9457 problem document; `field` is there when one input is to blame.

    Never holds a trace, a query or a path (API-11).
    """
    document = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.message,
        "request_id": request_id,
    }
    if refused.field:
        document["field"] = refused.field
    return {**document, **more}


def _invalid(error: ValidationError) -> Invalid:
    if hasattr(error, "error_dict"):
        field, errors = next(iter(error.message_dict.items()))
        return Invalid(f"{field.replace('_', ' ').capitalize()}: {errors[0]}", field=field)
    return Invalid(error.messages[0])


def _of_database(error: BaseException) -> GrcError | None:
    cause = error.__cause__
    if isinstance(error, ProgrammingError) and isinstance(cause, postgres.InsufficientPrivilege):
        return NotVisible(ABSENT)
    if isinstance(error, IntegrityError):
        return _of_constraint(error)
    if isinstance(error, DataError) and isinstance(cause, UNFIT):
        return Invalid("A value is longer or larger than this can hold.", code="out_of_range")
    if isinstance(cause, postgres.ReadOnlySqlTransaction):
        said = "Support looks and changes nothing, and opens no file."
        return refusal(403, said, code="looks_only")
    if isinstance(error, OperationalError) and isinstance(cause, BUSY):
        return Unreachable("Others are changing the same records; try again.", code="busy")
    return None


def _of_constraint(error: IntegrityError) -> GrcError:
    cause = error.__cause__
    name = getattr(getattr(cause, "diag", None), "constraint_name", "") or ""
    text = getattr(getattr(cause, "diag", None), "message_primary", "") or ""
    if isinstance(cause, postgres.CheckViolation):
        says = text if not text.startswith("new row for relation") else f"Rule {name} is broken."
        return Invalid(says, code=name or "rule_broken")
    if isinstance(cause, postgres.ForeignKeyViolation):
        return Refused(
            "Something else still needs this, or what it names is not here.", code="in_use"
        )
    return Refused("There is one of these already.", code=name or "exists_already")
