"""Pages of populations and samples, and how the trail reads what happens there."""

from __future__ import annotations

from typing import Any, Final

from django.urls import path

from audits.portal import populations, samples

POPULATION: Final = "testing/populations/<uuid:population>/"
SAMPLE: Final = "testing/samples/<uuid:sample>/"
routes: list[Any] = []
own_library: list[Any] = []
of_an_engagement = [
    path("testing/populations/", populations.index, name="populations"),
    path("testing/tests/<uuid:test>/populations/", populations.of_test, name="test_populations"),
    path("testing/tests/<uuid:test>/populations/write/", populations.write,
         name="population_write"),
    path(POPULATION, populations.population, name="population"),
    path(f"{POPULATION}progress/", populations.progress, name="population_progress"),
    path(f"{POPULATION}accept/", populations.accept, name="population_accept"),
    path(f"{POPULATION}draw/", populations.draw, name="sample_draw"),
    path(f"{POPULATION}rows.csv", populations.rows, name="population_rows"),
    path(SAMPLE, samples.sample, name="sample"),
    path(f"{SAMPLE}expand/", samples.expand, name="sample_expand"),
    path(f"{SAMPLE}add/", samples.add, name="sample_add"),
    path(f"{SAMPLE}draw.json", samples.record, name="sample_record"),
    path("testing/items/<uuid:sample_item>/replace/", samples.replace, name="item_replace"),
]  # fmt: skip

PHRASES: Final = {
    "population.begun": "told of a population: {label}",
    "population.finish": "froze {label}",
    "population.fail": "could not read {label}",
    "population.accept": "accepted {label}",
    "population.supersede": "replaced {label} by a corrected one",
    "population.exported": "downloaded the rows of {label}",
    "sample.drawn": "drew a sample: {label}",
    "sample.expanded": "expanded a sample: {label}",
    "sample.added_to": "added to a sample: {label}",
    "sample.replaced_in": "replaced an item of a sample: {label}",
}
ICONS: Final = {
    "population.finish": "database", "population.accept": "check", "sample.drawn": "target",
    "population.exported": "download",
}  # fmt: skip
