"""Every page of this app, asked for by each of the cast: what is open, what is refused."""

from __future__ import annotations

import pytest
from django.urls import reverse

CAST = ("lead", "auditor", "client", "contributor", "colleague", "outsider", "rival", "anonymous")
OWN = [200, 200, 200, 200, 200, 200, 200, 302]
FIRM = [200, 200, 404, 404, 200, 404, 200, 302]
LEADERS = [200, 403, 404, 404, 403, 404, 200, 302]
ADMINISTRATORS = [403, 403, 200, 403, 403, 200, 403, 302]
BOTH_SIDES = [200, 200, 200, 200, 404, 404, 404, 302]
PAGES = {
    "home": OWN,
    "search": OWN,
    "inbox": OWN,
    "engagements": OWN,
    "people": OWN,
    "settings": OWN,
    "profile": OWN,
    "tokens": OWN,
    "token_new": OWN,
    "clients": FIRM,
    "independence": FIRM,
    "independence_state": [200, 200, 404, 404, 404, 404, 404, 302],
    "client_new": LEADERS,
    "engagement_new": LEADERS,
    "invite": ADMINISTRATORS,
    "single_sign_on": ADMINISTRATORS,
    "connect_openid": ADMINISTRATORS,
    "connect_saml": ADMINISTRATORS,
    "key_new": ADMINISTRATORS,
    "engagement": BOTH_SIDES,
    "engagement_people": BOTH_SIDES,
    "history": [200, 403, 200, 403, 404, 404, 404, 302],
    "engagement_terms": [200, 403, 403, 403, 404, 404, 404, 302],
    "assign": [200, 403, 200, 403, 404, 404, 404, 302],
    "engagement_invite": [403, 403, 200, 403, 404, 404, 404, 302],
}
OF_ENGAGEMENT = {
    "independence_state", "engagement", "engagement_people", "history", "engagement_terms",
    "assign", "engagement_invite",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_those_it_is_for(world, browser_of, name):
    args = [world.engagement.pk] if name in OF_ENGAGEMENT else []
    address = reverse(f"tenants:{name}", args=args)
    found = {who: browser_of(who).get(address).status_code for who in CAST}
    assert found == dict(zip(CAST, PAGES[name], strict=True))
