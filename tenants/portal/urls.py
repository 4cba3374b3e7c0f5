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
    organization_sign_in,
    organizations,
    people,
    profile,
    search,
    security,
    single_sign_on,
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
    path("history/export/", history.export, name="trail_export"),
    path("history/checkpoint/", history.checkpoint, name="trail_checkpoint"),
]

signing_on = [
    path("", organization_sign_in.begin, name="sign_on"),
    path("callback/", organization_sign_in.callback, name="sign_on_callback"),
    path("acs/", organization_sign_in.acs, name="sign_on_acs"),
    path("finish/", organization_sign_in.finish, name="sign_on_finish"),
    path("metadata/", organization_sign_in.metadata, name="sign_on_metadata"),
]

own_sign_on = [
    path("", single_sign_on.index, name="single_sign_on"),
    path("openid/", single_sign_on.openid, name="connect_openid"),
    path("saml/", single_sign_on.saml, name="connect_saml"),
    path("test/", organization_sign_in.test, name="test_sign_on"),
    path("keys/new/", single_sign_on.key_new, name="key_new"),
    path("keys/<uuid:provisioning_token>/revoke/", single_sign_on.key_revoke, name="key_revoke"),
    path("groups/<uuid:group>/", single_sign_on.group_role, name="group_role"),
    path("<slug:change>/", single_sign_on.change, name="change_sign_on"),
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
    path("settings/profile/unlink/", single_sign_on.unlink, name="unlink"),
    path("settings/single-sign-on/", include(own_sign_on)),
    path("sso/", organization_sign_in.door, name="sign_on_door"),
    path("sso/<slug:name>/", include(signing_on)),
    path("settings/tokens/", tokens.index, name="tokens"),
    path("settings/tokens/new/", tokens.new, name="token_new"),
    path("settings/tokens/<uuid:token>/revoke/", tokens.revoke, name="token_revoke"),
    path("trail/verify/", history.verify, name="trail_verify"),
    path("trail/verify_trail.py", history.verifier, name="trail_verifier"),
    path("switch-organization/", organizations.switch, name="switch_organization"),
    path("invitations/<str:secret>/sso/", organization_sign_in.join, name="sign_on_join"),
    path("invitations/<str:secret>/", invitations.accept, name="invitation"),
]
