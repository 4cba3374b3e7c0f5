"""How an engagement treats subservice organizations, and who is independent of them."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction

from audits.actions import subservices, system_entries
from audits.actions.subservices import Treatment
from audits.models import ScopeItem
from audits.models.subservices import EngagementSubservice, SubserviceIndependence
from audits.models.system import SystemEntry
from audits.queries import subservices as reading
from tenants.errors import Invalid, Refused, StaleVersion
from tenants.queries.findings import open_findings
from tests import factories
from tests.audits.helpers_system import entry, scope_entry, stated
from tests.conftest import as_

LEAVES = Treatment("carve_out", date(2025, 7, 1), date(2026, 6, 30), date(2026, 8, 31))
TEAM = ("partner", "lead", "senior", "auditor", "reviewer")


@pytest.fixture
def host(world):
    entry(world, "subservice", "SO-01")
    stated(world, "subservice")
    return scope_entry(world, "SO-01")


def by_the_firm(world, who="lead"):
    return as_(getattr(world, who), world.firm)


def treated(world, host, method="inclusive"):
    with by_the_firm(world):
        return subservices.treat(host, Treatment(method), by=world.lead)


def found(world, rule, phase="planning"):
    with by_the_firm(world, "partner"):
        return [s.finding for s in open_findings(world.engagement, phase) if s.finding.rule == rule]


def test_a_stated_organization_is_carved_out_with_its_own_report(world, host):
    with by_the_firm(world):
        row = subservices.treat(host, LEAVES, by=world.lead)
        (each,) = reading.standing(world.engagement, world.lead, firm=True)
        assert (each.entry.ref, each.treated, each.cover.open_days) == ("SO-01", row, 30)
        with pytest.raises(Refused, match="treated already"):
            subservices.treat(host, LEAVES, by=world.lead)
        with pytest.raises(Invalid, match="Choose carve-out"):
            subservices.change(row, Treatment("ignored"), by=world.lead)
        with pytest.raises(StaleVersion):
            subservices.change(row, Treatment("inclusive"), by=world.lead, version=9)
        subservices.change(row, Treatment("inclusive"), by=world.lead, version=1)
        assert (row.method, row.report_to) == ("inclusive", None)
    with as_(world.client, world.client_organization):
        assert EngagementSubservice.objects.get().method == "inclusive"
        with pytest.raises(PermissionDenied):
            subservices.change(row, LEAVES, by=world.client)
    with by_the_firm(world, "senior"), pytest.raises(PermissionDenied):
        subservices.change(row, LEAVES, by=world.senior)


def test_only_what_is_stated_as_such_is_treated(world, host):
    entry(world, "vendor", "VE-01")
    stated(world, "vendor")
    with by_the_firm(world), pytest.raises(Invalid, match="no subservice organization"):
        subservices.treat(scope_entry(world, "VE-01"), LEAVES, by=world.lead)


def test_dates_of_a_report_follow_in_the_database_too(world, host):
    row = treated(world, host)
    with by_the_firm(world), pytest.raises(IntegrityError), transaction.atomic():
        EngagementSubservice.objects.filter(pk=row.pk).update(report_from=date(2026, 1, 1))


def test_rt_16_every_stated_organization_is_treated_before_planning_ends(world, host):
    (open_,) = found(world, "RT-16")
    assert "SO-01 is neither carved out nor included" in open_.text
    row = treated(world, host, "carve_out")
    assert found(world, "RT-16") == []
    with as_(world.client, world.client_organization):
        own = SystemEntry.objects.get(ref="SO-01")
        system_entries.retire(own, on=date(2026, 11, 1), by=world.client)
    stated(world, "subservice", none="It is a vendor only.")
    (gone,) = found(world, "RT-16")
    assert "states SO-01 no more" in gone.text
    with by_the_firm(world):
        subservices.remove(row, by=world.lead, version=1)
    assert found(world, "RT-16") == []


def test_ac_04_the_whole_team_is_independent_of_an_included_organization(world, host):
    row = treated(world, host)
    assert "Lena Lead" in _only(found(world, "AC-04", "acceptance")).text
    assert found(world, "RT-16") != []
    for who in TEAM:
        with by_the_firm(world, who):
            subservices.confirm_independence(row, by=getattr(world, who))
    assert [f for f in found(world, "AC-04", "acceptance") if "SO-01" in f.text] == []
    assert found(world, "RT-16") == []
    with by_the_firm(world):
        with pytest.raises(Refused, match="already"):
            subservices.confirm_independence(row, by=world.lead)
        with pytest.raises(Refused, match="those words stay"):
            subservices.remove(row, by=world.lead)
        with pytest.raises(ProgrammingError), transaction.atomic():
            SubserviceIndependence.objects.filter(person=world.lead).delete()
    with as_(world.client, world.client_organization):
        assert not SubserviceIndependence.objects.exists()


def _only(findings):
    (one,) = [each for each in findings if "SO-01" in each.text]
    return one


def test_independence_is_asked_of_included_organizations_alone(world, host):
    row = treated(world, host, "carve_out")
    assert [f for f in found(world, "AC-04", "acceptance") if "SO-01" in f.text] == []
    with by_the_firm(world), pytest.raises(Refused, match="included organizations alone"):
        subservices.confirm_independence(row, by=world.lead)
    with by_the_firm(world):
        subservices.change(row, Treatment("inclusive"), by=world.lead)
    with as_(world.client, world.client_organization), pytest.raises(PermissionDenied):
        subservices.confirm_independence(row, by=world.client)


def test_rt_21_a_carve_out_of_more_than_half_wants_a_note(world, host):
    with by_the_firm(world):
        items = ScopeItem.objects.filter(engagement=world.engagement)
        names = list(items.values_list("identifier", flat=True))
    with as_(world.client, world.client_organization):
        own = SystemEntry.objects.get(ref="SO-01")
    half = len(names) // 2
    row = treated(world, host, "carve_out")
    entry(world, "csoc", "CS-01", related=[own], facts={"answers_to": names[:half]})
    stated(world, "csoc")
    assert found(world, "RT-21") == []
    entry(world, "csoc", "CS-02", related=[own], facts={"answers_to": [names[half]]})
    stated(world, "csoc")
    (warned,) = found(world, "RT-21")
    assert (warned.level, warned.facts["examined"]) == ("warn", len(names))
    with by_the_firm(world):
        (each,) = reading.standing(world.engagement, world.lead, firm=True)
        assert each.csoc_count == 2
        assert [c.ref for c in reading.complementary(world.engagement)[names[0]]] == ["CS-01"]
        subservices.change(row, Treatment("inclusive"), by=world.lead)
    assert found(world, "RT-21") == []


def test_nothing_changes_once_the_report_is_released_lk_04(world, host):
    row = treated(world, host, "carve_out")
    factories.moved_to(world, "released")
    with by_the_firm(world):
        row = EngagementSubservice.objects.select_related("engagement").get(pk=row.pk)
        with pytest.raises(Refused, match="released"):
            subservices.change(row, LEAVES, by=world.lead)
        with pytest.raises(IntegrityError, match="LK-04"), transaction.atomic():
            EngagementSubservice.objects.filter(pk=row.pk).update(method="inclusive")
