"""The packages of an engagement, as people and programs look at them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from evidence.choices import PackageStatus
from evidence.models import Package
from evidence.rules.package_documents import folder_of
from tenants.errors import NotVisible
from tenants.models import Engagement, User


def packages_of(engagement: Engagement, user: User) -> QuerySet[Package]:
    """Those `user` sees, latest first."""
    return (
        Package.objects.visible_to(user)
        .filter(engagement=engagement)
        .select_related("engagement__client", "engagement__firm", "requested_by")
    )


def find(engagement: Engagement, user: User, pk: UUID) -> Package:
    """One package of the engagement. Raises NotVisible for foreign and absent alike."""
    found = packages_of(engagement, user).filter(pk=pk).first()
    if found is None:
        raise NotVisible("There is no such package, or it is not shown to you.")
    return found


def folder_name(package: Package) -> str:
    """The folder inside the package; its file is called so too, with `.zip`."""
    engagement = package.engagement
    return folder_of(engagement.client.name, engagement.report_name, package.number)


def percent_done(package: Package) -> int | None:
    """How much of the list is written, 0 to 100; None while that is not known."""
    if package.status == PackageStatus.READY:
        return 100
    if package.status != PackageStatus.ASSEMBLING or not package.entry_count:
        return None
    return 100 * package.progress // package.entry_count
