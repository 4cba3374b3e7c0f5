"""Signatures over contents: they go stale, are kept, and are taken back by their own (SO-01 to 05).

A paper of kind “other” has no fields; a planning memo speaks of the terms and the scope too.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from audits.actions import scope, sign_offs, workpapers
from audits.models.sign_offs import SignOff
from audits.queries import papers
from tenants.actions import engagements
from tenants.errors import Invalid, NotVisible, Refused, StaleVersion
from tenants.models import TrailEntry
from tests import factories
from tests.conftest import as_

MEMO = {"risks": "Late leavers.", "approach": "Samples."}


@contextmanager
def acts(world, key):
    who = getattr(world, key)
    with as_(who, world.firm), transaction.atomic():
        yield who


def written(world, kind="other", who="auditor", **more):
    with acts(world, who) as by:
        return workpapers.write(world.engagement, kind, by=by, **more)


def standing(world, paper):
    with acts(world, "lead"):
        return papers.standing(world.engagement, paper.kind, paper.pk)


def signed(world, paper, level, who, seen=""):
    seen = seen or standing(world, paper).content_hash
    with acts(world, who) as by:
        return sign_offs.sign(world.engagement, paper.kind, paper.pk, level, seen=seen, by=by)


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_so_01_a_signature_keeps_person_role_moment_content_and_hash(world):
    paper = written(world, title="Interview notes", text="Asked about leavers.")
    signature = signed(world, paper, "prepared", "auditor")
    assert (signature.role, signature.level) == ("staff", "prepared")
    assert signature.signer_id == world.auditor.pk
    assert signature.content["text"] == "Asked about leavers."
    assert signature.content_hash == standing(world, paper).content_hash
    with acts(world, "lead"):
        entry = TrailEntry.objects.get(verb="signed")
        assert (entry.zone, entry.after) == ("firm", "prepared")


def test_so_01_nobody_signs_what_they_have_not_seen(world):
    paper = written(world)
    seen = standing(world, paper).content_hash
    with acts(world, "auditor") as by:
        workpapers.change(paper, text="Another thing.", by=by)
    with pytest.raises(StaleVersion):
        signed(world, paper, "prepared", "auditor", seen)
    assert signed(world, paper, "prepared", "auditor")


@pytest.mark.parametrize(
    ("who", "level", "error"),
    [
        ("client", "prepared", PermissionDenied), ("reviewer", "prepared", PermissionDenied),
        ("auditor", "reviewed", PermissionDenied), ("lead", "partner_reviewed", PermissionDenied),
        ("partner", "eqr", PermissionDenied), ("lead", "nonsense", Invalid),
    ],
)  # fmt: skip
def test_the_role_decides_the_level(world, who, level, error):
    paper = written(world)
    home = world.client_organization if who == "client" else world.firm
    person = getattr(world, who)
    with as_(person, home), pytest.raises(error):
        sign_offs.sign(world.engagement, "other", paper.pk, level, seen="", by=person)
    assert signed(world, paper, "prepared", "auditor")


def test_so_02_two_people_of_rising_grade_and_the_database_says_so_too(world):
    paper = written(world)
    signed(world, paper, "prepared", "senior")
    with pytest.raises(Refused, match="SO-02"):
        signed(world, paper, "reviewed", "senior")
    signature = signed(world, paper, "reviewed", "lead")
    with acts(world, "lead"), pytest.raises(IntegrityError, match="SO-02"):
        raw(
            "INSERT INTO audits_signoff (id, version, engagement_id, paper_kind, paper_id, "
            "paper_name, level, signer_id, role, content, content_hash, taken_back_reason) "
            "SELECT gen_random_uuid(), 1, engagement_id, paper_kind, paper_id, paper_name, "
            "'prepared', signer_id, role, content, content_hash, '' FROM audits_signoff "
            "WHERE id = %s", signature.pk,
        )  # fmt: skip


def test_so_04_many_at_once_only_those_opened_as_they_are(world):
    two = [written(world, title=f"Paper {n}") for n in (1, 2)]
    ids = [paper.pk for paper in two]

    def sign_both():
        with acts(world, "auditor") as by:
            return sign_offs.sign_many(world.engagement, "other", ids, "prepared", by=by)

    for paper in two:
        with pytest.raises(Refused, match="SO-04"):
            sign_both()
        with acts(world, "auditor") as by:
            sign_offs.open_paper(world.engagement, "other", paper.pk, by=by)
    with acts(world, "auditor") as by:
        workpapers.change(two[0], text="Changed since.", by=by)
    with pytest.raises(Refused, match="SO-04"):
        sign_both()
    with acts(world, "auditor") as by:
        sign_offs.open_paper(world.engagement, "other", two[0].pk, by=by)
    assert len(sign_both()) == 2


def test_so_05_a_change_makes_a_signature_stale_and_shows_the_difference(world):
    paper = written(world, text="Before.")
    signature = signed(world, paper, "prepared", "auditor")
    assert standing(world, paper).missing == ("reviewed",)
    with acts(world, "auditor") as by:
        workpapers.change(paper, text="After.", by=by)
    now = standing(world, paper)
    assert now.missing == ("prepared", "reviewed")
    with acts(world, "lead") as by:
        held = SignOff.objects.select_related("engagement").get(pk=signature.pk)
        assert not now.is_current(held)
        (change,) = papers.difference(held, by)
    assert (change.path, change.before, change.after) == ("text", "Before.", "After.")
    signed(world, paper, "prepared", "auditor")  # the old one stays beside it
    with acts(world, "lead"):
        assert SignOff.objects.filter(paper_id=paper.pk).count() == 2


def test_so_05_a_memo_speaks_of_scope_and_terms_and_goes_stale_with_them(world):
    paper = written(world, "planning_memo", "senior", fields=MEMO)

    def sign_again():
        signed(world, paper, "prepared", "senior")
        assert "prepared" not in standing(world, paper).missing

    sign_again()
    with acts(world, "lead") as by:
        item = world.engagement.scope_items.get(identifier="A1.3")
        scope.leave_out(item, reason="No recovery is promised.", by=by)
    assert standing(world, paper).missing[0] == "prepared"
    sign_again()
    factories.moved_to(world, "walkthrough")
    with acts(world, "lead") as by:
        engagements.move(world.engagement, "step_back", note="A system was forgotten.", by=by)
    assert standing(world, paper).missing[0] == "prepared"
    sign_again()


def test_so_05_ones_own_is_taken_back_with_a_reason_before_the_next_level(world):
    paper = written(world)
    mine = signed(world, paper, "prepared", "auditor")
    with acts(world, "lead") as by, pytest.raises(PermissionDenied, match="SO-05"):
        sign_offs.take_back(mine, reason="Not mine.", by=by)
    with acts(world, "auditor") as by:
        with pytest.raises(Invalid):
            sign_offs.take_back(mine, reason=" ", by=by)
        sign_offs.take_back(mine, reason="The wrong paper.", by=by)
    assert standing(world, paper).missing[0] == "prepared"
    again = signed(world, paper, "prepared", "auditor")
    signed(world, paper, "reviewed", "senior")
    with acts(world, "auditor") as by, pytest.raises(Refused, match="SO-05"):
        sign_offs.take_back(again, reason="Too late.", by=by)


def test_so_05_the_database_keeps_signatures_as_they_are(world):
    signature = signed(world, written(world), "prepared", "auditor")
    taken = "taken_back_at = now(), taken_back_reason = 'Why'"
    with acts(world, "auditor"):
        for change in ("level = 'reviewed'", "role = 'partner'", f"{taken}, role = 'partner'"):
            with pytest.raises(IntegrityError, match="SO-05"):
                raw(f"UPDATE audits_signoff SET {change} WHERE id = %s", signature.pk)
        raw(f"UPDATE audits_signoff SET {taken} WHERE id = %s", signature.pk)
        with pytest.raises(IntegrityError, match="SO-05"):
            raw("UPDATE audits_signoff SET taken_back_reason = 'B' WHERE id = %s", signature.pk)


def test_the_client_sees_no_paper_and_no_signature(world):
    paper = written(world)
    signed(world, paper, "prepared", "auditor")
    with as_(world.client, world.client_organization):
        assert not SignOff.objects.exists()
        with pytest.raises(PermissionDenied):
            sign_offs.open_paper(world.engagement, "other", paper.pk, by=world.client)
    with acts(world, "lead") as by:
        with pytest.raises(NotVisible):
            sign_offs.open_paper(world.engagement, "nothing", paper.pk, by=by)
        sign_offs.open_paper(world.engagement, "other", paper.pk, by=by)
