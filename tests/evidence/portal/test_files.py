"""Files in the portal: up and down, dates, versions, links, and files taken back."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from evidence.actions import evidence_requests
from evidence.models import EvidenceLink, FileVersion
from evidence.storage import evidence_store
from tenants.models import TrailEntry
from tests import factories
from tests.conftest import as_
from tests.evidence.portal.conftest import BACKEND
from tests.evidence.portal.helpers import now, sent, submitted, under_review, uploaded, url

JSON = {"headers": {"Accept": "application/json, text/html;q=0.5"}}


def _file(name: str = "vendors.csv", content: bytes = b"name,tier\nAcme,1\n"):
    return SimpleUploadedFile(name, content, "text/csv")


def _bytes(answer) -> bytes:
    return b"".join(answer.streaming_content)


def _versions(world) -> list[FileVersion]:
    with as_(world.client, world.client_organization):
        return list(FileVersion.objects.order_by("uploaded_at", "number"))


def test_files_sent_by_a_form_are_kept_with_their_dates(world, owner):
    row = sent(world)
    form = {
        "file": [_file("a.csv"), _file("b.csv", b"x,y\n1,2\n")],
        "covers_from": "2025-10-01", "covers_to": "2026-09-30", "source_system": "Okta",
    }  # fmt: skip
    answer = owner.post(url(world, "upload", row.pk), form)
    assert answer.headers["Location"] == row.get_absolute_url() + "#files"
    assert {each.name for each in _versions(world)} == {"a.csv", "b.csv"}
    assert {each.covers_to for each in _versions(world)} == {date(2026, 9, 30)}
    assert now(world, row).status == "in_progress"
    assert "2 files uploaded." in owner.get(row.get_absolute_url()).content.decode()


def test_the_drop_zone_gets_what_was_kept_or_why_not(world, owner, senior):
    row = sent(world)
    kept = owner.post(url(world, "upload", row.pk), {"file": _file()}, **JSON)
    assert kept.status_code == 201
    assert kept.json()["files"][0]["name"] == "vendors.csv"
    for browser, file, status in (
        (owner, _file("setup.exe", b"MZ" + b"\0" * 500), 400),
        (owner, None, 400),
        (senior, _file(), 403),
    ):
        form = {"file": file} if file else {}
        refused = browser.post(url(world, "upload", row.pk), form, **JSON)
        assert refused.status_code == status
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["detail"]
    assert len(_versions(world)) == 1


def test_one_refused_file_does_not_stop_the_others(world, owner):
    row = sent(world)
    form = {"file": [_file("setup.exe", b"MZ" + b"\0" * 500), _file()]}
    owner.post(url(world, "upload", row.pk), form)
    page = owner.get(row.get_absolute_url()).content.decode()
    assert "1 file uploaded." in page
    assert "setup.exe: " in page
    assert [each.name for each in _versions(world)] == ["vendors.csv"]


def test_a_download_gives_the_bytes_and_stands_in_the_trail(world, owner, senior):
    row = submitted(world)
    with as_(world.senior, world.firm):
        link = EvidenceLink.objects.get()
    answer = senior.get(url(world, "download", row.pk, link.pk))
    assert _bytes(answer) == b"name,tier\nAcme,1\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert senior.head(url(world, "download", row.pk, link.pk)).status_code == 200
    with as_(world.senior, world.firm):
        entry = TrailEntry.objects.get(verb="downloaded")
    assert (entry.person_id, entry.zone) == (world.senior.pk, "firm")
    assert "downloaded" not in owner.get(row.get_absolute_url()).content.decode()


def test_nobody_else_reaches_a_file(world, browser_of):
    row = sent(world)
    link = uploaded(world, row)
    names = ("download", "coverage", "new_version", "unlink", "withdraw_file")
    for name in names:
        for who in ("senior", "contributor", "colleague", "outsider", "rival"):
            assert browser_of(who).get(url(world, name, row.pk, link.pk)).status_code == 404
    other = sent(world, ref="B-1")
    for name in names:
        assert browser_of("owner").get(url(world, name, other.pk, link.pk)).status_code == 404


def test_a_new_version_stands_beside_the_old_one(world, owner):
    row = sent(world)
    link = uploaded(world, row)
    form = {"file": _file("vendors.csv", b"name,tier\nAcme,1\nBolt,2\n")}
    assert owner.post(url(world, "new_version", row.pk, link.pk), form).status_code == 302
    assert [each.number for each in _versions(world)] == [1, 2]
    assert len({each.file_id for each in _versions(world)}) == 1
    assert "replaced by 2" in owner.get(row.get_absolute_url()).content.decode()
    bad = {"file": _file("setup.exe", b"MZ" + b"\0" * 500)}
    assert owner.post(url(world, "new_version", row.pk, link.pk), bad).status_code == 400


def test_dates_are_set_by_the_client_then_by_the_reviewer(world, owner, browser_of):
    row = sent(world)
    link = uploaded(world, row)
    form = {"covers_from": "2026-01-01", "covers_to": "2026-03-31", "version": "1"}
    assert owner.post(url(world, "coverage", row.pk, link.pk), form).status_code == 302
    assert owner.post(url(world, "coverage", row.pk, link.pk), form).status_code == 412
    backwards = {**form, "covers_to": "2025-01-01", "version": "2"}
    refused = owner.post(url(world, "coverage", row.pk, link.pk), backwards)
    assert refused.status_code == 400
    assert "The dates run backwards." in refused.content.decode()
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    later = {**form, "covers_to": "2026-04-30", "version": "2"}
    auditor = browser_of("auditor")
    assert auditor.post(url(world, "coverage", row.pk, link.pk), later).status_code == 302
    assert [each.covers_to for each in _versions(world)] == [date(2026, 4, 30)]


def test_a_file_that_is_here_answers_one_more_request(world, owner, senior):
    first, second = submitted(world, ref="A-1"), sent(world, ref="A-2")
    page = owner.get(url(world, "link_files", second.pk)).content.decode()
    assert "vendors.csv" in page
    assert "A-1" in page
    version = _versions(world)[0]
    empty = owner.post(url(world, "link_files", second.pk), {})
    assert empty.status_code == 400
    done = owner.post(url(world, "link_files", second.pk), {"file_version": str(version.pk)})
    assert done.status_code == 302
    assert "Also answers A-1" in owner.get(second.get_absolute_url()).content.decode()
    assert "vendors.csv" not in senior.get(second.get_absolute_url()).content.decode()
    assert first.pk != second.pk


def test_a_file_of_another_client_is_not_linked(world, owner):
    row = sent(world)
    there = SimpleNamespace(**vars(world))
    there.lead, there.firm = world.rival, world.other_firm
    there.client_organization, there.owner = world.other_client, world.outsider
    there.engagement = factories.engagement(world.other_firm, world.other_client, world.rival)
    factories.assigned(there.engagement, world.other_client, world.outsider, "client_admin")
    foreign = uploaded(there, sent(there, owner=world.outsider))
    form = {"file_version": str(foreign.file_version_id)}
    assert owner.post(url(world, "link_files", row.pk), form).status_code == 404


def test_the_same_bytes_on_another_request_are_pointed_out(world, owner):
    row, other = sent(world, ref="A-1"), sent(world, ref="A-2")
    uploaded(world, row)
    uploaded(world, other, "copy.csv")
    assert "The same bytes stand on A-1" in owner.get(other.get_absolute_url()).content.decode()


def test_a_file_is_removed_before_and_withdrawn_after_it_was_handed_over(world, owner, senior):
    row = sent(world)
    link = uploaded(world, row)
    form = {"version": str(now(world, row).version)}
    assert owner.post(url(world, "unlink", row.pk, link.pk), form).status_code == 302
    with as_(world.owner, world.client_organization):
        assert not EvidenceLink.objects.exists()
    other = submitted(world, ref="A-2")
    with as_(world.owner, world.client_organization):
        handed = EvidenceLink.objects.get(evidence_request=other)
    form = {"version": "1", "note": ""}
    address = url(world, "withdraw_file", other.pk, handed.pk)
    assert owner.post(address, form).status_code == 400
    assert owner.post(address, {**form, "note": "Wrong client."}).status_code == 302
    page = senior.get(other.get_absolute_url()).content.decode()
    assert "Wrong client." in page
    gone = senior.get(url(world, "download", other.pk, handed.pk))
    assert gone.status_code == 409
    assert "only its hash is kept" in gone.content.decode()


def test_a_reviewed_file_shows_its_hash_and_that_nobody_scanned_it(world, senior):
    row = under_review(world)
    page = senior.get(row.get_absolute_url()).content.decode()
    version = _versions(world)[0]
    assert f"SHA-256 {version.sha256}" in page
    assert "Not scanned" in page
    assert "Clean" not in page


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_held_while_files_are_kept(monkeypatch):
    with transaction.atomic():
        world = factories.world()
        row = sent(world)
    browser = Client()
    browser.force_login(world.owner, backend=BACKEND)
    outside = []
    store = type(evidence_store())
    receive = store.receive

    def watched(self, *args, **kwargs):
        outside.append(factories.nobody_waits())
        return receive(self, *args, **kwargs)

    monkeypatch.setattr(store, "receive", watched)
    assert browser.post(url(world, "upload", row.pk), {"file": _file()}).status_code == 302
    assert outside == [True]
