"""Who may do what to organizations, people and engagements: the kernel's lines of the matrix."""

from __future__ import annotations

from tenants import sign_on_lines
from tenants.access_matrix import (
    EVERYBODY,
    FIRM_TEAM,
    MANAGING_PEOPLE,
    ON_THE_ENGAGEMENT,
    OWN_ORGANIZATION,
    Resource,
    Who,
)
from tenants.actions import engagements
from tenants.choices import EngagementStatus, InvitationStatus, MembershipStatus
from tenants.notices import DIGEST
from tenants.permissions import P

FIRMS = Who("people of a firm", lambda who, state: not who.is_client)
ITS_FIRM = Who("the firm's people", lambda who, state: not who.is_client and not who.foreign)
UNUSED = Who(
    "people of the organization, while it was not used",
    lambda who, state: not who.foreign and state in ("", InvitationStatus.SENT),
)
OWN_SIDE = (P.ASSIGN_FIRM_PEOPLE, P.ASSIGN_CLIENT_PEOPLE)
READS_TRAIL = Who.carrying(P.VIEW_TRAIL, "whoever reads the engagement's trail")

ENGAGEMENT = (
    Resource(
        "engagement", "Engagement", ON_THE_ENGAGEMENT, dict(EngagementStatus.choices),
        note="A firm's administrator is not on it without being assigned.",
    )
    .may("list", sees=EVERYBODY, api="GET engagement-list",
         pages="tenants:engagements, tenants:home, tenants:search", note="those in sight")
    .may("view", api="GET engagement-detail", pages="tenants:engagement")
    .may("open", P.OPEN_ENGAGEMENT, sees=FIRMS, at_home=True, api="POST engagement-list",
         pages="tenants:engagement_new")
    .may("change terms", P.SET_SCOPE, api="PATCH engagement-detail",
         pages="tenants:engagement_terms")
    .may("see what is open", sees=FIRM_TEAM, api="GET engagement-findings",
         pages="tenants:engagement_open")
    .may("date the report", P.RELEASE_REPORT, states=("reporting",),
         api="POST engagement-report-date", pages="tenants:report_date")
    .moves(engagements.LIFECYCLE, api="engagement-{}", pages="tenants:engagement_move/{}")
)  # fmt: skip

PLACE = (
    Resource("assignment", "Person on an engagement", ON_THE_ENGAGEMENT,
             note="Each side assigns its own people, in roles not above both theirs and one's own.")
    .may("list", sees=EVERYBODY, api="GET assignment-list", note="those in sight")
    .may("view", api="GET assignment-detail", pages="tenants:engagement_people")
    .may("assign", *OWN_SIDE, api="POST assignment-list", pages="tenants:assign",
         note="people of one's own side")
    .may("change role", *OWN_SIDE, pages="tenants:assignment_role",
         note="people of one's own side")
    .may("take off", *OWN_SIDE, api="DELETE assignment-detail", pages="tenants:take_off",
         note="people of one's own side; the last who could assign others stays")
    .may("invite", *OWN_SIDE, besides=(P.MANAGE_PEOPLE,), pages="tenants:engagement_invite",
         note="into one's own organization and this engagement at once")
)  # fmt: skip

INDEPENDENCE = (
    Resource("independence", "Word on independence", FIRM_TEAM,
             note="Until a person of the firm has given theirs, their assignment does not count.")
    .may("list", sees=EVERYBODY,
         api="GET independence-list, GET independence-due, GET independence-statement",
         note="those in sight; one's own")
    .may("see what is due", sees=FIRMS, pages="tenants:independence", note="one's own")
    .may("view", api="GET independence-detail")
    .may("state", P.CONFIRM_INDEPENDENCE, api="POST independence-list",
         pages="tenants:independence_state", note="one's own, when one is assigned")
    .may("ask", P.ASSIGN_FIRM_PEOPLE, sees=ON_THE_ENGAGEMENT, api="POST independence-ask",
         pages="tenants:ask_independence", note="a colleague on the team")
)  # fmt: skip

