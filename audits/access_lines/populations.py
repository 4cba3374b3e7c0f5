"""Who may do what with populations and samples: the firm's own."""

from __future__ import annotations

from audits.actions import populations
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, ON_THE_ENGAGEMENT, Resource, Who
from tenants.choices import Role
from tenants.permissions import P

THEIRS = Who(
    "a specialist only on controls assigned to them",
    lambda who, state: who.role != Role.SPECIALIST,
)

POPULATION = (
    Resource("population", "Population", FIRM_TEAM,
             note="One that came by a restricted request exists for the people it names alone.")
    .may("list", sees=EVERYBODY, api="GET population-list", note="those in sight")
    .may("view", api="GET population-detail",
         pages="audits:population, audits:population_progress")
    .may("see all", sees=ON_THE_ENGAGEMENT, page_sees=FIRM_TEAM,
         pages="audits:populations, audits:test_populations")
    .may("download the rows", api="GET population-rows", pages="audits:population_rows")
    .may("view the size asked", api="GET population-asked")
    .may("write in", P.PERFORM_TEST, only=THEIRS,
         api="POST population-list", pages="audits:population_write")
    .moves(populations.LIFECYCLE, api="population-{}", pages="audits:population_{}")
    .may("draw", P.PLAN_TEST, api="POST sample-list", pages="audits:sample_draw")
)  # fmt: skip

SAMPLE = (
    Resource("sample", "Sample", FIRM_TEAM, note="Nothing of a sample is ever taken back.")
    .may("list", sees=EVERYBODY, api="GET sample-list", note="those in sight")
    .may("view", api="GET sample-detail", pages="audits:sample")
    .may("download the draw", pages="audits:sample_record")
    .may("expand", P.PLAN_TEST, api="POST sample-expand", pages="audits:sample_expand")
    .may("add to", P.PLAN_TEST, api="POST sample-add", pages="audits:sample_add")
)  # fmt: skip

ITEM = (
    Resource("sample_item", "Sample item", FIRM_TEAM)
    .may("list", sees=EVERYBODY, api="GET sample-item-list", note="those in sight")
    .may("view", api="GET sample-item-detail")
    .may("replace", P.PLAN_TEST, api="POST sample-item-replace", pages="audits:item_replace",
         note="one whose row is void or doubled")
)  # fmt: skip

RESOURCES = [POPULATION, SAMPLE, ITEM]
OPEN: dict[str, str] = {}
TASKS: dict[str, str] = {}
