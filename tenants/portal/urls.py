"""Where the pages of people, organizations and engagements are."""

from __future__ import annotations

from django.urls import include, path

from tenants.portal import (
    access,
    assignments,
    clients,
    engagement_terms,
    engagements,
    factors,
    history,
    home,
    inbox,
    independence,
    invitations,
    organizations,
    people,
    profile,
    search,
    security,
    tokens,
)

app_name = "tenants"

one_engagement = [
    path("", engagements.overview, name="engagement"),
    path("terms/", engagement_terms.change, name="engagement_terms"),
    path("moves/<slug:name>/", engagements.move, name="engagement_move"),
    path("people/", assignments.index, name="engagement_people"),
    path("people/assign/", assignments.assign, name="assign"),
    path("people/invite/", assignments.invite, name="engagement_invite"),
    path("people/<uuid:assignment>/role/", assignments.change_role, name="assignment_role"),
    path("people/<uuid:assignment>/take-off/", assignments.take_off, name="take_off"),
    path("people/<uuid:assignment>/open/", assignments.open_to, name="open_permission"),
    path("people/<uuid:assignment>/ask/", independence.ask, name="ask_independence"),
    path("history/", history.history, name="history"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("search/", search.search, name="search"),
    path("access/", access.matrix, name="access"),
    path("inbox/", inbox.index, name="inbox"),
    path("inbox/read/", inbox.read_all, name="read_all"),
    path("inbox/<uuid:notice>/", inbox.read, name="read"),
    path("independence/", independence.index, name="independence"),
    path("independence/<uuid:engagement>/", independence.state, name="independence_state"),
    path("engagements/", engagements.index, name="engagements"),
    path("engagements/new/", engagement_terms.new, name="engagement_new"),
    path("engagements/<uuid:engagement>/", include(one_engagement)),
    path("clients/", clients.index, name="clients"),
    path("clients/new/", clients.new, name="client_new"),
    path("people/", people.index, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:membership>/role/", people.change_role, name="member_role"),
    path("people/<uuid:membership>/sign-out/", people.sign_out, name="member_sign_out"),
    path("people/<uuid:membership>/end/", people.end, name="member_end"),
    path(
        "people/invitations/<uuid:invitation>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("settings/", organizations.settings, name="settings"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/email/", security.change_address, name="email_change"),
    path("settings/email/<str:secret>/", security.confirm_address, name="email_confirm"),
    path("settings/policy/", organizations.policy, name="policy"),
    path("settings/security/", security.index, name="security"),
    path("settings/security/needed/", factors.owed, name="factor_owed"),
    path("settings/security/app/", factors.new_app, name="app_new"),
    path("settings/security/passkeys/", factors.new_passkey, name="passkey_new"),
    path("settings/security/codes/", factors.recovery_codes, name="recovery_codes"),
    path("settings/security/factors/<int:factor>/remove/", factors.remove, name="factor_remove"),
    path("settings/security/sessions/end/", security.end_others, name="sessions_end"),
    path("settings/security/sessions/<uuid:session>/end/", security.end, name="session_end"),
    path("settings/tokens/", tokens.index, name="tokens"),
    path("settings/tokens/new/", tokens.new, name="token_new"),
    path("settings/tokens/<uuid:token>/revoke/", tokens.revoke, name="token_revoke"),
    path("switch-organization/", organizations.switch, name="switch_organization"),
    path("invitations/<str:secret>/", invitations.accept, name="invitation"),
]
