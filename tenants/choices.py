"""The words of the trade that more than one module stores: values are kept in rows."""

from __future__ import annotations

from django.db.models import TextChoices


class OrganizationKind(TextChoices):
    """Which side of an examination an organization stands on."""

    FIRM = "firm", "Audit firm"
    CLIENT = "client", "Service organization"


class Role(TextChoices):
    """What a person does in an organization, or on one engagement (soc.md, section 19)."""

    PARTNER = "partner", "Engagement partner"
    QUALITY_REVIEWER = "quality_reviewer", "Quality reviewer"
    MANAGER = "manager", "Manager"
    SENIOR = "senior", "Senior"
    STAFF = "staff", "Staff"
    SPECIALIST = "specialist", "Specialist"
    FIRM_ADMIN = "firm_admin", "Firm administrator"
    CLIENT_ADMIN = "client_admin", "Client administrator"
    CONTROL_OWNER = "control_owner", "Control owner"
    CONTRIBUTOR = "contributor", "Contributor"
    EXECUTIVE = "executive", "Executive"


CLIENT_ROLES = (Role.CLIENT_ADMIN, Role.CONTROL_OWNER, Role.CONTRIBUTOR, Role.EXECUTIVE)
FIRM_ROLES = tuple(role for role in Role if role not in CLIENT_ROLES)
LEADING_ROLES = (Role.PARTNER, Role.MANAGER)
"""Whom an administrator may name as who leads an engagement that nobody leads."""
ROLES_OF = {OrganizationKind.FIRM: FIRM_ROLES, OrganizationKind.CLIENT: CLIENT_ROLES}


class MembershipStatus(TextChoices):
    """Whether a membership counts now."""

    ACTIVE = "active", "Active"
    ENDED = "ended", "Ended"


class SecondFactor(TextChoices):
    """Whom an organization asks for a second factor (AUT-1)."""

    EVERYBODY = "everybody", "Everybody"
    ADMINISTRATORS = "administrators", "Administrators only"
    NOBODY = "nobody", "Nobody has to"


class SignOnProtocol(TextChoices):
    """How an identity provider speaks."""

    OIDC = "oidc", "OpenID Connect"
    SAML = "saml", "SAML 2.0"


class InvitationStatus(TextChoices):
    """The life of an invitation; whether it has expired is computed."""

    SENT = "sent", "Sent"
    ACCEPTED = "accepted", "Accepted"
    REVOKED = "revoked", "Revoked"


class EngagementKind(TextChoices):
    """An examination ends in an opinion; a readiness engagement is advice (soc.md, section 9)."""

    EXAMINATION = "examination", "Examination"
    READINESS = "readiness", "Readiness assessment"


class ReportType(TextChoices):
    """The report family (soc.md, section 2)."""

    SOC1 = "SOC1", "SOC 1"
    SOC2 = "SOC2", "SOC 2"
    SOC3 = "SOC3", "SOC 3"


class ExamType(TextChoices):
    """As of one date, or throughout a period (soc.md, section 3)."""

    TYPE_1 = "T1", "Type 1"
    TYPE_2 = "T2", "Type 2"


class Basis(TextChoices):
    """What the subject is measured against: follows from the report type (RT-02, RT-03)."""

    CRITERION = "criterion", "Trust services criteria"
    OBJECTIVE = "objective", "Control objectives"


class Category(TextChoices):
    """The five trust services categories a SOC 2 or SOC 3 may cover (RT-04)."""

    SECURITY = "security", "Security"
    AVAILABILITY = "availability", "Availability"
    CONFIDENTIALITY = "confidentiality", "Confidentiality"
    PROCESSING_INTEGRITY = "processing_integrity", "Processing integrity"
    PRIVACY = "privacy", "Privacy"


class EngagementStatus(TextChoices):
    """The phases of an engagement (soc.md, section 9)."""

    DRAFT = "draft", "Draft"
    ACCEPTANCE = "acceptance", "Acceptance"
    PLANNING = "planning", "Planning"
    WALKTHROUGH = "walkthrough", "Walkthrough"
    FIELDWORK = "fieldwork", "Fieldwork"
    REVIEW = "review", "Review"
    REPORTING = "reporting", "Reporting"
    RELEASED = "released", "Released"
    WRAP_UP = "wrap_up", "Wrap-up"
    LOCKED = "locked", "Locked"
    ON_HOLD = "on_hold", "On hold"
    WITHDRAWN = "withdrawn", "Withdrawn"
    DISPOSED = "disposed", "Disposed"
    ACTIVE = "active", "Active"
    DELIVERED = "delivered", "Delivered"
    CLOSED = "closed", "Closed"


READINESS_STATUSES = (
    EngagementStatus.DRAFT, EngagementStatus.ACTIVE, EngagementStatus.DELIVERED,
    EngagementStatus.CLOSED, EngagementStatus.ON_HOLD, EngagementStatus.WITHDRAWN,
    EngagementStatus.LOCKED, EngagementStatus.DISPOSED,
)  # fmt: skip
"""Every status of a readiness assessment."""
OF_READINESS_ALONE = READINESS_STATUSES[1:4]
"""Those that an examination never has."""
OVER = (
    EngagementStatus.RELEASED, EngagementStatus.WRAP_UP, EngagementStatus.LOCKED,
    EngagementStatus.WITHDRAWN, EngagementStatus.DISPOSED, EngagementStatus.DELIVERED,
    EngagementStatus.CLOSED,
)  # fmt: skip
"""The work that an engagement is about has ended: nothing is asked, taken or mapped any more."""


class IndependenceWord(TextChoices):
    """What was said of a person's independence for an engagement (soc.md, AC-04)."""

    ASKED = "asked", "Asked for"
    CONFIRMED = "confirmed", "Confirmed"
    REFUSED = "refused", "Not independent"


class TrailZone(TextChoices):
    """Who of an engagement may read a trail entry (AUD-8)."""

    SHARED = "shared", "Both sides"
    FIRM = "firm", "Firm only"
    CLIENT = "client", "Client only"


class DigestStatus(TextChoices):
    """What is known of a mail: claimed and recorded before it is sent (TSK-10)."""

    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused by the mail server"
    UNKNOWN = "unknown", "Outcome unknown"
