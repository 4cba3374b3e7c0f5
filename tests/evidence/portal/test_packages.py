"""The package page: who sees it, what it offers, and what it gives out."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from evidence.actions import package_building, packages
from evidence.models import FileVersion
from evidence.storage import evidence_store
from tenants import acting, outbox
from tenants.models import TrailEntry
from tests.conftest import as_
from tests.evidence.packages import answered, asked_for, assembled, bytes_of, work_off


@pytest.fixture
def browser(world: Any) -> Any:
    def of(person: Any) -> Client:
        client = Client()
        client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return of


def at(world: Any, *parts: Any) -> str:
    tail = "".join(f"{part}/" for part in parts)
    return f"/engagements/{world.engagement.pk}/packages/{tail}"


def test_a_manager_assembles_and_downloads_a_package(world, browser):
    answered(world, b"the evidence")
    page = browser(world.lead)
    assert "No package yet" in page.get(at(world)).content.decode()
    assert page.post(at(world, "assemble"), follow=True).status_code == 200
    waiting = page.get(at(world)).content.decode()
    assert "Waiting for a worker" in waiting
    assert "Assemble package" not in waiting
    work_off()
    shown = page.get(at(world)).content.decode()
    with as_(world.lead, world.firm):
        package = packages.Package.objects.select_related("engagement").get()
    assert package.sha256 in shown
    assert package.manifest_sha256 in shown
    response = page.get(at(world, package.pk, "download"))
    assert b"".join(response.streaming_content) == bytes_of(package)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Tallowbrook Payroll SOC 2 Type 2 package 1.zip" in response["Content-Disposition"]


def test_progress_is_shown_while_a_worker_writes(world, browser):
    answered(world, b"the evidence")
    package = asked_for(world)
    page = browser(world.lead)
    asked = page.get(at(world, package.pk, "progress"))
    assert b"hx-get" in asked.content
    assert "HX-Refresh" not in asked
    lease = outbox.claim(_the_work(package))
    assert lease is not None
    with acting.acting(lease.actor):
        package_building._begun(lease)
        packages.Package.objects.filter(pk=package.pk).update(progress=3)
        files = packages.Package.objects.get(pk=package.pk).entry_count
    asked = page.get(at(world, package.pk, "progress"))
    assert f"3 of {files} files written" in asked.content.decode()


def _the_work(package: Any) -> Any:
    with acting.acting(acting.Actor(system=True)):
        return next(pk for pk in outbox.waiting() if _subject(pk) == package.pk)


def _subject(pk: Any) -> Any:
    from tenants.models import OutboxEntry

    return OutboxEntry.objects.get(pk=pk).subject


def test_a_failed_package_says_what_to_do_and_is_tried_again(world, browser):
    answered(world, b"the evidence")
    with acting.acting(acting.Actor(engagement_id=world.engagement.pk)):
        key = FileVersion.objects.get().storage_key
    kept = evidence_store().root / key  # type: ignore[attr-defined]
    kept.unlink()
    package = assembled(world)
    page = browser(world.lead)
    shown = page.get(at(world)).content.decode()
    assert "Restore them from a backup" in shown
    assert "Try again" in shown
    done = page.get(at(world, package.pk, "progress"))
    assert done["HX-Refresh"] == "true"
    assert page.get(at(world, package.pk, "download")).status_code == 409
    kept.write_bytes(b"the evidence")
    page.post(at(world, package.pk, "retry"))
    work_off()
    assert "Download" in page.get(at(world)).content.decode()


def test_a_download_is_in_the_trail_before_its_first_byte(world, browser):
    package = assembled(world)
    response = browser(world.senior).get(
        at(world, package.pk, "download"), headers={"Range": "bytes=0-3"}
    )
    with as_(world.senior, world.firm):
        assert TrailEntry.objects.filter(verb="downloaded", subject_id=package.pk).count() == 1
    assert (response.status_code, b"".join(response.streaming_content)) == (206, b"PK\x03\x04")
    browser(world.senior).head(at(world, package.pk, "download"))
    with as_(world.senior, world.firm):
        assert TrailEntry.objects.filter(verb="downloaded", subject_id=package.pk).count() == 1


def test_the_page_streams_without_a_query(world, browser, django_assert_num_queries):
    package = assembled(world)
    response = browser(world.lead).get(at(world, package.pk, "download"))
    with django_assert_num_queries(0):
        assert b"".join(response.streaming_content) == bytes_of(package)


@pytest.mark.parametrize("who", ["client", "owner", "executive", "colleague", "outsider", "rival"])
def test_for_everybody_else_there_is_no_package(world, browser, who):
    package = assembled(world)
    page = browser(getattr(world, who))
    for path in ("", f"{package.pk}/progress/", f"{package.pk}/download/"):
        assert page.get(at(world) + path).status_code == 404
    assert page.post(at(world, "assemble")).status_code == 404
    assert page.post(at(world, package.pk, "retry")).status_code == 404
    overview = page.get(f"/engagements/{world.engagement.pk}/")
    assert b"/packages/" not in overview.content


def test_staff_see_the_page_but_get_no_bytes(world, browser):
    package = assembled(world)
    page = browser(world.auditor)
    assert b"download/" not in page.get(at(world)).content
    assert page.get(at(world, package.pk, "download")).status_code == 403
    assert page.post(at(world, "assemble")).status_code == 403


def test_the_page_asks_as_often_for_many_packages(world, browser, django_assert_max_num_queries):
    for _ in range(3):
        assembled(world)
    page = browser(world.lead)
    page.get(at(world))
    with django_assert_max_num_queries(14):
        page.get(at(world))
