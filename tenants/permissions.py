"""Every permission, and which role carries it: the one table the access matrix is drawn from.

A permission in `ENGAGEMENT_GRANTS` is asked of an engagement and answered from the access table;
one in `ORGANIZATION_GRANTS` is asked of an organization and answered by the membership's role.
Source of the grants: soc.md, section 19.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

from tenants import acting
from tenants.choices import CLIENT_ROLES, FIRM_ROLES, OrganizationKind, Role

if TYPE_CHECKING:
    from django.db.models import Model

    from tenants.models import User


class P(StrEnum):
    """Every permission there is; the value is guardian's codename."""

    # asked of an engagement
    VIEW_ENGAGEMENT = "view_engagement"
    VIEW_FIRM_FILE = "view_firm_file"
    VIEW_CLIENT_FILE = "view_client_file"
    CONFIRM_INDEPENDENCE = "confirm_independence"
    MANAGE_ENGAGEMENT = "manage_engagement"
    DECIDE_ENGAGEMENT = "decide_engagement"
    SET_SCOPE = "set_scope"
    MAP_CONTROLS = "map_controls"
    ASSIGN_FIRM_PEOPLE = "assign_firm_people"
    ASSIGN_CLIENT_PEOPLE = "assign_client_people"
    VIEW_TRAIL = "view_trail"
    VIEW_ALL_REQUESTS = "view_all_requests"
    DRAFT_REQUEST = "draft_request"
    SEND_REQUEST = "send_request"
    WITHDRAW_REQUEST = "withdraw_request"
    CHANGE_DUE_DATE = "change_due_date"
    PASS_FIELDWORK_END = "pass_fieldwork_end"  # noqa: S105  (no password)
    PROPOSE_DUE_DATE = "propose_due_date"
    COMMENT = "comment"
    WRITE_FIRM_NOTE = "write_firm_note"
    UPLOAD_EVIDENCE = "upload_evidence"
    SUBMIT_REQUEST = "submit_request"
    ANSWER_ANY_REQUEST = "answer_any_request"
    REVIEW_EVIDENCE = "review_evidence"
    ACCEPT_POPULATION = "accept_population"
    OVERRIDE_COVERAGE = "override_coverage"
    DECIDE_NOT_APPLICABLE = "decide_not_applicable"
    REOPEN_REQUEST = "reopen_request"
    BUILD_PACKAGE = "build_package"
    DOWNLOAD_PACKAGE = "download_package"

    # asked of an organization
    VIEW_ORGANIZATION = "view_organization"
    MANAGE_PEOPLE = "manage_people"
    OPEN_ENGAGEMENT = "open_engagement"
    EDIT_LIBRARY = "edit_library"
    MANAGE_ORGANIZATION = "manage_organization"
    MANAGE_WALLS = "manage_walls"
    TAKE_ON_FIRM = "take_on_firm"


R = Role
_LEADERS = (R.PARTNER, R.MANAGER)
_IN_CHARGE = (*_LEADERS, R.SENIOR)
_TEAM = (*_IN_CHARGE, R.STAFF, R.SPECIALIST)
_FILE = (*_TEAM, R.QUALITY_REVIEWER)
_ANSWERING = (R.CLIENT_ADMIN, R.CONTROL_OWNER, R.CONTRIBUTOR)

