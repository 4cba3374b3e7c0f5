"""What populations register here: read by a task, accepted after their request, seen with it."""

from __future__ import annotations


def join() -> None:
    """A population comes from a file of its request."""
    from audits.actions import populations
    from audits.portal.populations import WAYS_IN
    from evidence.actions import named, population_files

    populations.BEFORE_ACCEPTING.append(population_files.request_not_accepted)
    named.AFTER_NAMING.append(population_files.follow)
    WAYS_IN.append(("Read one from a file", "evidence:population_read"))
