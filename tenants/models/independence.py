"""What the firm's people state about their independence of the client of an engagement."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tenants.choices import IndependenceWord
from tenants.models.engagements import THEIR_OWN, Engagement
from tenants.models.people import Organization, User
from tenants.permissions import P
from tenants.visibility import Record
from tenants.walls import APPEND, AppendOnly, RowWall, any_of, is_the

_OWN_WORD = (
    f"({is_the('person_id', 'person')} AND {any_of('engagement_id', 'assigned')} "
    "AND word <> 'asked')"
)
_ASKED = f"({any_of('engagement_id', 'firm_side')} AND word = 'asked')"


class Independence(Record):
    """One word on one person's independence for one engagement: asked, confirmed or refused.

    Everybody speaks for themselves; a leader of the team asks. The last word counts, until its
    last day `good_until` (a date of the firm's zone). `statement` is the version of the text.
    """

    view_permission = P.VIEW_FIRM_FILE

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="independence")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="independence")
    word = models.CharField(max_length=9, choices=IndependenceWord)
    statement = models.CharField(max_length=12)
    good_until = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    said_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    said_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-said_at", "-id")
        default_permissions = ()
        constraints = (
            RowWall(
                sees=f"({_OWN_WORD} OR {_ASKED}) AND {is_the('said_by_id', 'person')}",
                also_reads=f"{any_of('engagement_id', 'firm_side')} OR {THEIR_OWN}",
                rights=APPEND,
            ),
            AppendOnly(),
            models.CheckConstraint(
                name="independence_is_ones_own_word",
                condition=Q(word=IndependenceWord.ASKED) | Q(said_by=models.F("person")),
            ),
            models.CheckConstraint(
                name="independence_confirmed_has_an_end",
                condition=Q(word=IndependenceWord.CONFIRMED, good_until__isnull=False)
                | (~Q(word=IndependenceWord.CONFIRMED) & Q(good_until=None)),
            ),
        )
        indexes = (
            models.Index(fields=["engagement", "person", "said_at"], name="independence_of_a_team"),
        )

    def __str__(self) -> str:
        return f"{self.person}: {self.get_word_display().lower()}"
