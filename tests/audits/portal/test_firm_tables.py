"""The firm's own tables: set by its administrator, with a reason, each version kept."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, transaction
from django.urls import reverse

from audits.models.firm_tables import FirmTable
from audits.queries import firm_tables
from tests import factories
from tests.conftest import as_
from tests.programs import program_of

INDEX = reverse("audits:firm_tables")
JUDGING = reverse("audits:firm_table_set", args=["evaluation"])
SIZES = reverse("audits:firm_table_set", args=["sample_sizes"])


@pytest.fixture
def administrator(world):
    world.firm_admin = factories.member(world.firm, "firm_admin")
    return world.firm_admin


def text(response):
    return response.content.decode()


def test_an_administrator_sets_a_table_and_the_older_one_stays(world, administrator, browser_of):
    browser = browser_of("firm_admin")
    assert "The platform’s own" in text(browser.get(INDEX))
    wrong = browser.post(JUDGING, {"tolerable_rate": "60", "confidence": "95", "number": 0,
                                   "reason": "Stricter."})  # fmt: skip
    assert wrong.status_code == 400
    assert "from 1 to 50" in text(wrong)
    told = {"tolerable_rate": "5", "confidence": "95", "number": 0, "reason": "Stricter."}
    assert browser.post(JUDGING, told).status_code == 302
    assert browser.post(JUDGING, told).status_code == 412  # somebody had it open meanwhile
    page = browser.get(SIZES)
    fields = page.context["form"].initial | {
        name: field.initial for name, field in page.context["form"].fields.items()
    }
    fields |= {"daily_1": 30, "reason": "More.", "number": 0}
    assert browser.post(SIZES, fields).status_code == 302
    shown = text(browser.get(INDEX))
    assert "Stricter." in shown
    assert "Version 1" in shown
    with as_(administrator, world.firm):
        number, sizes = firm_tables.sample_sizes(world.firm.pk)
        assert (number, sizes.daily) == (1, (20, 30, 40))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            FirmTable.objects.update(reason="Otherwise")


@pytest.mark.parametrize("who", ["partner", "senior", "client", "rival"])
def test_nobody_else_sets_it(world, administrator, browser_of, who):
    browser = browser_of(who)
    assert browser.get(INDEX).status_code == 403
    assert INDEX not in text(browser.get(reverse("tenants:home")))
    assert INDEX in text(browser_of("firm_admin").get(reverse("tenants:home")))


def test_another_firm_has_its_own(world, administrator):
    body = {"kind": "evaluation", "content": {"tolerable_rate": "5"}, "reason": "Stricter."}
    program = program_of(administrator, world.firm)
    made = program.post("firm-tables/", body)
    assert (made.status_code, made.json()["number"]) == (201, 1)
    assert made.json()["content"] == {"tolerable_rate": "5", "confidence": "90"}
    assert program.get("firm-tables/?kind=evaluation").json()["total"] == 1
    assert program_of(world.partner, world.firm).get("firm-tables/").json()["total"] == 0
    assert program_of(world.rival, world.other_firm).post("firm-tables/", body).status_code == 403
    with as_(world.rival, world.other_firm):
        assert firm_tables.evaluation(world.other_firm.pk)[0] == 0
    with as_(world.senior, world.firm):
        number, judged = firm_tables.evaluation(world.firm.pk)
        assert (number, judged.tolerable_rate) == (1, 5)
