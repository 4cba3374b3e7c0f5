"""Who may have a population read from a file: the firm's own."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, FIRM_TEAM, Resource, Who
from tenants.choices import Role
from tenants.permissions import P

THEIRS = Who(
    "a specialist only on controls assigned to them",
    lambda who, state: who.role != Role.SPECIALIST,
)

POPULATION_SOURCE = (
    Resource("population_source", "File a population is read from", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET population-source-list", note="those in sight")
    .may("view", api="GET population-source-detail")
    .may("read", P.PERFORM_TEST, only=THEIRS, api="POST population-source-list",
         pages="evidence:population_read")
)  # fmt: skip

RESOURCES = [POPULATION_SOURCE]
OPEN: dict[str, str] = {}
TASKS = {
    "evidence.read_population": "the engagement: rows of a file its client handed over",
    "evidence.read_population.parked": "the engagement: says that its population failed",
}
