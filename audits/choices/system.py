"""The words around a client's system and its description. Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class EntryKind(TextChoices):
    """What an entry of a client's system is (soc.md, sections 6 to 8)."""

    SERVICE = "service", "Service"
    BOUNDARY = "boundary", "Boundary"
    COMPONENT = "component", "Component"
    DATA_TYPE = "data_type", "Data type"
    DATA_FLOW = "data_flow", "Data flow"
    LOCATION = "location", "Location"
    COMMITMENT = "commitment", "Service commitment"
    REQUIREMENT = "requirement", "System requirement"
    TRANSACTION_CLASS = "transaction_class", "Transaction class"
    APPLICATION = "application", "Application"
    SUBSERVICE = "subservice", "Subservice organization"
    VENDOR = "vendor", "Vendor"
    CUEC = "cuec", "User entity control (CUEC)"
    CSOC = "csoc", "Subservice control (CSOC)"
    USER_RESPONSIBILITY = "user_responsibility", "User responsibility"
    INCIDENT = "incident", "Incident"
    CHANGE = "change", "Change"


class ComponentCategory(TextChoices):
    """The five parts of a system (DC3)."""

    INFRASTRUCTURE = "infrastructure", "Infrastructure"
    SOFTWARE = "software", "Software"
    PEOPLE = "people", "People"
    PROCEDURES = "procedures", "Procedures"
    DATA = "data", "Data"


class ProcessingAspect(TextChoices):
    """What a promise about processing is about (RT-10)."""

    COMPLETENESS = "completeness", "Completeness"
    VALIDITY = "validity", "Validity"
    ACCURACY = "accuracy", "Accuracy"
    TIMELINESS = "timeliness", "Timeliness"
    AUTHORIZATION = "authorization", "Authorization"


class PromiseSource(TextChoices):
    """Where a commitment or requirement comes from (DC2)."""

    CONTRACT = "contract", "Contract"
    SLA = "sla", "Service level agreement"
    POLICY = "policy", "Policy"
    STATEMENT = "statement", "Public statement"
    LAW = "law", "Law or regulation"


class Doer(TextChoices):
    """Who performs a step of a transaction (soc.md, section 6)."""

    CLIENT = "client", "Service organization"
    USER_ENTITY = "user_entity", "User entity"
    SUBSERVICE = "subservice", "Subservice organization"


class Relation(TextChoices):
    """How one entry stands to another; it follows from the two kinds."""

    BELONGS_TO = "belongs_to", "belongs to"
    CARRIES = "carries", "carries"
    KEEPS = "keeps", "keeps"
    RUNS_IN = "runs_in", "runs in"
    EXPECTED_OF = "expected_of", "is expected of"
    TOUCHES = "touches", "touches"


class SubserviceMethod(TextChoices):
    """How a report treats a subservice organization (soc.md, section 6)."""

    CARVE_OUT = "carve_out", "Carve-out"
    INCLUSIVE = "inclusive", "Inclusive"
