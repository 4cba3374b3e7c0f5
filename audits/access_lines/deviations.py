"""Who may do what with deviations: the firm's own (DV-01)."""

from __future__ import annotations

from audits.access_lines.testing import NAMES, THEIRS
from audits.actions.deviations import LIFECYCLE
from audits.choices.deviations import FIRM_ALONE, DeviationStatus
from tenants.access_matrix import EVERYBODY, FIRM_TEAM, Resource
from tenants.permissions import P

OPEN_STATES = tuple(each for each in DeviationStatus if each != DeviationStatus.CLOSED)

DEVIATION = (
    Resource("deviation", "Deviation", FIRM_TEAM, dict(DeviationStatus.choices),
             note="Of an item that only named people see, it is theirs alone.")
    .may("list", sees=EVERYBODY, page_sees=FIRM_TEAM, api="GET deviation-list",
         pages="audits:deviations", note="those in sight")
    .may("view", api="GET deviation-detail", pages="audits:deviation")
    .may("write down", P.PERFORM_TEST, only=THEIRS, **NAMES, api="POST deviation-list",
         pages="audits:deviation_new")
    .may("take what the grids show", P.PERFORM_TEST, **NAMES, api="POST deviation-take-found",
         pages="audits:deviations_take")
    .may("change", P.PERFORM_TEST, only=THEIRS, states=OPEN_STATES,
         api="PATCH deviation-detail", pages="audits:deviation_edit")
    .may("drop", P.PERFORM_TEST, only=THEIRS, states=FIRM_ALONE, api="POST deviation-drop",
         pages="audits:deviation_drop", note="once its cell does not deviate")
    .moves(LIFECYCLE, api="deviation-{}", pages="audits:deviation_move/{}",
           only=dict.fromkeys(("explain", "reconsider"), THEIRS))
)  # fmt: skip

RESOURCES = [DEVIATION]
OPEN: dict[str, str] = {}
TASKS = {"audits.tell_partners": "the engagement: notices of intent or of evidence made afterwards"}
