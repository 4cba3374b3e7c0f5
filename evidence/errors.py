"""What can go wrong with bytes: refused, missing or damaged."""

from __future__ import annotations

from tenants.errors import Invalid, Refused


class FileTooLarge(Invalid):
    """More bytes than the limit that holds for this upload (UPL-7); nothing was kept."""

    status = 413
    code = "file_too_large"


class EvidenceDamaged(Refused):
    """Stored bytes are not the bytes that were accepted (EV-04). `path` names the file."""

    code = "evidence_damaged"

    def __init__(self, message: str, *, path: str, code: str = "") -> None:
        super().__init__(message, code=code)
        self.path = path


class EvidenceMissing(EvidenceDamaged):
    """The store holds nothing under a key that a row names (PK-03)."""

    code = "evidence_missing"
