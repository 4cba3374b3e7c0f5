"""The page on which a partner reads, narrows, exports and proves the trail (AUD-5, AUD-8)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from tenants import acting, notices, signing, trail
from tenants.actions import digests, trail_checkpoints
from tenants.choices import TrailZone
from tenants.models import OutboxEntry, TrailEntry
from tenants.trail_verifier import TrailCopy, checkpoints_in, is_signed, key_in
from tests.conftest import as_
from tests.evidence.packages import work_off
from tests.programs import program_of

CANARY = "canary of the firm"


def noted(world, zone=TrailZone.FIRM, note=CANARY):
    """An entry of one side."""
    with as_(world.lead, world.firm):
        trail.record(
            "noted", world.engagement, by=world.lead, engagement_id=world.engagement.pk,
            zone=zone, note=note,
        )  # fmt: skip


def taken(browser, world, query):
    """An export's bytes."""
    answer = browser.get(reverse("tenants:trail_export", args=[world.engagement.pk]) + query)
    assert answer.status_code == 200, answer.content
    return answer.getvalue()


def test_each_side_exports_its_view_whole_and_it_verifies_aud_8(world, client):
    noted(world)
    trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    for who, view, reads in ((world.partner, "firm", True), (world.client, "client", False)):
        client.force_login(who)
        content = taken(client, world, "")
        page = client.get(reverse("tenants:trail_checkpoint", args=[world.engagement.pk]))
        (outside,) = checkpoints_in(page.content.decode())
        copy = TrailCopy([outside])
        copy.feed(content)
        copy.finish()
        assert not copy.faults
        assert (copy.view, copy.whole, CANARY.encode() in content) == (view, True, reads)
        assert copy.closed > 0 or reads
        told = TrailEntry.objects.filter(verb="trail_exported", person_id=who.pk)
        with as_(who, world.firm if reads else world.client_organization):
            assert told.count() == 1


def test_a_narrowed_export_is_a_selection_with_proofs_and_a_csv_a_table(world, client):
    noted(world)
    client.force_login(world.partner)
    copy = TrailCopy(selection=True)
    copy.feed(taken(client, world, "?verb=noted"))
    copy.finish()
    assert (copy.faults, copy.whole, copy.opened) == ([], False, 1)
    rows = list(csv.DictReader(io.StringIO(
        taken(client, world, "?as=csv&verb=noted").decode("utf-8-sig"))))  # fmt: skip
    assert [(row["What"], row["Text"]) for row in rows] == [("noted", CANARY)]
    refused = client.get(reverse("tenants:trail_export", args=[world.engagement.pk]) + "?as=exe")
    assert refused.status_code == 400


def test_the_history_is_narrowed_by_days_and_to_refusals(world, client):
    noted(world)
    client.force_login(world.senior)
    client.post(reverse("tenants:engagement_move", args=[world.engagement.pk, "begin"]))
    client.force_login(world.partner)
    page = reverse("tenants:history", args=[world.engagement.pk])

    def count(query):
        return client.get(page + query).context["page"]["total"]

    assert count("?refusals=on") == 1
    assert count("?since=2020-01-01&until=2020-12-31") == 0
    assert count("?since=2020-01-01") == count("") > 2


def test_the_page_shows_checkpoint_lag_and_how_to_verify(world, client):
    signed = trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    client.force_login(world.partner)
    shown = client.get(reverse("tenants:history", args=[world.engagement.pk])).content.decode()
    assert signed.root in shown
    assert reverse("tenants:trail_verify") in shown
    how = client.get(reverse("tenants:trail_verify")).content.decode()
    assert signed.key in how.replace("&#x2B;", "+")
    program = client.get(reverse("tenants:trail_verifier"))
    assert b"def is_signature" in program.getvalue()


def test_programs_read_checkpoints_prove_and_export_aud_6(world):
    book = world.engagement.pk
    first = trail_checkpoints.fresh(book, of_engagement=True)
    noted(world)
    trail_checkpoints.fresh(book, of_engagement=True)
    partner = program_of(world.partner, world.firm)
    found = partner.get(f"trail-checkpoints/?engagement={book}").json()["results"]
    assert [each["size"] for each in found] == sorted(
        (each["size"] for each in found), reverse=True
    )
    newest = found[0]
    (said,) = checkpoints_in(newest["text"])
    assert is_signed(said, key_in(newest["key"]))
    address = f"trail-checkpoints/{newest['id']}/consistency/?since="
    proof = partner.get(f"{address}{first.size}")
    assert (proof.status_code, proof.json()["format"]) == (200, "tickmark-trail-consistency/1")
    assert partner.get(f"{address}{newest['size'] + 1}").status_code == 400
    copy = TrailCopy([said])
    copy.feed(partner.get(f"trail/export/?engagement={book}").getvalue())
    copy.finish()
    assert not copy.faults
    outsider = program_of(world.rival, world.other_firm)
    assert outsider.get(f"trail-checkpoints/?engagement={book}").json()["results"] == []
    assert outsider.get(f"trail/export/?engagement={book}").status_code == 404


def test_a_checkpoint_uses_up_no_mail_of_a_day_that_is_under_way_aud_5(world, settings):
    """Requests sent later on the same day are still told that day."""
    settings.DIGEST_HOUR = 0
    trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    work_off(lambda row: row.task == trail_checkpoints.MAIL)
    with acting.acting(acting.Actor(system=True)):
        (asked,) = OutboxEntry.objects.filter(task=notices.DIGEST, person_id=world.client.pk)
    zone = world.client_organization.zone
    assert asked.due_at.astimezone(zone).date() == timezone.localdate(timezone=zone) + timedelta(
        days=1
    )


def test_the_daily_mail_brings_checkpoints_to_both_sides_once_aud_5(world):
    """Partner and the client's administrator get it, without any other news; staff do not."""
    trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    for who, organization, gets in (
        (world.partner, world.firm, True),
        (world.client, world.client_organization, True),
        (world.auditor, world.firm, False),
    ):
        with as_(who, organization):
            claimed = digests.claim()
            assert (claimed is not None) == gets
            if claimed is None:
                continue
            digests._send(*claimed)
            (said,) = [
                each for each in checkpoints_in(mail.outbox[-1].body)
                if each.book == str(world.engagement.pk)
            ]  # fmt: skip
            assert is_signed(said, signing.public_key())
            assert digests.claim() is None