OPENING = (
    Resource("opening", "Opened permission", ON_THE_ENGAGEMENT)
    .may("list", sees=EVERYBODY, api="GET opening-list", note="those in sight")
    .may("view", api="GET opening-detail")
    .may("open", *OWN_SIDE, api="POST opening-list", pages="tenants:open_permission",
         note="a permission one holds oneself, to a person of one's own side")
    .may("close", *OWN_SIDE, api="DELETE opening-detail", note="one's own side's")
)  # fmt: skip

TRAIL = (
    Resource("trail", "Trail entry", READS_TRAIL,
             note="Entries of one side's own zone exist for that side alone.")
    .may("list", sees=EVERYBODY, api="GET trail-entry-list", note="those in sight")
    .may("view", api="GET trail-entry-detail")
    .may("read the history", P.VIEW_TRAIL, sees=ON_THE_ENGAGEMENT, pages="tenants:history")
    .may("export", P.VIEW_TRAIL, sees=ON_THE_ENGAGEMENT, pages="tenants:trail_export",
         api="GET trail-entry-export", note="as far as one reads it")
    .may("see the checkpoints", P.VIEW_TRAIL, sees=ON_THE_ENGAGEMENT,
         pages="tenants:trail_checkpoint")
    .may("list checkpoints", sees=EVERYBODY, api="GET trail-checkpoint-list",
         note="those in sight")
    .may("view a checkpoint", api="GET trail-checkpoint-detail, GET trail-checkpoint-consistency")
)  # fmt: skip

ADMINISTRATORS = Who.carrying(P.MANAGE_ORGANIZATION, "the organization's administrators")

ORGANIZATION_TRAIL = (
    Resource("organization_trail", "Trail entry of one's own organization", ADMINISTRATORS,
             note="What belongs to no engagement: people, sign-ins, settings, grants.")
    .may("list", sees=EVERYBODY, api="GET organization-trail-list", note="those in sight")
    .may("view", api="GET organization-trail-detail")
    .may("read the history", P.MANAGE_ORGANIZATION, sees=EVERYBODY, at_home=True,
         pages="tenants:organization_history")
    .may("export", P.MANAGE_ORGANIZATION, sees=EVERYBODY, at_home=True,
         pages="tenants:organization_trail_export", api="GET organization-trail-export")
    .may("see the checkpoints", P.MANAGE_ORGANIZATION, sees=EVERYBODY, at_home=True,
         pages="tenants:organization_checkpoint")
)  # fmt: skip

ORGANIZATION = (
    Resource("organization", "One's own organization", EVERYBODY)
    .may("list", api="GET organization-list, GET me", note="one's own, and those it knows")
    .may("view", api="GET organization-detail", pages="tenants:settings")
    .may("change", P.MANAGE_ORGANIZATION, at_home=True, api="PATCH organization-detail",
         pages="tenants:settings")
    .may("ask for a second factor", P.MANAGE_ORGANIZATION, at_home=True, pages="tenants:policy",
         note="of everybody, its administrators, or nobody")
    .may("switch to", pages="tenants:switch_organization", note="one's own organizations")
)  # fmt: skip

CLIENT = (
    Resource("client", "Client of a firm", ITS_FIRM)
    .may("list", sees=EVERYBODY, api="GET client-list", note="those in sight")
    .may("see the clients", sees=FIRMS, pages="tenants:clients")
    .may("view", api="GET client-detail")
    .may("add", P.OPEN_ENGAGEMENT, sees=EVERYBODY, page_sees=FIRMS, at_home=True,
         api="POST client-list", pages="tenants:client_new")
)  # fmt: skip

KEEPERS = Who.carrying(P.MANAGE_WALLS, "the firm's administrators")
TAKING_ON = Who.carrying(P.OPEN_ENGAGEMENT, "those of the firm who take on clients")
NOT_ANOTHERS = Who("whom it was written to", lambda who, state: who.key != "outsider")

