"""Engagements with evidence to pack, and the outbox worked off in this process."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from evidence.actions import evidence_requests, files, packages, request_edits
from evidence.models import EvidenceLink, EvidenceRequest, Package
from evidence.rules.coverage_dates import Coverage
from evidence.storage import evidence_store
from tenants import acting, outbox, tasks
from tenants.models import OutboxEntry
from tests.conftest import as_

IN_PERIOD = Coverage(date(2025, 10, 1), date(2026, 9, 30))


def sent(world: SimpleNamespace, title: str = "Vendor register", **fields: Any) -> EvidenceRequest:
    """A request that the client answers."""
    with as_(world.lead, world.firm):
        drafted = request_edits.draft(
            world.engagement,
            {"title": title, "owner": world.owner, "due_on": date(2026, 12, 1),
             "covers_all_scope": True, **fields},
            by=world.lead,
        )  # fmt: skip
        return evidence_requests.send(drafted, by=world.lead)


def uploaded(
    world: SimpleNamespace, row: EvidenceRequest, content: bytes, name: str = "vendors.csv"
) -> EvidenceLink:
    """A file of the client's, not handed over yet."""
    with as_(world.owner, world.client_organization):
        incoming = files.Upload(io.BytesIO(content), name, coverage=IN_PERIOD)
        return files.upload(row, incoming, by=world.owner)


def answered(
    world: SimpleNamespace, content: bytes, name: str = "vendors.csv", title: str = "Vendors"
) -> EvidenceRequest:
    """A request whose file the firm has accepted."""
    row = sent(world, title)
    uploaded(world, row, content, name)
    with as_(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    with as_(world.senior, world.firm):
        evidence_requests.begin_review(row, by=world.senior)
        return evidence_requests.accept(row, by=world.senior)


def asked_for(world: SimpleNamespace) -> Package:
    """A package that waits for a worker."""
    with as_(world.lead, world.firm):
        return packages.request(world.engagement, by=world.lead)


def work_off(only: Callable[[OutboxEntry], bool] = lambda row: True) -> None:
    """Do all work that waits, as a worker would, until there is none."""
    while True:
        with acting.acting(acting.Actor(system=True)):
            rows = OutboxEntry.objects.in_bulk(outbox.waiting())
        waiting = [row.pk for row in rows.values() if only(row)]
        if not waiting:
            return
        for pk in waiting:
            tasks.perform(str(pk))


def assembled(world: SimpleNamespace) -> Package:
    """A package as a worker leaves it."""
    package = asked_for(world)
    work_off()
    return again(package)


def again(package: Package) -> Package:
    """The package as it is now."""
    with acting.acting(acting.Actor(engagement_id=package.engagement_id)):
        return Package.objects.select_related("engagement").get(pk=package.pk)


def bytes_of(package: Package) -> bytes:
    """The published ZIP."""
    with evidence_store().open(package.storage_key) as file:
        return file.read()


def unpacked(package: Package) -> dict[str, bytes]:
    """Path below the package's folder → bytes."""
    with zipfile.ZipFile(io.BytesIO(bytes_of(package))) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
