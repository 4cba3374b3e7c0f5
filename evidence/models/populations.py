"""From which file of which request a population was read; the firm's own."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from audits.models.populations import POPULATIONS, Population
from evidence.models.evidence_requests import OF_A_SEEN_REQUEST, OfARequest, belongs_to_a_request
from evidence.models.files import EvidenceLink
from tenants.choices import TrailZone
from tenants.locking import ClosesWithTheFile
from tenants.models import User
from tenants.permissions import P
from tenants.walls import APPEND, AppendOnly, RowWall, SameEngagement


class PopulationSource(OfARequest):
    """The file a population is read from. `header_row` from 1; None: the first with something.

    Restricted with its request: whom that does not name sees neither this nor the population.
    """

    view_permission = P.VIEW_FIRM_FILE
    trail_zone = TrailZone.FIRM

    population = models.ForeignKey(
        Population, models.PROTECT, related_name="+", db_constraint=False
    )
    link = models.ForeignKey(EvidenceLink, models.PROTECT, related_name="+", db_constraint=False)
    file_sha256 = models.CharField(max_length=64)
    sheet = models.CharField(max_length=120, blank=True)
    header_row = models.PositiveIntegerField(null=True, blank=True)
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("chosen_at",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(only=OF_A_SEEN_REQUEST, rights=APPEND),
            AppendOnly(),
            ClosesWithTheFile(from_release=True),
            belongs_to_a_request(),
            SameEngagement(link="population_id", to=POPULATIONS),
            SameEngagement(link="link_id", to="evidence_evidencelink"),
            models.UniqueConstraint(
                fields=["engagement", "population"], name="population_source_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.population_id} from {self.link_id}"