INTRODUCTION = (
    Resource("introduction", "Letter to a client that is here already", TAKING_ON,
             note="Refused, expired and invented are one answer, to both sides.")
    .may("list", sees=EVERYBODY, api="GET introduction-list", note="those in sight")
    .may("view", api="GET introduction-detail")
    .may("ask", P.OPEN_ENGAGEMENT, sees=EVERYBODY, page_sees=FIRMS, at_home=True,
         api="POST introduction-list", pages="tenants:client_ask")
    .may("withdraw", P.OPEN_ENGAGEMENT, page_asks_first=True, api="DELETE introduction-detail",
         pages="tenants:withdraw_introduction")
    .may("answer", P.TAKE_ON_FIRM, sees=NOT_ANOTHERS, at_home=True,
         api="POST introduction-answer", note="with the letter's secret")
)  # fmt: skip

ETHICS_WALL = (
    Resource("ethics_wall", "Ethics wall", KEEPERS)
    .may("list", sees=EVERYBODY, api="GET ethics-wall-list", note="those in sight")
    .may("see the walls", P.MANAGE_WALLS, sees=EVERYBODY, at_home=True,
         pages="tenants:ethics_walls")
    .may("view", api="GET ethics-wall-detail")
    .may("raise", P.MANAGE_WALLS, sees=EVERYBODY, at_home=True, api="POST ethics-wall-list",
         pages="tenants:ethics_wall_new")
    .may("extend", P.MANAGE_WALLS, page_asks_first=True, api="POST ethics-wall-extend",
         pages="tenants:ethics_wall_extend")
    .may("lift", P.MANAGE_WALLS, page_asks_first=True, api="POST ethics-wall-lift",
         pages="tenants:ethics_wall_lift")
)  # fmt: skip

OVERSIGHT = (
    Resource("oversight", "Engagement by name", KEEPERS,
             note="Not those behind an ethics wall from the administrator's own work.")
    .may("list", sees=EVERYBODY, api="GET firm-engagement-list", note="those in sight")
    .may("view", api="GET firm-engagement-detail")
    .may("see all engagements", P.MANAGE_WALLS, sees=EVERYBODY, at_home=True,
         pages="tenants:firm_engagements")
    .may("name a leader", P.MANAGE_WALLS, page_asks_first=True, pages="tenants:name_leader",
         api="POST firm-engagement-name-leader", note="where nobody leads any more")
)  # fmt: skip

SUPPORT = (
    Resource("support", "Support that asks to look",
             Who.carrying(P.MANAGE_ORGANIZATION, "the administrators of the side asked"),
             note="An operator reads one engagement from one side, for four hours at most.")
    .may("list", sees=EVERYBODY, api="GET support-access-list", note="those in sight")
    .may("see support", P.MANAGE_ORGANIZATION, sees=EVERYBODY, at_home=True,
         pages="tenants:support")
    .may("view", api="GET support-access-detail")
    .may("agree", P.MANAGE_ORGANIZATION, page_asks_first=True, api="POST support-access-agree",
         pages="tenants:support_agree")
    .may("end", P.MANAGE_ORGANIZATION, page_asks_first=True, api="POST support-access-end",
         pages="tenants:support_end")
    .may("ask", sees=Who("operators, who are none of these", lambda who, state: False),
         pages="tenants:operator")
)  # fmt: skip

MEMBER = (
    Resource("member", "Member of one's organization", OWN_ORGANIZATION,
             dict(MembershipStatus.choices),
             note="Nobody changes their own membership, grants a role above their own, or removes "
                  "the last administrator.")
    .may("list", sees=EVERYBODY, api="GET person-list", pages="tenants:people",
         note="one's own organization's")
    .may("view", api="GET person-detail", note="who has left, for administrators")
    .may("change role", P.MANAGE_PEOPLE, page_asks_first=True, api="PATCH person-detail",
         pages="tenants:member_role")
    .may("sign out", P.MANAGE_PEOPLE, page_asks_first=True, pages="tenants:member_sign_out",
         note="everywhere")
    .may("end", P.MANAGE_PEOPLE, page_asks_first=True, api="DELETE person-detail",
         pages="tenants:member_end")
)  # fmt: skip

