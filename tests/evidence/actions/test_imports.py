"""A firm's list becomes requests: previewed row by row, imported as a whole, once."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from audits.models import EngagementControl
from evidence.actions import evidence_requests as moves
from evidence.actions import import_reading, imports, request_edits
from evidence.actions.import_rows import import_rows
from evidence.models import EvidenceRequest, ImportRow, RememberedMapping, RequestPerson
from evidence.queries.request_facts import facts_of
from evidence.rules.request_list_export import write_csv, write_xlsx
from evidence.storage import evidence_store
from tenants import acting, outbox, tasks
from tenants.choices import Role
from tenants.errors import Invalid, Refused
from tenants.models import TrailEntry
from tests import factories, taking_away
from tests.conftest import as_
from tests.evidence.import_helpers import (
    CLEAN,
    PLANS,
    SAMPLE,
    csv_list,
    golden,
    good_row,
    hand_in,
    rows_of,
)

ENDINGS = (("xlsx", "list.xlsx"), ("csv", "list.csv"))


@pytest.fixture
def prepared(world):
    """The world with the sample control set taken into the engagement."""
    factories.taken_controls(world)
    return world


def request_of(world, ref):
    return EvidenceRequest.objects.get(engagement=world.engagement, ref=ref)


@pytest.mark.parametrize("path", [SAMPLE, CLEAN], ids=lambda path: path.stem)
def test_a_sample_list_gives_exactly_what_is_expected_and_is_imported_once(prepared, path):
    world, wanted = prepared, golden(path.name)
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, path.read_bytes(), path.name)
        assert handed_in.status == "ready", handed_in.problem
        rows = rows_of(handed_in)
        assert [
            (number, row.ref, row.plan, ";".join(row.codes)) for number, row in rows.items()
        ] == [
            (int(row["sheet_row"]), row["ref"], PLANS[row["outcome"]], row["codes"])
            for row in wanted
        ]
        counts = import_rows(handed_in, by=world.lead)
        usable = [row for row in wanted if PLANS[row["outcome"]] == "create"]
        assert counts == {"create": len(usable), "update": 0}
        made = {row.ref: row for row in EvidenceRequest.objects.visible_to(world.lead)}
        for row in usable:
            one = made[row["ref"]]
            assert (one.status, one.area, str(one.due_on)) == (
                "draft", row["area"], row["due_date"]
            )  # fmt: skip
            assert one.covers_all_scope == (row["criteria"] == "ALL_IN_SCOPE")

        again = hand_in(world, path.read_bytes(), path.name)
        assert (again.counts["create"], again.counts["update"]) == (0, 0)
        assert again.counts["skip"] >= len(usable)
        assert "same_file" in [each["code"] for each in again.notices]


@pytest.mark.parametrize(("kind", "name"), ENDINGS)
def test_an_export_imports_back_unchanged(prepared, kind, name):
    world = prepared
    with as_(world.lead, world.firm):
        import_rows(hand_in(world, SAMPLE.read_bytes()), by=world.lead)
        odd = {
            "title": "=1+1 @odd", "description": "+49 30\n'-quoted", "covers_all_scope": True,
            "owner": world.owner,
        }  # fmt: skip
        request_edits.draft(world.engagement, odd, by=world.lead)
        facts = facts_of(world.engagement, world.lead)
        exported = write_csv(facts) if kind == "csv" else write_xlsx(facts, title="SOC 2 2026")
        back = hand_in(world, exported, name)
        assert back.counts["skip"] == len(facts), back.counts


def test_rows_in_error_cannot_be_chosen_and_nothing_is_half_imported(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, SAMPLE.read_bytes())
        broken = handed_in.rows.filter(plan="error").first()
        good = handed_in.rows.filter(plan="create").first()
        with pytest.raises(Invalid, match=f"Row {broken.sheet_row}"):
            import_rows(handed_in, by=world.lead, chosen=[good.sheet_row, broken.sheet_row])
        assert not EvidenceRequest.objects.visible_to(world.lead).exists()


def test_rows_that_were_left_out_are_not_imported(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(*map(good_row, range(1, 5))), "list.csv")
        imports.choose(handed_in, shown=[2, 3, 4], ticked=[3], by=world.lead)
        assert import_rows(handed_in, by=world.lead) == {"create": 2, "update": 0}
        refs = EvidenceRequest.objects.order_by("ref").values_list("ref", flat=True)
        assert list(refs) == ["A-0002", "A-0004"]
        with pytest.raises(Refused, match="imported"):
            imports.choose_all(handed_in, by=world.lead)


@pytest.mark.parametrize(
    "meanwhile",
    [
        {"ref": "A-0001", "title": "Mine"},
        {"ref": "a-0001", "title": "Mine"},
        {"ref": "X-1", "title": "Policy number 1", "of_the_list": True},
    ],
    ids=["same reference", "same reference in other case", "same content"],
)
def test_a_preview_that_went_stale_imports_nothing(prepared, meanwhile):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(good_row(1), good_row(2)), "list.csv")
        fields = {"covers_all_scope": True, **meanwhile}
        if fields.pop("of_the_list", False):
            fields["controls"] = [_control(world, "LAC-01")]
        request_edits.draft(world.engagement, fields, by=world.lead)
        with pytest.raises(Refused, match="changed since") as refused:
            import_rows(handed_in, by=world.lead)
        assert refused.value.code == "preview_stale"
        assert EvidenceRequest.objects.visible_to(world.lead).count() == 1


def _control(world, ref):
    return EngagementControl.objects.get(engagement=world.engagement, ref=ref).pk


def test_a_change_made_since_the_preview_is_never_overwritten(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        import_rows(hand_in(world, csv_list(good_row(1)), "list.csv"), by=world.lead)
        changed = csv_list(good_row(1, request="Policy, the new one"))
        handed_in = hand_in(world, changed, "list.csv")
        assert rows_of(handed_in)[2].changes == {
            "title": ["Policy number 1", "Policy, the new one"]
        }
        request_edits.edit(request_of(world, "A-0001"), {"title": "By hand"}, by=world.lead)
        with pytest.raises(Refused, match="changed since"):
            import_rows(handed_in, by=world.lead)
        assert request_of(world, "A-0001").title == "By hand"
        again = import_reading.read_now(
            imports.read_again(handed_in, imports.understanding_of(handed_in), by=world.lead)
        )
        assert import_rows(again, by=world.lead) == {"create": 0, "update": 1}
        assert request_of(world, "A-0001").title == "Policy, the new one"


def test_a_list_changes_a_sent_request_and_its_due_date_by_their_own_verbs(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        import_rows(
            hand_in(world, csv_list(good_row(1, owner_e_mail=world.owner.email)), "a.csv"),
            by=world.lead,
        )
        moves.send(request_of(world, "A-0001"), by=world.lead)
        changed = csv_list(
            good_row(1, owner_e_mail=world.owner.email, due_date="2026-10-30", priority="Low")
        )
        assert import_rows(hand_in(world, changed, "a.csv"), by=world.lead)["update"] == 1
        row = request_of(world, "A-0001")
        assert (row.due_on, row.priority, row.status) == (date(2026, 10, 30), "low", "open")


def test_who_only_drafts_sees_before_the_import_that_a_sent_request_is_closed_to_them(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        row = good_row(1, owner_e_mail=world.owner.email)
        import_rows(hand_in(world, csv_list(row), "a.csv"), by=world.lead)
        moves.send(request_of(world, "A-0001"), by=world.lead)
    changed = csv_list(good_row(1, owner_e_mail=world.owner.email, priority="Low"))
    with as_(world.auditor, world.firm):
        handed_in = hand_in(world, changed, "a.csv", by=world.auditor)
        (planned,) = rows_of(handed_in).values()
        assert (planned.plan, planned.codes) == ("error", ["request_closed"])
        assert "your role changes drafts only" in planned.messages[0]["text"]


def test_a_list_does_not_change_a_request_that_is_over(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        row = good_row(1, owner_e_mail=world.owner.email)
        import_rows(hand_in(world, csv_list(row), "a.csv"), by=world.lead)
        sent = moves.send(request_of(world, "A-0001"), by=world.lead)
        moves.withdraw(sent, by=world.lead, note="Not needed")
        (same,) = rows_of(hand_in(world, csv_list(row), "a.csv")).values()
        assert same.plan == "skip"
        changed = csv_list(good_row(1, owner_e_mail=world.owner.email, priority="Low"))
        (planned,) = rows_of(hand_in(world, changed, "a.csv")).values()
        assert planned.plan == "error"
        assert "it is withdrawn; reopen it first" in planned.messages[0]["text"]


def test_a_person_who_joins_later_owns_what_the_list_gave_them_im_05(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, SAMPLE.read_bytes())
        unknown = handed_in.counts["invitations"]["sam.ito@tallowbrook.example"]
        assert unknown["name"] == "Sam Ito"
        assert unknown["requests"] > 1
        import_rows(handed_in, by=world.lead)
        assert request_of(world, "B-01").owner is None
    sam = factories.member(
        world.client_organization, Role.CONTROL_OWNER,
        factories.person("Sam Ito", email="sam.ito@tallowbrook.example"),
    )  # fmt: skip
    factories.assigned(world.engagement, world.client_organization, sam, Role.CONTROL_OWNER)
    with as_(world.lead, world.firm):
        assert request_of(world, "B-01").owner == sam


def test_an_owner_given_by_name_alone_is_found_among_the_clients_people(prepared):
    world = prepared
    headings = ("Ref", "Request", "Criteria", "Controls", "Responsible", "Due date")
    content = csv_list(
        ("A-1", "Policy", "CC6.1", "LAC-01", "owner  PERSON", "2026-10-09"),
        ("A-2", "Minutes", "CC6.1", "LAC-01", "Somebody Else", "2026-10-09"),
        headings=headings,
    )
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, content, "list.csv")
        hints = [said["code"] for said in rows_of(handed_in)[3].messages]
        assert hints == ["owner_not_known"]
        import_rows(handed_in, by=world.lead)
        assert request_of(world, "A-1").owner == world.owner
        assert request_of(world, "A-2").owner is None


def test_a_reference_of_a_hidden_request_refuses_the_list_as_a_whole(prepared):
    world = prepared
    with as_(world.partner, world.firm):
        request_edits.draft(
            world.engagement,
            {"ref": "A-0002", "title": "Board", "covers_all_scope": True,
             "sensitivity": "restricted"},
            by=world.partner,
        )  # fmt: skip
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(good_row(1), good_row(2)), "list.csv")
        with pytest.raises(Refused, match="restricted to others"):
            import_rows(handed_in, by=world.lead)
        assert not EvidenceRequest.objects.visible_to(world.lead).exists()


def test_a_list_put_aside_while_it_is_read_stays_aside(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        content = io.BytesIO(csv_list(good_row(1)))
        waiting = imports.hand_in(world.engagement, content, name="list.csv", by=world.lead)
        imports.discard(waiting, by=world.lead)
        assert import_reading.read_now(waiting).status == "discarded"
        assert not ImportRow.objects.exists()
        with pytest.raises(Refused, match="discarded"):
            import_rows(waiting, by=world.lead)


@pytest.mark.parametrize("imported", [False, True])
def test_a_list_nobody_imports_is_put_aside_and_an_imported_one_stays(prepared, imported):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(good_row(1)), "list.csv")
        if imported:
            import_rows(handed_in, by=world.lead)
    asked = outbox.OutboxEntry.objects.filter(task=imports.PUT_ASIDE, subject=handed_in.pk)
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        days = (asked.get().due_at - handed_in.created_at).days
        assert days == imports.OPEN_DAYS or days == imports.OPEN_DAYS - 1
        asked.update(due_at=handed_in.created_at)
    tasks.perform(str(asked_id(asked)))
    with as_(world.lead, world.firm):
        handed_in.refresh_from_db()
        assert handed_in.status == ("done" if imported else "discarded")
        assert ImportRow.objects.filter(request_import=handed_in).exists() == imported
        assert evidence_store().size(handed_in.storage_key) == handed_in.size_bytes
        told = TrailEntry.objects.filter(verb="list_discarded", person_name="Tickmark")
        assert told.exists() != imported


def asked_id(asked):
    """The id of one piece of work, as the system reads it."""
    with acting.acting(acting.Actor(system=True)), transaction.atomic():
        return asked.get().pk


@pytest.mark.parametrize(
    ("take", "reads"),
    [(taking_away.nothing, True), (taking_away.demoted, True)]
    + [(take, False) for take in taking_away.OF_THE_PERSON.values()],
)
def test_a_list_of_somebody_who_lost_the_right_meanwhile_ends_with_the_reason_tsk_8(
    prepared, take, reads
):
    """Staff draft requests, too; who is off the engagement, or out of the firm, does not."""
    world = taking_away.with_administrator(prepared)
    with as_(world.senior, world.firm):
        content = io.BytesIO(csv_list(good_row(1)))
        waiting = imports.hand_in(world.engagement, content, name="list.csv", by=world.senior)
    take(world)
    for _ in range(3):  # the reading, what it asks for, and nothing more
        with acting.acting(acting.Actor(system=True)), transaction.atomic():
            of_the_list = outbox.OutboxEntry.objects.filter(subject=waiting.pk, done_at=None)
            due = list(of_the_list.exclude(task=imports.PUT_ASIDE).values_list("pk", flat=True))
        for pk in due:
            tasks.perform(str(pk))
    assert not due
    with as_(world.lead, world.firm):
        waiting.refresh_from_db()
        assert waiting.status == ("ready" if reads else "refused")
        assert waiting.problem.get("code") == (None if reads else "importer_gone")
        assert ImportRow.objects.exists() == reads


def test_a_list_whose_reading_fails_every_time_says_so(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        content = io.BytesIO(csv_list(good_row(1)))
        waiting = imports.hand_in(world.engagement, content, name="list.csv", by=world.lead)
        lease = outbox.claim(outbox.OutboxEntry.objects.get(subject=waiting.pk).pk)
        outbox.TASKS[f"{imports.READ}.parked"].work(lease)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.problem["code"]) == ("refused", "reading_failed")
        assert waiting.problem["message"].endswith("hand that in.")


def test_only_who_may_draft_hands_lists_in_and_imports_them(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(good_row(1)), "list.csv")
    with as_(world.reviewer, world.firm):
        for act in (
            lambda: hand_in(world, b"x", by=world.reviewer),
            lambda: import_rows(handed_in, by=world.reviewer),
            lambda: imports.discard(handed_in, by=world.reviewer),
            lambda: imports.choose_all(handed_in, by=world.reviewer),
            lambda: imports.read_again(handed_in, imports.Understanding(), by=world.reviewer),
        ):
            with pytest.raises(PermissionDenied):
                act()


def test_what_a_firm_taught_is_its_own(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        handed_in = hand_in(world, csv_list(good_row(1)), "list.csv")
        imports.read_again(handed_in, imports.Understanding(day_first=True), by=world.lead)
        import_reading.read_now(handed_in)
        assert RememberedMapping.objects.count() == 1
    for who, organization in (
        (world.client, world.client_organization), (world.rival, world.other_firm),
    ):  # fmt: skip
        with as_(who, organization):
            assert not RememberedMapping.objects.exists()
            assert not ImportRow.objects.exists()


WITH_HELPERS = (
    "Ref",
    "Request",
    "Criteria",
    "Controls",
    "Owner e-mail",
    "Contributors",
    "Due date",
)


def people_list(owner, contributors):
    row = ("A-1", "Policy", "CC6.1", "LAC-01", owner, contributors, "2026-10-09")
    return csv_list(row, headings=WITH_HELPERS)


def people_on(world):
    row = request_of(world, "A-1")
    helpers = RequestPerson.objects.filter(evidence_request=row, part="contributor")
    return row.owner, [helper.person for helper in helpers]


@pytest.mark.parametrize("sent", [False, True], ids=["a draft", "a sent request"])
def test_a_list_changes_only_the_people_it_names_otherwise(prepared, sent):
    world = prepared
    owner, helper = world.owner.email, world.contributor.email
    with as_(world.lead, world.firm):
        import_rows(hand_in(world, people_list(owner, helper), "a.csv"), by=world.lead)
        assert people_on(world) == (world.owner, [world.contributor])
        if sent:
            moves.send(request_of(world, "A-1"), by=world.lead)
        other = world.client.email
        import_rows(hand_in(world, people_list(other, ""), "b.csv"), by=world.lead)
        assert people_on(world) == (world.client, [world.contributor])
        import_rows(hand_in(world, people_list("", owner), "c.csv"), by=world.lead)
        assert people_on(world) == (world.client, [world.owner])
        row = request_of(world, "A-1")
        assert set(row.named) == {world.lead.pk, world.client.pk, world.owner.pk}
        again = hand_in(world, people_list(other, owner), "d.csv")
        assert again.counts["skip"] == 1


def test_a_contributor_without_an_owner_does_not_become_the_owner(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        content = people_list("", world.contributor.email)
        import_rows(hand_in(world, content, "a.csv"), by=world.lead)
        assert people_on(world) == (None, [world.contributor])


def test_a_watcher_whom_a_list_names_becomes_a_contributor(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        import_rows(hand_in(world, people_list(world.owner.email, ""), "a.csv"), by=world.lead)
        request_edits.edit(
            request_of(world, "A-1"), {"watchers": [world.contributor.pk]}, by=world.lead
        )
        content = people_list(world.owner.email, world.contributor.email)
        import_rows(hand_in(world, content, "b.csv"), by=world.lead)
        assert people_on(world) == (world.owner, [world.contributor])
        assert RequestPerson.objects.count() == 1


def test_many_drafts_are_changed_as_one_by_one_and_each_has_its_trail_entry(prepared):
    world = prepared
    with as_(world.lead, world.firm):
        rows = [good_row(number) for number in range(1, 6)]
        import_rows(hand_in(world, csv_list(*rows), "a.csv"), by=world.lead)
        changed = [
            good_row(1, controls="LAC-02"),
            good_row(2, criteria="CC6.2; CC6.3", due_date="2026-11-02"),
            good_row(3, criteria="All", owner_e_mail=world.owner.email),
            good_row(4, request="Another policy"),
            good_row(5),
        ]
        counts = import_rows(hand_in(world, csv_list(*changed), "b.csv"), by=world.lead)
        assert counts == {"create": 0, "update": 4}
        facts = {each.ref: each for each in facts_of(world.engagement, world.lead)}
        assert facts["A-0001"].controls == ("LAC-02",)
        assert facts["A-0002"].criteria == ("CC6.2", "CC6.3")
        assert facts["A-0002"].due_on == date(2026, 11, 2)
        assert facts["A-0003"].whole_scope
        assert facts["A-0003"].owner_email == world.owner.email
        assert facts["A-0004"].title == "Another policy"
        versions = EvidenceRequest.objects.order_by("ref").values_list("version", flat=True)
        assert list(versions) == [2, 2, 2, 2, 1]
        edited = TrailEntry.objects.filter(verb="edited").order_by("subject_label")
        assert [(each.subject_label, each.subject_version) for each in edited] == [
            ("A-0001", 2), ("A-0002", 2), ("A-0003", 2), ("A-0004", 2),
        ]  # fmt: skip
        assert edited[3].detail == {"fields": ["title"]}


def test_new_people_of_a_list_are_named_to_the_client_at_once_im_05(prepared):
    from evidence.queries.absent_people import suggested

    world = prepared
    content = csv_list(
        good_row(1, owner_e_mail="new@client.example"),
        good_row(2, owner_e_mail=world.owner.email),
    )
    with as_(world.auditor, world.firm):  # who may draft, and not send
        import_rows(hand_in(world, content, "a.csv", by=world.auditor), by=world.auditor)
        assert suggested(world.engagement) == []
    content = csv_list(good_row(3, owner_e_mail="new@client.example"))
    with as_(world.lead, world.firm):
        import_rows(hand_in(world, content, "b.csv"), by=world.lead)
        assert suggested(world.engagement) == ["new@client.example"]
        import_rows(hand_in(world, csv_list(good_row(4)), "c.csv"), by=world.lead)
        again = csv_list(good_row(5, owner_e_mail="new@client.example"))
        import_rows(hand_in(world, again, "d.csv"), by=world.lead)
        told = TrailEntry.objects.filter(verb="people_suggested").order_by("at")
        assert [entry.detail["addresses"] for entry in told] == [
            ["new@client.example"],
            ["someone@client.example"],
        ]
