"""The probes: which ids go where, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django_filters import UUIDFilter

from evidence.actions import evidence_requests
from tenants.actions import engagements
from tenants.visibility import new_key
from tests.access.bodies import body_class, body_of, id_fields
from tests.access.probing import Caller
from tests.access.routes import WORDS, Route
from tests.access.scenes import Scene
from tests.parts import added

REQUEST, LINK = "evidence.EvidenceRequest", "evidence.EvidenceLink"
Values = dict[str, Any]


@dataclass
class Findings:
    """What was found wrong, and how much was asked."""

    wrong: list[str] = field(default_factory=list)
    probes: int = 0

    def note(self, route: Route, method: str, who: str, text: str) -> None:
        """One finding, as a line."""
        self.wrong.append(f"{who}: {method} {route.name}: {text}")

    def close(self, title: str) -> None:
        """Print how much was asked; fail with every finding."""
        print(f"\naccess sweep, {title}: {self.probes} probes, {len(self.wrong)} findings")  # noqa: T201
        assert not self.wrong, "\n".join(sorted(set(self.wrong)))


def of_scene(scene: Scene, label: str) -> list[UUID]:
    """The ids of a kind of record in a scene; one that is not there is absent."""
    return scene.ids.get(label) or [new_key()]


def moves_of(route: Route) -> tuple[str, ...]:
    """The moves that an address with a move's name may name."""
    if route.name.startswith("evidence:"):
        return tuple(evidence_requests.VERBS)
    return tuple(each for each, move in engagements.LIFECYCLE.moves.items() if not move.by_system)


def word_values(route: Route) -> Iterator[Values]:
    """What may stand in the address where no id does."""
    choices = [{}]
    for name in route.words:
        said = WORDS.get(name) or (moves_of(route) if name == "name" else ("x",))
        choices = [{**values, name: each} for values in choices for each in said]
    yield from choices


def addresses(route: Route, scene: Scene, *, every_move: bool = True) -> Iterator[Values]:
    """The ids of a scene in an address: one for each request (and link) that matters."""
    names = {label for _, label in route.ids}
    pairs = scene.requests if REQUEST in names or LINK in names else ((None, None),)
    for request, link in pairs:
        if LINK in names and link is None:
            continue
        special = {REQUEST: request, LINK: link}
        few = "name" in route.words and not every_move
        for words in list(word_values(route))[: 1 if few else None]:
            chosen = {
                name: special.get(label) or of_scene(scene, label)[0] for name, label in route.ids
            }
            yield {**chosen, **words}


def absent(route: Route, values: Values) -> Values:
    """The same address with ids that nothing has."""
    return {**values, **{name: new_key() for name, _ in route.ids}}


def probes(
    route: Route, method: str, target: Scene, home: Scene | None
) -> Iterator[tuple[bool, list[Values], Values]]:
    """(whether one's own parent stands above, what is asked, its absent twin).

    All foreign; then one's own parents above a foreign child, and foreign parents above one's own.
    """
    foreign = list(addresses(route, target, every_move=False))
    few = foreign if method == "GET" else [foreign[0], *foreign[1:][-1:]]
    yield False, few, absent(route, foreign[0])
    names = [name for name, _ in route.ids]
    if home is None:
        return
    own = next(addresses(route, home))
    for cut in range(1, len(names)):
        gone = absent(route, foreign[0])
        for part in (names[cut:], names[:cut]):
            asked = {**own, **{name: foreign[0][name] for name in part}}
            yield part == names[cut:], [asked], {**own, **{name: gone[name] for name in part}}


ALL_FIELDS = "every field"
FORM_IDS = {
    "person": "tenants.User", "owner": "tenants.User", "assignee": "tenants.User",
    "contributors": "tenants.User", "watchers": "tenants.User",
    "controls": "audits.EngagementControl", "control": "audits.Control",
    "scope_items": "audits.ScopeItem", "scope_item": "audits.ScopeItem",
    "file_version": "evidence.FileVersion", "selected": REQUEST, "parent_request": REQUEST,
    "client": "tenants.Organization", "organization": "tenants.Organization",
    "engagement": "tenants.Engagement", "objectives": "audits.ControlObjective",
}  # fmt: skip
"""Fields of portal forms that hold ids; a form ignores those it does not have."""


