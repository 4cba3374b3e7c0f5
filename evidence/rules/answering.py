"""Who of the client hands a request over, and what a reviewer's rank lets them accept."""

from __future__ import annotations

from collections.abc import Container
from uuid import UUID

from evidence.choices import RequestKind
from tenants.permissions import P

STAFF_MAY_ACCEPT = (RequestKind.DOCUMENT, RequestKind.CONFIGURATION)
"""What staff accept alone; the rest takes a senior (soc.md, section 19, footnote 2)."""


def may_submit(person: UUID, owner: UUID | None, held: Container[str]) -> bool:
    """Only the owner hands over, or the administrator; a contributor uploads but does not."""
    return P.ANSWER_ANY_REQUEST in held or person == owner


def may_accept(kind: str, held: Container[str]) -> bool:
    """Populations, samples and the like take a senior."""
    return kind in STAFF_MAY_ACCEPT or P.ACCEPT_POPULATION in held
