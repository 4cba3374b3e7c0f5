"""The firm's tables in the generated tests: one version, by the administrator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from audits.actions import firm_tables

FIELDS_TXT = """
shown firm audits.api.firm_tables.FirmTableSerializer: id kind number content reason made_by made_at
sent firm audits.api.firm_tables.FirmTableBody: kind content reason number
form firm audits.portal.firm_tables.EvaluationForm: tolerable_rate confidence reason number
form firm audits.portal.firm_tables.SampleSizesForm: number reason
form firm audits.portal.firm_tables.TableForm: number reason
"""
PARTICULAR = {"audits_firmtable": lambda world: {"organization_id": world.firm.pk}}
WORDS = {"table_kind": ("evaluation",)}


def play(world: SimpleNamespace) -> dict[str, Any]:
    """The administrator says by what deviations are judged."""
    from tests.access.scenes import acts

    with acts(world.firm_admin, world.firm):
        row = firm_tables.set_table(
            world.firm, "evaluation", {"confidence": "95"}, reason="Decided in May.",
            by=world.firm_admin,
        )  # fmt: skip
    return {"audits.FirmTable": row.pk}


def furnish(world: SimpleNamespace, word: str) -> None:
    """Nothing: a table belongs to no engagement."""


FIELDS = {
    "firm_table": lambda play, who: {
        "kind": "evaluation", "content": {"confidence": "95"}, "reason": "As decided.",
        "confidence": "95", "tolerable_rate": "10", "number": 1 if who.key == "firm_admin" else 0,
    },
}  # fmt: skip