FORM_IDS |= added("FORM_IDS")


def bodies(
    route: Route, action: str, target: Scene, home: Scene
) -> Iterator[tuple[str, Any, Any, Any]]:
    """(field, body with a foreign id in it, with an absent one, with one's own)."""
    if not route.api:
        kept = {**FORM_IDS}
        if target.world.client_organization == home.world.client_organization:
            kept = {name: label for name, label in FORM_IDS.items() if label not in SHARED}
        yield (
            ALL_FIELDS,
            {name: str(of_scene(target, label)[0]) for name, label in kept.items()},
            {name: str(new_key()) for name in kept},
            {name: str(of_scene(home, label)[0]) for name, label in kept.items()},
        )
        return
    kind = body_class(route, action)
    for name, label in id_fields(kind).items():
        if label in SHARED and target.world.client_organization == home.world.client_organization:
            continue
        gone = new_key()

        def ids(put: UUID, label: str = label) -> Any:
            return lambda asked: [put] if asked == label else of_scene(home, asked)

        yield (
            name,
            *(
                body_of(kind, ids(put), (name,))
                for put in (of_scene(target, label)[0], gone, of_scene(home, label)[0])
            ),
        )


SHARED = {
    "tenants.Organization", "audits.Control", "audits.ControlObjective", "audits.SystemEntry",
}  # fmt: skip
"""What two engagements of one client have in common."""


def usual_body(route: Route, action: str, scene: Scene | None) -> Any:
    """A body that fits the operation; None for the portal, whose forms have their own."""
    if not route.api:
        return None
    kind = body_class(route, action)
    return body_of(kind, lambda label: of_scene(scene, label) if scene else [new_key()])


def queries_of(route: Route) -> tuple[tuple[str, str], ...]:
    """(parameter, model label) of the filters of a list that take an id."""
    if route.name == "api:evidence-request-export":
        return (("engagement", "tenants.Engagement"),)
    filters = getattr(getattr(route.view, "cls", None), "filterset_class", None)
    if filters is None or ("GET", "list") not in route.actions:
        return ()
    return tuple(
        (name, FILTERED[name])
        for name, each in filters.base_filters.items()
        if isinstance(each, UUIDFilter)
    )


FILTERED = {
    "engagement": "tenants.Engagement", "client": "tenants.Organization",
    "firm": "tenants.Organization", "organization": "tenants.Organization",
    "person": "tenants.User", "owner": "tenants.User", "assignee": "tenants.User",
    "subject": REQUEST, "evidence_request": REQUEST, "file_version": "evidence.FileVersion",
    "control": "audits.EngagementControl", "scope_item": "audits.ScopeItem",
}  # fmt: skip
"""Filter that takes an id → whose id."""


FILTERED |= added("FILTERED")


def digest(scene: Scene, folder: Path | None = None) -> dict[str, str]:
    """Table → hash of the engagement's rows, as the owner sees them; with a folder, its files."""
    found = {}
    for model in apps.get_models():
        columns = {each.column for each in model._meta.local_fields}
        table = model._meta.db_table
        key = "id" if table == "tenants_engagement" else "engagement_id"
        if key not in columns or table.startswith(("auth_", "django_")):
            continue
        with settings.OWNER_CONNECTION.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) || md5(string_agg(t::text, '' ORDER BY t.id)) "
                f"FROM {table} t WHERE {key} = %s",
                (scene.world.engagement.pk,),
            )
            found[table] = str(cursor.fetchone()[0])
    files = sorted(str(path) for path in folder.rglob("*") if path.is_file()) if folder else []
    return {**found, "files": "\n".join(files)}


def callers_inside(world: Any) -> dict[str, Caller]:
    """Everybody on the engagement, with a browser and a token."""
    firm = ("lead", "partner", "senior", "auditor", "reviewer")
    client = ("client", "owner", "contributor", "executive")
    places = dict.fromkeys(firm, world.firm) | dict.fromkeys(client, world.client_organization)
    return {name: Caller.known(name, getattr(world, name), place) for name, place in places.items()}
