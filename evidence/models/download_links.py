"""Links that start a download on the evidence host, and the grant that each opens there."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from evidence.choices import Downloadable
from tenants.models import Organization, User
from tenants.visibility import new_key
from tenants.walls import ALL, RowWall, is_the, shown


class DownloadLink(models.Model):
    """One object on its way to one person, who asked in one session or with one token (UPL-13).

    The link works once, within a minute; it gives the browser a key of its own, and with that key
    the same address serves the object's ranges until the session or token ends. Links and keys
    are kept as hashes, the session's key sealed. `subject_id` is a plain id: it is looked up anew
    at each range, as the person sees it then.
    """

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Downloadable)
    subject_id = models.UUIDField()
    link_hash = models.CharField(max_length=64)
    sealed_session = models.TextField(blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    browser_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"{is_the('organization_id', 'organization')} AND "
                f"{is_the('person_id', 'person')}",
                also_reads=shown("link_hash"),
                rights=ALL,
            ),
            models.UniqueConstraint(fields=["link_hash"], name="download_link_once"),
            models.CheckConstraint(
                name="download_link_of_session_or_token",
                condition=models.Q(sealed_session="") ^ models.Q(token_hash=""),
            ),
            models.CheckConstraint(
                name="download_link_opened_by_a_browser",
                condition=models.Q(opened_at=None, browser_hash="")
                | models.Q(opened_at__isnull=False) & ~models.Q(browser_hash=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
