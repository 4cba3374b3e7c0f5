"""What the client approves of an engagement: a list that each part adds to.

An approval holds for the content it was given to (SO-01); other content asks for another one.
Contents are read from what both sides see, so that they are the same for whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from tenants.models import Engagement

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be approved, as it is: its words, the record it is, and who wrote it last."""

    content: Content
    id: UUID | None = None
    written_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Approvable:
    """One kind of what the client approves.

    `phase`: at whose exit it is asked. `subject` answers with at most two queries, None where
    there is nothing of the kind to approve; `lines` tells a content in words; `route` is the page
    of an engagement where it stands.
    """

    kind: str
    label: str
    phase: str
    subject: Callable[[Engagement], Subject | None]
    lines: Callable[[Mapping[str, Any]], list[tuple[str, str]]]
    route: str


APPROVABLES: dict[str, Approvable] = {}
"""Kind → what it is."""


def register(approvable: Approvable) -> None:
    """Add a kind."""
    APPROVABLES[approvable.kind] = approvable
