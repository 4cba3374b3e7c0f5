"""Every route of the site, walked from the resolver, and what stands in its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.parts import added

NAMED = re.compile(r"<(?:(\w+):)?(\w+)>")
OPEN = {
    "healthz": "tells whether the process is alive",
    "readyz": "tells whether the process can work",
    "api:schema": "describes the API, the same for everybody",
    "api:docs": "shows the schema",
    "tenants:email_confirm": "opened by a secret, by the person who asked for it",
    "tenants:factor_remove": "one's own second factor, which tests of its own ask about",
    "tenants:session_end": "one's own session, which tests of its own ask about",
    "tenants:introduction": "opened by a secret that only the person asked has",
    "tenants:invitation": "opened by a secret that only the invited person has",
    "tenants:sign_on_join": "opened by a secret that only the invited person has",
    "tenants:sign_on_door": "asks for a name, before anybody is known",
    "tenants:sign_on": "an organization's door, for whoever knows its name",
    "tenants:sign_on_callback": "opened by a state that lies in the session that began it",
    "tenants:sign_on_acs": "hands a provider's answer on, reads nothing",
    "tenants:sign_on_finish": "opened by a state that lies in the session that began it",
    "tenants:sign_on_metadata": "what a provider needs to know of us, for whoever knows the name",
}
"""Routes that name nothing of a tenant or are held by a secret of their own, and why."""
CATALOG = {
    "api:criterion-list", "api:criterion-detail", "api:description-criterion-list",
    "api:description-criterion-detail", "api:catalog-objective-list",
    "api:catalog-objective-detail",
}  # fmt: skip
"""The published catalog: the same for everybody who is signed in."""
OF_ALLAUTH = ("account_", "mfa_")
"""Sign-in, sign-out, password, codes: allauth's own pages speak of one's own account alone."""
PORTAL_IDS = {
    "engagement": "tenants.Engagement", "assignment": "tenants.Assignment",
    "notice": "tenants.Notice", "membership": "tenants.Membership",
    "invitation": "tenants.Invitation", "token": "tenants.ApiToken",
    "ethics_wall": "tenants.EthicsWall", "introduction": "tenants.Introduction",
    "support_access": "tenants.SupportAccess",
    "objective": "audits.ControlObjective", "control": "audits.EngagementControl",
    "scope_item": "audits.ScopeItem", "item": "audits.ScopeItem",
    "evidence_request": "evidence.EvidenceRequest", "link": "evidence.EvidenceLink",
    "provisioning_token": "tenants.ProvisioningToken", "group": "tenants.DirectoryGroup",
    "package": "evidence.Package", "request_import": "evidence.RequestImport",
}  # fmt: skip
"""Name in a portal address → the model whose id stands there."""
PORTAL_IDS |= added("PORTAL_IDS")
WORDS = {"identifier": ("CC6.1",), "kind": ("csv", "xlsx"),
         "change": ("switch-on", "switch-off", "require", "release", "disconnect")}  # fmt: skip
WORDS |= added("WORDS")
"""Name in an address that is no id → what may stand there."""


@dataclass(frozen=True)
class Route:
    """One pattern. `ids` are (name, model label) in the order of the address."""

    name: str
    pattern: str
    api: bool
    actions: tuple[tuple[str, str], ...]
    """(method, action of the viewset); of a portal view, GET and POST."""
    view: Any
    ids: tuple[tuple[str, str], ...]
    words: tuple[str, ...]

    def address(self, values: dict[str, Any]) -> str:
        """The path with these values in it."""
        return "/" + NAMED.sub(lambda found: str(values[found.group(2)]), self.pattern)


OF_SCIM = "scim:"
"""For the key of a directory alone, which no session and no token is; swept by tests of its own."""


def is_open(name: str) -> bool:
    """Whether a route needs no sweep, with the reason above."""
    return name in OPEN or name in CATALOG or name.startswith((*OF_ALLAUTH, OF_SCIM))


@cache
def all_routes() -> tuple[Route, ...]:
    """Every route that is not open, each with its methods."""
    return tuple(_route(*found) for found in patterns() if not is_open(found[0]) and found[0])


def patterns() -> Iterator[tuple[str, str, URLPattern]]:
    """(qualified name, pattern, entry) of every entry of the site; nameless ones have ''."""
    yield from _walk(get_resolver(), "", "")


def _walk(resolver: Any, prefix: str, space: str) -> Iterator[tuple[str, str, URLPattern]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, pattern, inner)
        else:
            yield (f"{space}{entry.name}" if entry.name else ""), pattern, entry


def _route(name: str, pattern: str, entry: URLPattern) -> Route:
    api = pattern.startswith("api/")
    view = entry.callback
    actions = tuple(
        (method.upper(), action) for method, action in getattr(view, "actions", {}).items()
    )
    ids, words = [], []
    for kind, key in NAMED.findall(pattern):
        if kind == "uuid":
            ids.append((key, _model_at(name, key, view)))
        else:
            words.append(key)
    actions = actions or (("GET", ""), ("POST", ""))
    return Route(name, pattern, api, actions, view, tuple(ids), tuple(words))


def _model_at(name: str, key: str, view: Any) -> str:
    """The model whose id stands at `key`. Raises KeyError for a name nobody classified."""
    if key == "pk":
        queryset = getattr(view.cls, "queryset", None)
        return "tenants.Engagement" if queryset is None else queryset.model._meta.label
    if key == "control" and name.startswith(("audits:library", "audits:client_control")):
        return "audits.Control"
    return PORTAL_IDS[key]
