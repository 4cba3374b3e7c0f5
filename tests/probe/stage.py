"""The stage: two firms and their clients, three engagements full of words, and who asks."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from types import SimpleNamespace
from uuid import UUID

from evidence.actions import evidence_requests
from tenants.actions import trail_checkpoints
from tests import factories
from tests.access import scenes
from tests.access.probing import Caller
from tests.access.scenes import Scene
from tests.access.sweeping import callers_inside
from tests.evidence import requests
from tests.probe import planting
from tests.probe.planting import Canary, Person

STRANGERS = ("rival", "outsider", "colleague", "neighbor")
"""Another firm's partner, its client's administrator; of the same firm somebody on no engagement,
and somebody on the client's other engagement."""


@dataclass(frozen=True)
class Stage:
    """Who asks, what they are on, and every planted word with who may read it."""

    callers: dict[str, Caller]
    scenes: dict[str, Scene]
    homes: dict[str, Scene]
    """Caller → the engagement they are on; the colleague is on none."""
    victims: dict[str, tuple[Scene, ...]]
    """Caller → the engagements they are not on."""
    people: dict[str, Person]
    canaries: dict[str, Canary]
    passwords: tuple[str, ...]


def set_up(world: SimpleNamespace | None = None) -> Stage:
    """Play the scenes by the real actions, then plant a word into every text of every row."""
    world = copy.deepcopy(world) if world else factories.world()
    rivals = _with_evidence("abroad", scenes.home_of_the_rival(world))
    abroad = scenes.furnish(rivals, planting.scene_word("abroad"))
    neighbor, at_home = scenes.home_of_the_neighbor(world)
    next_door = scenes.furnish(
        _with_evidence("next door", at_home), planting.scene_word("next door")
    )
    target = scenes.target(_with_evidence("target", scenes.second_engagement(world)))
    played = {"abroad": abroad, "next door": next_door, "target": target}
    callers = {
        "rival": Caller.known("rival", world.rival, world.other_firm),
        "outsider": Caller.known("outsider", world.outsider, world.other_client),
        "colleague": Caller.known("colleague", world.colleague, world.firm),
        "neighbor": Caller.known("neighbor", neighbor, world.firm),
        **callers_inside(target.world),
    }
    inside = [name for name in callers if name not in STRANGERS]
    homes = {"rival": abroad, "outsider": abroad, "neighbor": next_door,
             **dict.fromkeys(inside, target)}  # fmt: skip
    victims = {
        "rival": (target, next_door), "outsider": (target, next_door),
        "colleague": (target, abroad, next_door), "neighbor": (target, abroad),
        **dict.fromkeys(inside, (abroad,)),
    }  # fmt: skip
    people = {name: _person(name, caller) for name, caller in callers.items()}
    for name in ("lead", "rival"):  # each firm has an answer kept for a retry
        body = {"engagement": str(homes[name].world.engagement.pk), "title": "By program"}
        callers[name].program.post("evidence-requests/", body)
    for place in {caller.organization.pk for caller in callers.values()}:
        # the day's mail of a book's checkpoint is asked for now, not when an export first signs it
        trail_checkpoints.fresh(place, of_engagement=False)
    canaries = planting.plant(people, played)
    return Stage(callers, played, homes, victims, people, canaries, (factories.PASSWORD,))


def _with_evidence(name: str, world: SimpleNamespace) -> SimpleNamespace:
    """The engagement with one request answered by a file whose text nothing else says."""
    row = requests.sent(world, title="Register of vendors", description="Everybody sees it")
    text = f"name,tier\n{planting.content_word(name)},1\n".encode()
    requests.upload(world, row, content=text, name=f"{planting.content_word(name)}.csv")
    with scenes.acts(world.owner, world.client_organization):
        evidence_requests.submit(row, by=world.owner)
    return world


def _person(name: str, caller: Caller) -> Person:
    return Person(name, UUID(str(caller.who.pk)), UUID(str(caller.organization.pk)))
