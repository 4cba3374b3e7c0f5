"""Who may do what to single sign-on and the directory: its lines of the access matrix."""

from __future__ import annotations

from tenants.access_matrix import EVERYBODY, Resource, Who
from tenants.permissions import P

MANAGES = Who.carrying(P.MANAGE_ORGANIZATION, "whoever manages the organization")
MANAGES_OWN = Who(
    "whoever manages their own organization",
    lambda who, state: who.holds(P.MANAGE_ORGANIZATION, at_home=True),
)

SIGN_ON = (
    Resource("sign_on", "Single sign-on of one's organization", EVERYBODY)
    .may("see how people sign in", P.MANAGE_ORGANIZATION, at_home=True,
         pages="tenants:single_sign_on")
    .may("connect", P.MANAGE_ORGANIZATION, at_home=True, api="POST identity-provider-list",
         pages="tenants:connect_openid, tenants:connect_saml", note="one provider at a time")
)  # fmt: skip

PROVIDER = (
    Resource("identity_provider", "Identity provider", MANAGES, {"off": "Off", "on": "On"},
             note="Tested in the portal before it is on. Requiring it takes one's own second "
                  "factor, which a program has not.")
    .may("list", sees=EVERYBODY, api="GET identity-provider-list", note="one's own organization's")
    .may("view", api="GET identity-provider-detail")
    .may("change", api="PATCH identity-provider-detail")
    .may("test", page_sees=MANAGES_OWN, api="POST identity-provider-check",
         pages="tenants:test_sign_on", note="a program asks the provider; a person signs in")
    .may("switch on", page_sees=MANAGES_OWN, api="POST identity-provider-switch-on",
         pages="tenants:change_sign_on/switch-on", note="once it was tested")
    .may("switch off", page_sees=MANAGES_OWN, api="POST identity-provider-switch-off",
         pages="tenants:change_sign_on/switch-off")
    .may("require", page_sees=MANAGES_OWN, states=("on",),
         pages="tenants:change_sign_on/require", note="with one's own second factor")
    .may("release", page_sees=MANAGES_OWN, api="POST identity-provider-release",
         pages="tenants:change_sign_on/release")
    .may("disconnect", page_sees=MANAGES_OWN, api="DELETE identity-provider-detail",
         pages="tenants:change_sign_on/disconnect")
)  # fmt: skip

LINK = (
    Resource("link", "One's own link to the provider", EVERYBODY)
    .may("unlink", pages="tenants:unlink")
)  # fmt: skip

KEY = (
    Resource("directory_key", "Key of the directory", MANAGES,
             note="Opens /scim/v2/ alone, as its maker, for people of the one organization.")
    .may("list", sees=EVERYBODY, api="GET directory-key-list", note="one's own organization's")
    .may("view", api="GET directory-key-detail")
    .may("make", P.MANAGE_ORGANIZATION, sees=EVERYBODY, at_home=True,
         api="POST directory-key-list", pages="tenants:key_new")
    .may("revoke", api="DELETE directory-key-detail", pages="tenants:key_revoke")
)  # fmt: skip

GROUP = (
    Resource("directory_group", "Group of the directory", MANAGES)
    .may("list", sees=EVERYBODY, api="GET directory-group-list", note="one's own organization's")
    .may("view", api="GET directory-group-detail")
    .may("give a role", api="PATCH directory-group-detail", pages="tenants:group_role",
         note="not above one's own")
)  # fmt: skip

RESOURCES = [SIGN_ON, PROVIDER, LINK, KEY, GROUP]
OPEN = {
    "tenants:sign_on_door": "asks for an organization's sign-in name, before anybody is known",
    "tenants:sign_on": "an organization's door, for whoever knows its name",
    "tenants:sign_on_join": "opened by a secret that only the invited person has",
    "tenants:sign_on_callback": "opened by a state that lies in the session that began it",
    "tenants:sign_on_acs": "hands a provider's answer on and reads nothing",
    "tenants:sign_on_finish": "opened by a state that lies in the session that began it",
    "tenants:sign_on_metadata": "what a provider needs to know of us",
    "scim:*": "for a directory's key alone, which is no person's session or token",
}
