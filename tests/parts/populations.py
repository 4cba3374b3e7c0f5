"""Populations and samples in the generated tests: one to accept, one to draw from, one drawn."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db import transaction

from audits.actions import populations, samples
from audits.actions.populations import Told
from audits.actions.samples import Choice
from audits.models import EngagementControl
from audits.models.control_tests import ControlTest
from audits.models.samples import SampleItem
from audits.rules.population_rows import Layout
from tests import factories

FIELDS_TXT = """
shown firm audits.api.populations.PopulationSerializer: id version engagement test ref number status part covers_from covers_to unit source query run_by run_at replaces columns key_columns date_column date_order quarters dated_outside row_count sha256 problem completeness accuracy counted_independently zero_checked accepted_by accepted_at ready_at moves
shown firm audits.api.populations.TableRowShape: size risk table_number table_row tolerable_rate confidence statistical
shown firm audits.api.samples.SampleDrawSerializer: kind count reason made_by made_at
shown firm audits.api.samples.SampleItemSerializer: id version engagement test sample position item_key row_number row row_sha256 origin site replaces reason added_at
shown firm audits.api.samples.SampleSerializer: id engagement test population population_sha256 method why size risk table_number table_row seed drawn_by drawn_at draws
sent firm audits.api.populations.AcceptPopulationBody: completeness accuracy counted zero_checked
sent firm audits.api.populations.ToldBody: test part covers_from covers_to unit source query run_by run_at replaces key_columns date_column date_order
sent firm audits.api.populations.WriteInBody: test part covers_from covers_to unit source query run_by run_at replaces key_columns date_column date_order text
sent firm audits.api.samples.AddItemsBody: keys reason
sent firm audits.api.samples.DrawBody: population method size why keys
sent firm audits.api.samples.ExpandBody: count reason
sent firm audits.api.samples.ReplaceBody: because reason
form firm audits.portal.population_forms.AcceptForm: version completeness accuracy counted zero_checked
form firm audits.portal.population_forms.AddForm: keys reason
form firm audits.portal.population_forms.DrawForm: method size keys why
form firm audits.portal.population_forms.ExpandForm: count reason
form firm audits.portal.population_forms.ReplaceForm: because reason
form firm audits.portal.population_forms.ToldForm: part covers_from covers_to unit source query run_by run_at key_columns date_column date_order replaces
form firm audits.portal.population_forms.WriteInForm: part covers_from covers_to unit source query run_by run_at key_columns date_column date_order replaces rows
"""  # noqa: E501  (a line is a class)
PORTAL_IDS = {
    "population": "audits.Population", "sample": "audits.Sample",
    "sample_item": "audits.SampleItem", "test": "audits.ControlTest",
}  # fmt: skip
FILTERED = {
    "test": "audits.ControlTest", "population": "audits.Population", "sample": "audits.Sample",
}  # fmt: skip
FORM_IDS = {"replaces": "audits.Population"}
FIXED = {"run_at": "2026-10-01T12:00:00Z", "covers_from": "2025-10-01", "covers_to": "2026-09-30"}
ROWS = "Ticket,Day\n" + "\n".join(f"T-{number},2026-01-{number:02d}" for number in range(1, 31))


def play(world: SimpleNamespace) -> dict[str, Any]:
    """Three populations of a test: to accept, accepted, and drawn from."""
    before = world.engagement.status
    test = _tested(world)
    ids: dict[str, Any] = {"population to accept": _written(world, test, "Words").pk}
    ids["audits.Population"] = _accepted(world, test, "Words").pk
    ids |= _drawn(world, _accepted(world, test, "Words"))
    with transaction.atomic():
        factories.moved_to(world, before)
    return ids


def furnish(world: SimpleNamespace, word: str) -> None:
    """What the firm alone reads, in every text of a population and its sample."""
    before = world.engagement.status
    test = _tested(world)
    _drawn(world, _accepted(world, test, f"{word}-firm"), f"{word}-firm")
    _written(world, test, f"{word}-firm")
    with transaction.atomic():
        factories.moved_to(world, before)


def _drawn(world: SimpleNamespace, row: Any, word: str = "Words") -> dict[str, Any]:
    with _acts(world, world.senior):
        sample = samples.draw(row, Choice(size=3, why=word), by=world.senior)
        (first, *_) = samples.expand(sample, 2, reason=word, by=world.senior)
        items = SampleItem.objects.filter(sample=sample).order_by("position")
        assert first in items
    return {"audits.Sample": sample.pk, "audits.SampleItem": items[0].pk}


def _tested(world: SimpleNamespace) -> ControlTest:
    with transaction.atomic():
        factories.moved_to(world, "fieldwork")
    with _acts(world, world.senior):
        rows = EngagementControl.objects.filter(engagement=world.engagement).order_by("ref")
        engagement = world.engagement
        number = 50 + ControlTest.objects.filter(engagement=engagement, number__gte=50).count()
        made = ControlTest.objects.create(
            engagement=engagement, control=rows.first(), kind="toe", number=number,
            covers_from=engagement.period_start, covers_to=engagement.period_end,
            status="performing", planned_by=world.senior,
        )  # fmt: skip
        found: ControlTest = ControlTest.objects.select_related(
            "control__engagement", "engagement__client"
        ).get(pk=made.pk)
    return found


def told_by(world: SimpleNamespace, word: str) -> Told:
    """What is told of a list over the whole period, `word` in every text."""
    place = world.engagement
    return Told(
        part="whole", covers=(place.period_start, place.period_end), unit=word, source=word,
        query=word, run_by=word, run_at=factories.timezone.now().replace(microsecond=0),
        layout=Layout(("Ticket",), "Day"),
    )  # fmt: skip


def _written(world: SimpleNamespace, test: ControlTest, word: str) -> Any:
    rows = ROWS.replace("T-9,", f"{word} T-9,")
    with _acts(world, world.senior):
        return populations.write_in(test, told_by(world, word), rows, by=world.senior)


def _accepted(world: SimpleNamespace, test: ControlTest, word: str) -> Any:
    row = _written(world, test, word)
    with _acts(world, world.senior):
        return populations.accept(row, completeness=word, accuracy=word, by=world.senior)


def _acts(world: SimpleNamespace, who: Any) -> Any:
    from tests.access.scenes import acts

    return acts(who, world.firm)


def _while_it_is_tested(play: Any, state: str, who: Any) -> None:
    factories.moved_to(play.world, "fieldwork")


ARRANGED = dict.fromkeys(("population", "sample", "sample_item"), _while_it_is_tested)
TO_ACCEPT = {"pk": "population to accept", "population": "population to accept"}
LABELS = {"population.accept": TO_ACCEPT}
FIELDS = {
    "population": lambda play, who: {
        "part": "whole", "unit": "One ticket", "source": "Tickets", "query": "All", "run_by": "Ada",
        "run_at": "2026-10-01T12:00:00Z", "covers_from": "2025-10-01", "covers_to": "2026-09-30",
        "text": ROWS, "rows": ROWS, "date_order": "year_first", "version": "2",
        "completeness": "Counted.", "accuracy": "Traced.", "counted": 30, "zero_checked": False,
        "key_columns": [], "date_column": "Day", "method": "random", "size": 2,
        "why": "As planned.", "keys": [],
    },
    "population.write_in": lambda play, who: {"test": str(play.ids["audits.ControlTest"])},
    "sample": lambda play, who: {"count": 2, "reason": "One failed.", "keys": _free(play)},
    "sample_item": lambda play, who: {"because": "void", "reason": "A test ticket."},
}  # fmt: skip


def _free(play: Any) -> list[str]:
    """A key that is in the population and not in the sample."""
    from tests.access.scenes import acts

    with acts(play.world.senior, play.world.firm):
        items = SampleItem.objects.filter(sample=play.ids["audits.Sample"])
        taken = set(items.values_list("item_key", flat=True))
    return sorted({f"T-{number}" for number in range(10, 31)} - taken)[:1]
