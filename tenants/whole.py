"""Looking at an engagement as a whole, whoever asks.

A restricted request hides from a manager whom it does not name, and a gate must still count it.
Inside `whole_file` everything of the engagement and of its firm is seen; what leaves it is counts,
references and hashes, never a title or a text of a restricted request. Client-only tables are
never read in it (AC-03). Used by the findings of a gate, the contents of the firm's papers, the
dates of evidence, and the counts that conclusions rest on, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tenants.acting import Actor, acting

if TYPE_CHECKING:
    from tenants.models import Engagement


@contextmanager
def whole_file(engagement: Engagement) -> Iterator[None]:
    """Act as the engagement with its firm inside the block; nothing may be written in it."""
    with acting(Actor(engagement_id=engagement.pk, organization_id=engagement.firm_id)):
        yield
