"""Who may receive a report (soc.md, section 4). Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class Audience(TextChoices):
    """Whether anybody may read a report."""

    RESTRICTED = "restricted", "Restricted to the readers named"
    PUBLIC = "public", "Anybody"


class Reader(TextChoices):
    """A class of readers."""

    MANAGEMENT = "management", "Management of the service organization"
    USER_ENTITIES = "user_entities", "User entities"
    USER_AUDITORS = "user_auditors", "Auditors of user entities"
    PARTNERS = "partners", "Business partners"
    REGULATORS = "regulators", "Regulators"
    PRACTITIONERS = "practitioners", "Practitioners who serve such readers"
    PROSPECTS = "prospects", "Prospective customers with enough knowledge"


OF_A_SOC1 = (Reader.MANAGEMENT, Reader.USER_ENTITIES, Reader.USER_AUDITORS)
"""The only readers of a SOC 1 (RT-15): no prospects."""
