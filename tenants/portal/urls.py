"""Where the pages of people, organizations and engagements are."""

from __future__ import annotations

from django.urls import include, path

from tenants.portal import (
    access,
    assignments,
    clients,
    engagement_terms,
    engagements,
    history,
    home,
    inbox,
    independence,
    invitations,
    organizations,
    people,
    profile,
    search,
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
    path("people/<uuid:membership>/end/", people.end, name="member_end"),
    path(
        "people/invitations/<uuid:invitation>/withdraw/",
        people.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("settings/", organizations.settings, name="settings"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/tokens/", tokens.index, name="tokens"),
    path("settings/tokens/new/", tokens.new, name="token_new"),
    path("settings/tokens/<uuid:token>/revoke/", tokens.revoke, name="token_revoke"),
    path("switch-organization/", organizations.switch, name="switch_organization"),
    path("invitations/<str:secret>/", invitations.accept, name="invitation"),
]
