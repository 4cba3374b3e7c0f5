"""Pages of the client's system, and its API: written, read, counted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from audits.actions import system_entries
from audits.models.statements import ScopeStatement
from audits.models.system import SystemEntry
from audits.rules.system_entries import KINDS, Told, facts_of
from tests.conftest import as_
from tests.programs import program_of

SERVICE = {"ref": "SV-01", "title": "Payroll", "text": "We run payrolls.", "used_by": "Employers"}
VALUES = {"text": "Words", "yes": "on", "date": "2026-03-01", "list": "CC6.1"}


@pytest.fixture
def owner(browser_of):
    return browser_of("owner")


def at(name, *args):
    return reverse(f"audits:{name}", args=args)


def text(response):
    return response.content.decode()


def written(world, count=1):
    with as_(world.client, world.client_organization):
        return [
            system_entries.add(
                world.client_organization,
                Told("vendor", f"VE-{n:02}", f"Vendor {n}", "Sells.", facts={"does": "Prints"}),
                by=world.client,
            )
            for n in range(1, count + 1)
        ]  # fmt: skip


def test_an_entry_of_each_kind_is_written_by_its_form(world, administrator):
    for kind, about in KINDS.items():
        page = administrator.get(at("system_entry_add", kind))
        assert about.hint.split("’")[0][:20] in text(page)
        sent = {"ref": f"{about.letters}-01", "title": f"A {kind}", "text": "What it is."}
        for fact in facts_of(kind):
            sent[fact.name] = fact.choices[0][0] if fact.choices else VALUES[fact.form]
        if about.categories:
            sent["category"] = about.categories[0][0]
        if kind == "csoc":
            sent["related"] = str(_one(world, "SO-01").pk)
        done = administrator.post(at("system_entry_add", kind), sent)
        assert done.status_code == 302, text(done)
        shown = text(administrator.get(at("system_entry", _one(world, sent["ref"]).pk)))
        assert "What it is." in shown
    listed = text(administrator.get(at("system_entries")))
    assert all(f"A {kind}" in listed for kind in KINDS)


def _one(world, ref):
    with as_(world.client, world.client_organization):
        return SystemEntry.objects.get(ref=ref)


def test_a_form_says_what_is_missing_and_where(world, administrator):
    page = administrator.post(at("system_entry_add", "service"), SERVICE | {"used_by": ""})
    assert page.status_code == 400
    assert "Fill in “Who uses it”." in text(page)
    wrong = {"ref": "UE-01", "title": "Input", "text": "Approved.", "answers_to": "CC99.9"}
    page = administrator.post(at("system_entry_add", "cuec"), wrong)
    assert page.status_code == 400
    assert "neither a trust services criterion" in text(page)
    assert administrator.get(at("system_entry_add", "robot")).status_code == 404


def test_a_control_owner_keeps_what_is_theirs(world, owner, administrator, browser_of):
    assert owner.post(at("system_entry_add", "service"), SERVICE).status_code == 302
    own = _one(world, "SV-01")
    (other,) = written(world)
    assert "Edit</a>" in text(owner.get(at("system_entry", own.pk)))
    assert "Edit</a>" not in text(owner.get(at("system_entry", other.pk)))
    assert owner.get(at("system_entry_edit", other.pk)).status_code == 403
    assert "Kept by" in text(administrator.get(at("system_entry_edit", own.pk)))
    assert browser_of("executive").get(at("system_entry_add", "service")).status_code == 403
    change = SERVICE | {"title": "Payroll and tax", "version": 1}
    assert owner.post(at("system_entry_edit", own.pk), change).status_code == 302
    assert owner.post(at("system_entry_edit", own.pk), change).status_code == 412
    assert "Payroll and tax" in text(administrator.get(at("system_entries")))


def test_an_entry_is_retired_and_brought_back_by_its_pages(world, administrator):
    (own,) = written(world)
    sent = {"version": 1, "on": "2026-11-01"}
    assert administrator.post(at("system_entry_retire", own.pk), sent).status_code == 302
    assert "Vendor 1" not in text(administrator.get(at("system_entries")))
    assert "Vendor 1" in text(administrator.get(at("system_entries") + "?retired=on"))
    again = {"version": 2}
    assert administrator.post(at("system_entry_bring_back", own.pk), again).status_code == 302
    assert "Vendor 1" in text(administrator.get(at("system_entries") + "?kind=vendor&q=vendor"))


def test_a_firm_finds_neither_page_nor_record(world, lead):
    (own,) = written(world)
    assert lead.get(at("system_entries")).status_code == 404
    assert lead.get(at("system_entry", own.pk)).status_code == 404
    program = program_of(world.lead, world.firm)
    assert program.get("system-entries/").json()["results"] == []
    assert program.get(f"system-entries/{own.pk}/").status_code == 404


def test_the_list_asks_a_fixed_number_of_queries(
    world, administrator, django_assert_max_num_queries
):
    written(world, 2)
    with django_assert_max_num_queries(30) as few:
        administrator.get(at("system_entries"))
        asked = len(few.captured_queries)
    with as_(world.client, world.client_organization):
        for n in range(3, 20):
            system_entries.add(
                world.client_organization,
                Told("vendor", f"VE-{n:02}", "V", "Sells.", facts={"does": "Prints"}),
                by=world.client,
            )  # fmt: skip
    with django_assert_max_num_queries(asked):
        administrator.get(at("system_entries"))


def test_the_api_writes_changes_and_retires(world):
    program = program_of(world.client, world.client_organization)
    body = {"kind": "service", "ref": "SV-01", "title": "Payroll", "text": "Runs.",
            "facts": {"used_by": "Employers"}}  # fmt: skip
    made = program.post("system-entries/", body)
    assert made.status_code == 201, made.content
    at_ = f"system-entries/{made.json()['id']}/"
    vendor = {"kind": "vendor", "ref": "VE-01", "title": "Printer", "text": "Prints.",
              "facts": {"does": "Prints"}, "related": [made.json()["id"]],
              "owner": str(world.owner.pk)}  # fmt: skip
    other = program.post("system-entries/", vendor).json()
    assert other["related"][0]["relation"] == "belongs_to"
    assert other["owner"] == str(world.owner.pk)
    bad = program.post("system-entries/", body | {"ref": "SV-02", "facts": {"colour": "x"}})
    assert bad.status_code == 400
    assert "it has: used_by" in bad.content.decode()
    changed = program.patch(at_, {"title": "Payroll runs"}, If_Match='"1"')
    assert (changed.json()["title"], changed.json()["facts"]) == (
        "Payroll runs", {"used_by": "Employers"})  # fmt: skip
    assert program.post(f"{at_}retire/", {"on": "2026-11-01"}).status_code == 200
    assert program.post(f"{at_}bring_back/", {}).json()["retired_on"] is None
    listed = program.get("system-entries/?kind=vendor").json()["results"]
    assert [each["ref"] for each in listed] == ["VE-01"]


# --- what is stated in an engagement ---------------------------------------------------------


def of(world, name, *args):
    return at(name, world.engagement.pk, *args)


def test_the_client_states_and_hands_over_and_the_firm_reads(world, administrator, lead):
    written(world)
    assert "Not stated" in text(lead.get(of(world, "statements")))
    assert administrator.post(of(world, "statement_take", "vendor"), {}).status_code == 302
    assert "Vendor 1" not in text(lead.get(of(world, "statement", "vendor")))
    page = text(administrator.get(of(world, "statement", "vendor")))
    assert "Vendor 1" in page
    assert "Hand over" in page
    with as_(world.client, world.client_organization):
        draft = ScopeStatement.objects.get()
    assert lead.get(of(world, "statement_hand_over", draft.pk)).status_code == 404
    sent = {"version": 1}
    done = administrator.post(of(world, "statement_hand_over", draft.pk), sent)
    assert done.status_code == 302
    assert "Vendor 1" in text(lead.get(of(world, "statement", "vendor")))
    assert lead.get(of(world, "statement_take", "vendor")).status_code == 403
    assert lead.get(of(world, "statement", "robot")).status_code == 404
    assert lead.get(of(world, "statement", "vendor") + "?number=7").status_code == 404


def test_none_is_said_on_the_page(world, administrator, lead):
    page = administrator.post(of(world, "statement_take", "incident"), {"none_reason": ""})
    assert page.status_code == 400
    assert "say here that there are none" in text(page)
    said = {"none_reason": "Nothing broke a promise."}
    assert administrator.post(of(world, "statement_take", "incident"), said).status_code == 302
    assert administrator.post(of(world, "statements_hand_over"), {}).status_code == 302
    assert "Nothing broke a promise." in text(lead.get(of(world, "statement", "incident")))


def test_what_changed_since_is_told_to_the_client_alone(world, administrator, lead):
    (own,) = written(world)
    assert administrator.post(of(world, "statements_take"), {}).status_code == 302
    assert administrator.post(of(world, "statements_hand_over"), {}).status_code == 302
    with as_(world.client, world.client_organization):
        told = Told("vendor", "VE-01", "Another name", "Sells.", facts={"does": "Prints"})
        system_entries.change(own, told, by=world.client)
    assert "1 changed since" in text(administrator.get(of(world, "statements")))
    assert "title changed" in text(administrator.get(of(world, "statement", "vendor")))
    firm = text(lead.get(of(world, "statement", "vendor")))
    assert "changed since" not in text(lead.get(of(world, "statements")))
    assert "Another name" not in firm


def test_the_api_states_hands_over_and_compares(world):
    written(world)
    client = program_of(world.client, world.client_organization)
    firm = program_of(world.lead, world.firm)
    key = str(world.engagement.pk)
    made = client.post("scope-statements/", {"engagement": key, "kind": "vendor"})
    assert made.status_code == 201, made.content
    path = f"scope-statements/{made.json()['id']}/"
    assert firm.get(path).status_code == 404
    assert client.post(f"{path}hand_over/").status_code == 200
    assert firm.get(path).json()["entries"][0]["title"] == "Vendor 1"
    assert firm.get(f"{path}difference/").json() == {"added": [], "removed": [], "changed": []}
    assert firm.get(f"{path}behind/").status_code == 403
    assert client.get(f"{path}behind/").json()["changed"] == []
    body = {"engagement": key, "kind": "incident", "none_reason": "Nothing broke."}
    draft = client.post("scope-statements/", body).json()
    gone = client.delete(f"scope-statements/{draft['id']}/", If_Match='"1"')
    assert gone.status_code == 204
    client.post("scope-statements/", body)
    given = client.post("scope-statements/hand_over_all/", {"engagement": key})
    assert [each["kind"] for each in given.json()["statements"]] == ["incident"]
    assert client.post("scope-statements/take_all/", {"engagement": key}).json() == {
        "statements": []
    }
    listed = firm.get(f"scope-statements/?engagement={key}&kind=incident").json()["results"]
    assert listed[0]["none_reason"] == "Nothing broke."


def test_the_statements_ask_a_fixed_number_of_queries(
    world, administrator, django_assert_max_num_queries
):
    written(world, 1)
    administrator.post(of(world, "statements_take"), {})
    with django_assert_max_num_queries(40) as few:
        administrator.get(of(world, "statements"))
        asked = len(few.captured_queries)
    with as_(world.client, world.client_organization):
        for n in range(2, 12):
            told = Told("vendor", f"VE-{n:02}", "V", "Sells.", facts={"does": "Prints"})
            system_entries.add(world.client_organization, told, by=world.client)
    administrator.post(of(world, "statements_take"), {})
    with django_assert_max_num_queries(asked):
        administrator.get(of(world, "statements"))
