"""The record of a draw: all that is needed to repeat it, and each item that came of it."""

from __future__ import annotations

from typing import Any

from audits.models.samples import Sample, SampleDraw
from audits.queries.samples import items_of
from tenants.canonical import plain


def record_of(sample: Sample) -> dict[str, Any]:
    """The sample with its population's facts, its draws and its items, as plain values (4 queries).

    Rows are named by key and hash; their cells are in the population's own file.
    """
    population = sample.population
    draws = SampleDraw.objects.filter(sample=sample).select_related("made_by")
    told: dict[str, Any] = plain(
        {
            "population": {
                "number": population.number, "sha256": population.sha256,
                "rows": population.row_count, "covers_from": population.covers_from,
                "covers_to": population.covers_to, "source": population.source,
                "query": population.query, "run_by": population.run_by,
                "run_at": population.run_at, "accepted_at": population.accepted_at,
                "completeness": population.completeness, "accuracy": population.accuracy,
            },
            "method": sample.method, "seed": sample.seed, "size": sample.size, "why": sample.why,
            "drawn_at": sample.drawn_at, "drawn_by": sample.drawn_by.name, "risk": sample.risk,
            "table": {"number": sample.table_number, "row": sample.table_row},
            "draws": [
                {
                    "kind": each.kind, "count": each.count, "reason": each.reason,
                    "made_by": each.made_by.name, "made_at": each.made_at,
                }
                for each in draws
            ],
            "items": [
                {
                    "position": item.position, "item_key": item.item_key, "row": item.row_number,
                    "row_sha256": item.row_sha256, "origin": item.origin, "reason": item.reason,
                    "replaces": item.replaces_id,
                }
                for item in items_of(sample)
            ],
        }
    )  # fmt: skip
    return told
