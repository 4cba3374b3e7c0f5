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
    APPROVE_FOR_CLIENT = "approve_for_client"
    SIGN_FOR_CLIENT = "sign_for_client"
    WRITE_DOCUMENT = "write_document"
    PROPOSE_DOCUMENT = "propose_document"
    RESPOND_TO_DEVIATION = "respond_to_deviation"
    PROPOSE_SCOPE = "propose_scope"
    WRITE_WORKPAPER = "write_workpaper"
    OBSERVE_EVIDENCE = "observe_evidence"
    PERFORM_TEST = "perform_test"
    PLAN_TEST = "plan_test"
    REVIEW_WORK = "review_work"
    WRITE_REVIEW_NOTE = "write_review_note"
    ANSWER_REVIEW_NOTE = "answer_review_note"
    CONCLUDE_CONTROL = "conclude_control"
    CONCLUDE_SCOPE_ITEM = "conclude_scope_item"
    COMMUNICATE_DEVIATION = "communicate_deviation"
    PROPOSE_OPINION = "propose_opinion"
    DECIDE_OPINION = "decide_opinion"
    SIGN_QUALITY_REVIEW = "sign_quality_review"
    RELEASE_REPORT = "release_report"
    PROPOSE_LOCK = "propose_lock"
    LOCK_FILE = "lock_file"
    WRITE_ADDENDUM = "write_addendum"

    # asked of an organization
    VIEW_ORGANIZATION = "view_organization"
    MANAGE_PEOPLE = "manage_people"
    OPEN_ENGAGEMENT = "open_engagement"
    EDIT_LIBRARY = "edit_library"
    MANAGE_ORGANIZATION = "manage_organization"
    MANAGE_WALLS = "manage_walls"
    TAKE_ON_FIRM = "take_on_firm"
    EDIT_OWN_CONTROLS = "edit_own_controls"
    PROPOSE_NARRATIVE = "propose_narrative"
    APPROVE_NARRATIVE = "approve_narrative"
    MANAGE_FIRM_TABLES = "manage_firm_tables"
    ORDER_DISPOSAL = "order_disposal"


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
    P.APPROVE_FOR_CLIENT: (R.CLIENT_ADMIN, R.EXECUTIVE),
    P.SIGN_FOR_CLIENT: (R.EXECUTIVE,),
    P.WRITE_DOCUMENT: (R.CLIENT_ADMIN,),
    P.PROPOSE_DOCUMENT: (R.CLIENT_ADMIN, R.CONTROL_OWNER),
    P.RESPOND_TO_DEVIATION: (R.CLIENT_ADMIN, R.CONTROL_OWNER, R.EXECUTIVE),
    P.PROPOSE_SCOPE: (*_IN_CHARGE, R.CLIENT_ADMIN),
    P.WRITE_WORKPAPER: _TEAM,
    P.OBSERVE_EVIDENCE: (R.MANAGER, R.SENIOR, R.STAFF, R.SPECIALIST),
    P.PERFORM_TEST: _TEAM,
    P.PLAN_TEST: _IN_CHARGE,
    P.REVIEW_WORK: _IN_CHARGE,
    P.WRITE_REVIEW_NOTE: (*_IN_CHARGE, R.QUALITY_REVIEWER),
    P.ANSWER_REVIEW_NOTE: _TEAM,
    P.CONCLUDE_CONTROL: (R.MANAGER, R.SENIOR),
    P.CONCLUDE_SCOPE_ITEM: _LEADERS,
    P.COMMUNICATE_DEVIATION: _LEADERS,
    P.PROPOSE_OPINION: _LEADERS,
    P.DECIDE_OPINION: (R.PARTNER,),
    P.SIGN_QUALITY_REVIEW: (R.QUALITY_REVIEWER,),
    P.RELEASE_REPORT: (R.PARTNER,),
    P.PROPOSE_LOCK: _LEADERS,
    P.LOCK_FILE: (R.PARTNER,),
    P.WRITE_ADDENDUM: _LEADERS,
}

ORGANIZATION_GRANTS: dict[P, tuple[Role, ...]] = {
    P.VIEW_ORGANIZATION: (*FIRM_ROLES, *CLIENT_ROLES),
    P.MANAGE_PEOPLE: (R.FIRM_ADMIN, R.CLIENT_ADMIN),
    P.OPEN_ENGAGEMENT: _LEADERS,
    P.EDIT_LIBRARY: (R.CLIENT_ADMIN,),
    P.MANAGE_ORGANIZATION: (R.FIRM_ADMIN, R.CLIENT_ADMIN),
    P.MANAGE_WALLS: (R.FIRM_ADMIN,),
    P.TAKE_ON_FIRM: (R.CLIENT_ADMIN,),
    P.EDIT_OWN_CONTROLS: (R.CONTROL_OWNER,),
    P.PROPOSE_NARRATIVE: _ANSWERING,
    P.APPROVE_NARRATIVE: (R.CLIENT_ADMIN, R.CONTROL_OWNER),
    P.MANAGE_FIRM_TABLES: (R.FIRM_ADMIN,),
    P.ORDER_DISPOSAL: (R.FIRM_ADMIN,),
}

NEVER_OPENED = frozenset(
    {P.SIGN_FOR_CLIENT, P.DECIDE_ENGAGEMENT, P.DECIDE_OPINION, P.SIGN_QUALITY_REVIEW,
     P.RELEASE_REPORT, P.LOCK_FILE}
)  # fmt: skip
"""What a role alone gives: signatures and last decisions are opened to nobody besides."""


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