INVITATION = (
    Resource("invitation", "Invitation", MANAGING_PEOPLE, dict(InvitationStatus.choices))
    .may("list", sees=EVERYBODY, api="GET invitation-list", note="those in sight")
    .may("view", api="GET invitation-detail")
    .may("invite", P.MANAGE_PEOPLE, sees=EVERYBODY, at_home=True, api="POST invitation-list",
         pages="tenants:invite", note="to a role not above one's own")
    .may("withdraw", P.MANAGE_PEOPLE, page_sees=UNUSED, page_asks_first=True,
         states=(InvitationStatus.SENT,), api="DELETE invitation-detail",
         pages="tenants:withdraw_invitation")
)  # fmt: skip

OWN = (
    Resource("own", "One's own", EVERYBODY,
             note="Tokens, notices, factors, sessions and profile of the person who asks; "
                  "another's are absent.")
    .may("tokens", api="GET token-list, GET token-detail", pages="tenants:tokens")
    .may("make a token", api="POST token-list", pages="tenants:token_new",
         note="never more than one has oneself")
    .may("revoke a token", api="DELETE token-detail", pages="tenants:token_revoke")
    .may("notices", api="GET notice-list, GET notice-detail", pages="tenants:inbox")
    .may("read a notice", api="POST notice-read", pages="tenants:read, tenants:read_all")
    .may("profile", pages="tenants:profile")
    .may("view how one signs in", pages="tenants:security, tenants:factor_owed")
    .may("view ways to add a factor",
         pages="tenants:app_new, tenants:passkey_new, tenants:recovery_codes")
    .may("change the address", pages="tenants:email_change")
    .may("end one's other sessions", pages="tenants:sessions_end")
    .may("see who may do what", pages="tenants:access")
    .may("see how to check a trail", pages="tenants:trail_verify, tenants:trail_verifier")
)  # fmt: skip

RESOURCES = [ENGAGEMENT, PLACE, INDEPENDENCE, OPENING, TRAIL, ORGANIZATION_TRAIL, ORGANIZATION,
             CLIENT,
             INTRODUCTION, ETHICS_WALL, OVERSIGHT, SUPPORT, MEMBER, INVITATION, OWN,
             *sign_on_lines.RESOURCES]  # fmt: skip
OPEN = {
    "healthz": "tells whether the process is alive",
    "readyz": "tells whether the process can work",
    "api:schema": "describes the API, the same for everybody",
    "api:docs": "shows the schema",
    "tenants:introduction": "opened by a secret that only the person asked has",
    "tenants:invitation": "opened by a secret that only the invited person has",
    "account_*": "sign-in, sign-out and password of one's own account",
    "mfa_*": "the second factor at sign-in, and before dangerous acts",
    "tenants:email_confirm": "opened by a secret, by the person who asked for it",
    "tenants:factor_remove": "one's own second factor; another's is absent",
    "tenants:session_end": "one's own session; another's is absent",
    **sign_on_lines.OPEN,
}
TASKS = {
    DIGEST: "the person who is told: reads their notices as they may now",
    f"{DIGEST}.parked": "the person whose mail it is: says that it was given up",
    "tenants.ask_independence": "the engagement: notes that a person is asked for their word",
    "tenants.forget_sessions": "the system: sessions that are over, counts that leaked away",
    "tenants.reset_link": "the person whose address asked for a link, if there is one",
    "tenants.begin_wrap_up": "the engagement: its report is out, the file is put in order",
    "tenants.check_trail": "the engagement or organization whose book it is",
    "tenants.forget_done_work": "the system: queues only",
    "tenants.forget_kept_answers": "the system: answers past their day, unread",
    "tenants.plan_checkpoint_mail": "the engagement or organization of that trail: whom to mail",
}
