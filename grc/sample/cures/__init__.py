"""What the cast does before an engagement may leave a phase: a module for each part.

`cure(cast, engagement)` plays, by the real actions and each act by somebody whose role it is, what
the part's findings ask at the exit of the phase the engagement stands in. It may be called again.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol

from tenants.choices import Role
from tenants.models import Engagement, User
from tenants.parts import parts_of


class Cast(Protocol):
    """Who can play."""

    def acting_as(self, engagement: Engagement, role: Role) -> AbstractContextManager[User]:
        """Somebody of this role on the engagement acts, in a transaction."""
        ...


def cure_all(cast: Cast, engagement: Engagement, but: Collection[str] = ()) -> None:
    """Do all that is asked at the exit of the present phase, but for the parts named."""
    for part in parts_of(__name__):
        if part.__name__.rpartition(".")[2] not in but:
            part.cure(cast, engagement)
