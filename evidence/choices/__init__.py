"""The words of the trade about requests, files and packages. Values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class RequestStatus(TextChoices):
    """The life of an evidence request (soc.md, section 16). Overdue is computed, never stored."""

    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    IN_PROGRESS = "in_progress", "In progress"
    SUBMITTED = "submitted", "Submitted"
    UNDER_REVIEW = "under_review", "Under review"
    ACCEPTED = "accepted", "Accepted"
    RETURNED = "returned", "Returned"
    NA_PROPOSED = "na_proposed", "N/A proposed"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REOPENED = "reopened", "Reopened"


WITH_CLIENT = (
    RequestStatus.OPEN,
    RequestStatus.REOPENED,
    RequestStatus.IN_PROGRESS,
    RequestStatus.RETURNED,
)
"""The client is to act; the clock of the reminder ladder runs (RQ-05)."""
WITH_FIRM = (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW, RequestStatus.NA_PROPOSED)
"""The firm is to act; the clock stands still."""
OVER = (RequestStatus.ACCEPTED, RequestStatus.NOT_APPLICABLE, RequestStatus.WITHDRAWN)
"""Nobody is to act."""


class RequestKind(TextChoices):
    """What is asked for."""

    DOCUMENT = "document", "Document"
    CONFIGURATION = "configuration", "Configuration"
    POPULATION = "population", "Population"
    SAMPLE = "sample", "Sample"
    WALKTHROUGH = "walkthrough", "Walkthrough"
    CONFIRMATION = "confirmation", "Confirmation"
    NARRATIVE = "narrative", "Narrative"


class Priority(TextChoices):
    """How soon the firm needs it."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Sensitivity(TextChoices):
    """Who may see a request: everybody on the engagement, or the people it names."""

    NORMAL = "normal", "Normal"
    RESTRICTED = "restricted", "Restricted to named people"


class Part(TextChoices):
    """What a named person of the client has to do with a request, besides its owner."""

    CONTRIBUTOR = "contributor", "Contributor"
    WATCHER = "watcher", "Watcher"


class ReturnReason(TextChoices):
    """Why a reviewer gives evidence back."""

    WRONG_PERIOD = "wrong_period", "Wrong period"
    INCOMPLETE = "incomplete", "Incomplete"
    ILLEGIBLE = "illegible", "Illegible"
    WRONG_ITEM = "wrong_item", "Wrong item"
    NO_TIMESTAMP = "no_timestamp", "No timestamp"
    NO_SOURCE = "no_source", "No source shown"
    REDACTED = "redacted", "Redacted"
    ALTERED = "altered", "Possibly altered"
    OTHER = "other", "Other"


class ScanOutcome(TextChoices):
    """What is known of a file's safety; "not scanned" is never shown as clean (UPL-8)."""

    WAITING = "waiting", "Waiting for the scan"
    CLEAN = "clean", "Clean"
    INFECTED = "infected", "Infected"
    NOT_SCANNED = "not_scanned", "Not scanned"


class CollectionMethod(TextChoices):
    """How evidence came to be here (EV-01)."""

    UPLOAD = "upload", "Uploaded by the client"
    CONNECTOR = "connector", "Sent by a program"


class PackageStatus(TextChoices):
    """The life of an audit package."""

    QUEUED = "queued", "Waiting to start"
    ASSEMBLING = "assembling", "Being assembled"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class ImportStatus(TextChoices):
    """The life of an imported request list."""

    READING = "reading", "Being read"
    READY = "ready", "Ready to check"
    REFUSED = "refused", "Could not be read"
    DONE = "done", "Imported"
    DISCARDED = "discarded", "Discarded"


class RowPlan(TextChoices):
    """What importing a row would do."""

    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    SKIP = "skip", "Unchanged"
    DUPLICATE = "duplicate", "Duplicate"
    ERROR = "error", "Error"


class Downloadable(TextChoices):
    """What a link to the evidence host may lead to."""

    FILE = "file", "A file on a request"
    PACKAGE = "package", "An audit package"