ENGAGEMENT_GRANTS: dict[P, tuple[Role, ...]] = {
    P.VIEW_ENGAGEMENT: (*_FILE, *CLIENT_ROLES),
    P.VIEW_FIRM_FILE: _FILE,
    P.VIEW_CLIENT_FILE: CLIENT_ROLES,
    P.CONFIRM_INDEPENDENCE: _FILE,
    P.MANAGE_ENGAGEMENT: _LEADERS,
    P.DECIDE_ENGAGEMENT: (R.PARTNER,),
    P.SET_SCOPE: _LEADERS,
    P.MAP_CONTROLS: _IN_CHARGE,
    P.ASSIGN_FIRM_PEOPLE: _LEADERS,
    P.ASSIGN_CLIENT_PEOPLE: (R.CLIENT_ADMIN,),
    P.VIEW_TRAIL: (*_IN_CHARGE, R.QUALITY_REVIEWER, R.CLIENT_ADMIN, R.EXECUTIVE),
    P.VIEW_ALL_REQUESTS: (*_FILE, R.CLIENT_ADMIN, R.EXECUTIVE),
    P.DRAFT_REQUEST: _TEAM,
    P.SEND_REQUEST: _IN_CHARGE,
    P.WITHDRAW_REQUEST: _IN_CHARGE,
    P.CHANGE_DUE_DATE: _IN_CHARGE,
    P.PASS_FIELDWORK_END: _LEADERS,
    P.PROPOSE_DUE_DATE: (R.CLIENT_ADMIN, R.CONTROL_OWNER),
    P.COMMENT: (*_FILE, *CLIENT_ROLES),
    P.WRITE_FIRM_NOTE: _FILE,
    P.UPLOAD_EVIDENCE: _ANSWERING,
    P.SUBMIT_REQUEST: (R.CLIENT_ADMIN, R.CONTROL_OWNER),
    P.ANSWER_ANY_REQUEST: (R.CLIENT_ADMIN,),
    P.REVIEW_EVIDENCE: _TEAM,
    P.ACCEPT_POPULATION: _IN_CHARGE,
    P.OVERRIDE_COVERAGE: _IN_CHARGE,
    P.DECIDE_NOT_APPLICABLE: _IN_CHARGE,
    P.REOPEN_REQUEST: _IN_CHARGE,
    P.BUILD_PACKAGE: _LEADERS,
    P.DOWNLOAD_PACKAGE: (*_IN_CHARGE, R.QUALITY_REVIEWER),
}

ORGANIZATION_GRANTS: dict[P, tuple[Role, ...]] = {
    P.VIEW_ORGANIZATION: (*FIRM_ROLES, *CLIENT_ROLES),
    P.MANAGE_PEOPLE: (R.FIRM_ADMIN, R.CLIENT_ADMIN),
    P.OPEN_ENGAGEMENT: _LEADERS,
    P.EDIT_LIBRARY: (R.CLIENT_ADMIN,),
    P.MANAGE_ORGANIZATION: (R.FIRM_ADMIN, R.CLIENT_ADMIN),
    P.MANAGE_WALLS: (R.FIRM_ADMIN,),
    P.TAKE_ON_FIRM: (R.CLIENT_ADMIN,),
}


_LOOKING = (P.VIEW_ENGAGEMENT, P.VIEW_ALL_REQUESTS, P.VIEW_TRAIL)
SUPPORT_SEES: dict[str, tuple[P, ...]] = {
    OrganizationKind.FIRM: (*_LOOKING, P.VIEW_FIRM_FILE),
    OrganizationKind.CLIENT: (*_LOOKING, P.VIEW_CLIENT_FILE),
}
"""What an operator sees of one engagement, from one side, while an administrator lets them."""


def permissions_of(role: Role | str) -> frozenset[P]:
    """What an engagement role carries on its engagement."""
    return frozenset(p for p, roles in ENGAGEMENT_GRANTS.items() if role in roles)


def carries(role: Role | str, permission: P) -> bool:
    """Whether a membership's role carries an organization permission."""
    return role in ORGANIZATION_GRANTS.get(permission, ())


def engagement_permissions() -> tuple[tuple[str, str], ...]:
    """(codename, name) of each engagement permission, for Engagement.Meta.permissions."""
    return tuple((str(p), p.replace("_", " ").capitalize()) for p in ENGAGEMENT_GRANTS)


class NotAllowed(PermissionDenied):
    """A right refused on something the person sees: the trail tells of it (AUD-1).

    `anchor` is the engagement or organization that was asked, `subject` the record it was about.
    """

    def __init__(
        self, message: str, *, anchor: Model, asked: str, subject: Model | None = None
    ) -> None:
        super().__init__(message)
        self.anchor, self.asked, self.subject = anchor, asked, subject or anchor


def require(by: User, permission: P, anchor: Model) -> None:
    """Ask once, in an action: may `by` do this on the engagement or organization `anchor`?

    Raises NotAllowed when not, and PermissionDenied when `by` is not the person acting.
    """
    acting.require_is_acting(by)
    if not by.has_perm(permission, anchor):
        said = f"Your role does not include “{permission.replace('_', ' ')}” here."
        raise NotAllowed(said, anchor=anchor, asked=str(permission))
