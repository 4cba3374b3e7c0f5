"""How the trail reads what happens here."""

from __future__ import annotations

from typing import Final

PHRASES: Final = {
    "engagement.scope_changed": "changed what is examined",
    "engagement.controls_taken": "took controls from the client's library",
    "engagementcontrol.mapped": "mapped {label}",
    "engagementcontrol.unmapped": "took a mapping off {label}",
    "engagementcontrol.dropped": "dropped {label}",
    "scopeitem.left_out": "left out {label}",
    "scopeitem.taken_back": "took {label} back into scope",
    "organization.controls_imported": "imported a control list",
    "organization.objectives_taken_from_catalog": "took control objectives from the catalog",
    "control.added": "added {label}",
    "control.changed": "changed {label}",
    "control.narrative_written": "told {label} anew",
    "control.mapping_explained": "said why {label} is mapped",
    "control.retired": "retired {label}",
    "control.brought_back": "brought {label} back",
    "controlobjective.added": "stated {label}",
    "controlobjective.changed": "changed {label}",
    "system.added": "added the system {label}",
    "system.renamed": "renamed the system {label}",
}
ICONS: Final = {
    "engagement.scope_changed": "target",
    "engagement.controls_taken": "shield-check",
    "engagementcontrol.mapped": "link",
    "engagementcontrol.unmapped": "link-off",
    "engagementcontrol.dropped": "trash",
    "scopeitem.left_out": "circle-minus",
    "scopeitem.taken_back": "circle-plus",
}
