"""The rich world of the sweep: one engagement full of canary words, and two homes to ask from.

A canary says who may read it. `cnry-both` is for everybody on the engagement, `cnry-firm` for the
firm's people, `cnry-draft` for the client's people until they submit; `cnry-other`,
`cnry-contributor` and `cnry-restricted` are requests of which only the people named know.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audits.actions import library_objectives
from audits.models import ControlMapping, EngagementControl, ScopeItem
from evidence.actions import due_dates, evidence_requests, imports, request_edits, request_talk
from evidence.models import EvidenceRequest
from tenants import acting, outbox, tasks
from tenants.actions import (
    assignments,
    identities,
    invitations,
    provisioning_groups,
    provisioning_tokens,
    single_sign_on,
    tokens,
)
from tenants.choices import Role
from tenants.federation.claims import Claims
from tenants.models import User
from tenants.permissions import P
from tests import factories
from tests.conftest import as_
from tests.evidence import packages, requests
from tests.evidence.import_helpers import csv_list, good_row
from tests.identity.certificates import certificate
from tests.parts import parts

ANY = "cnry-"
BOTH, FIRM, DRAFT, LIBRARY = "cnry-both", "cnry-firm", "cnry-draft", "cnry-library"
OTHER, CONTRIBUTOR, RESTRICTED = "cnry-other", "cnry-contributor", "cnry-restricted"
ALL = (BOTH, FIRM, DRAFT, LIBRARY, OTHER, CONTRIBUTOR, RESTRICTED)
OF_THE_ORGANIZATION = {
    "tenants.Membership", "tenants.Invitation", "tenants.ApiToken", "tenants.ProvisioningToken",
    "tenants.DirectoryGroup", "tenants.DirectoryUser", "tenants.IdentityProvider",
}  # fmt: skip
OF_THE_CLIENT = {
    "audits.Control", "audits.ControlObjective", "audits.System", "audits.SystemEntry",
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """An engagement with its people, and the ids of its records by model label, the best first."""

    world: SimpleNamespace
    ids: dict[str, list[UUID]]
    requests: tuple[tuple[UUID, UUID | None], ...] = ()
    """(request, one of its links) in the states that matter."""


@contextmanager
def acts(who: Any, organization: Any) -> Iterator[None]:
    """One person acts, in a transaction of its own."""
    with transaction.atomic(), as_(who, organization):
        yield


def furnish(world: SimpleNamespace, word: str) -> Scene:
    """Fill an engagement: controls, a request with files, an import, a package."""
    factories.taken_controls(world)
    draft = requests.draft(world, title=f"{word} draft", description=word)
    open_ = requests.sent(world, title=f"{word} open", description=word)
    loose = requests.upload(world, open_, content=_csv(word, "loose"), name=f"{word} loose.csv")
    done = requests.sent(world, title=f"{word} submitted", acceptance_hint=word, area=word)
    handed = requests.upload(world, done, content=_csv(word, "over"), name=f"{word} over.csv")
    with acts(world.owner, world.client_organization):
        request_talk.answer(done, {"text": f"{word} answer"}, by=world.owner)
        evidence_requests.submit(done, by=world.owner)
    with acts(world.lead, world.firm):
        stream = io.BytesIO(csv_list(good_row(1, request=word), good_row(2, due_date="never")))
        imports.hand_in(world.engagement, stream, name=f"{word} list.csv", by=world.lead)
        packages.asked_for(world)
    for part in parts():
        getattr(part, "furnish", _nothing)(world, word)
    work_off()
    pairs = ((done.pk, handed.pk), (open_.pk, loose.pk), (draft.pk, None))
    return Scene(world, ids_of(world, pairs), pairs)


def _nothing(world: SimpleNamespace, word: str) -> None:
    """A part that has nothing to furnish."""


def work_off() -> None:
    """Do all work that waits, as a worker would, each task in transactions of its own."""
    for _ in range(20):
        with transaction.atomic(), acting.acting(acting.Actor(system=True)):
            waiting = list(outbox.waiting())
        if not waiting:
            return
        for pk in waiting:
            tasks.perform(str(pk))
    raise AssertionError("Work never ends.")


def _csv(*words: str) -> bytes:
    return f"name,tier\n{' '.join(words)},1\n".encode()


def target(world: SimpleNamespace) -> Scene:
    """The engagement that nobody outside may learn of, with every kind of record and canary."""
    scene = furnish(world, BOTH)
    with acts(world.lead, world.firm):
        done = EvidenceRequest.objects.get(pk=scene.requests[0][0])
        control = EngagementControl.objects.filter(engagement=world.engagement).first()
        item = ScopeItem.objects.filter(engagement=world.engagement).first()
    _firm_words(world, done)
    _client_words(world, scene)
    _arranged(item, reason=f"{BOTH} reason")
    _arranged(control, narrative=f"{BOTH} narrative")
    with transaction.atomic(), acting.on_behalf_of_the_engagement(world.engagement.pk):
        ControlMapping.objects.filter(control=control).update(rationale=f"{BOTH} rationale")
    _people(world)
    pairs = (*scene.requests, *_named_ones(world))
    return Scene(world, ids_of(world, pairs), pairs)


def _firm_words(world: SimpleNamespace, done: EvidenceRequest) -> None:
    with acts(world.auditor, world.firm):
        request_talk.comment(done, text=f"{BOTH} message of the firm", by=world.auditor)
        request_talk.note(done, text=f"{FIRM} note", by=world.auditor)
    with acts(world.lead, world.firm):
        request_edits.look_after(done, assignee=world.auditor, by=world.lead)
        stream = io.BytesIO(csv_list(good_row(7, request=f"{FIRM} row"), good_row(8, due_date="x")))
        imports.hand_in(world.engagement, stream, name=f"{FIRM} list.csv", by=world.lead)
    _arranged(done, list_comment=f"{FIRM} comment", list_status=f"{FIRM} status")
    work_off()


@transaction.atomic
def _arranged(record: Any, **columns: Any) -> None:
    factories.arrange(record, **columns)


def _client_words(world: SimpleNamespace, scene: Scene) -> None:
    """What the client writes and has not handed over yet."""
    with acts(world.owner, world.client_organization):
        open_ = EvidenceRequest.objects.get(pk=scene.requests[1][0])
        request_talk.answer(open_, {"text": f"{DRAFT} answer"}, by=world.owner)
        request_talk.comment(open_, text=f"{BOTH} message of the client", by=world.owner)
        due_dates.propose_due_date(
            open_, due_on=date(2026, 12, 15), note=f"{BOTH} why", by=world.owner
        )
    requests.upload(world, open_, content=_csv(DRAFT), name=f"{DRAFT} unsent.csv")
    with acts(world.client, world.client_organization):
        library_objectives.add_objective(
            world.client_organization, ref="CO-91", group="itgc", domain="Payroll",
            title=f"{LIBRARY} objective", text=LIBRARY, by=world.client,
        )  # fmt: skip


def _named_ones(world: SimpleNamespace) -> tuple[tuple[UUID, UUID | None], ...]:
    """Requests that not everybody on the engagement may know of."""
    requests.sent(world, title=f"{OTHER} request", owner=world.client)
    requests.sent(
        world, title=f"{CONTRIBUTOR} request", owner=world.client,
        contributors=[world.contributor.pk],
    )  # fmt: skip
    hidden = requests.sent(
        world, title=f"{RESTRICTED} request", owner=world.client, sensitivity="restricted"
    )
    link = requests.upload(
        world, hidden, who=world.client, content=_csv(RESTRICTED), name=f"{RESTRICTED} file.csv"
    )
    return ((hidden.pk, link.pk),)


def _people(world: SimpleNamespace) -> None:
    """Openings, invitations and tokens, of the client's side and of the firm's."""
    with acts(world.client, world.client_organization):
        assignments.open_to(
            world.engagement, person=world.contributor, permission=P.SUBMIT_REQUEST,
            reason=f"{BOTH} permission", by=world.client,
        )  # fmt: skip
        invitations.invite(
            world.client_organization, email=f"{BOTH}@people.example", role=Role.CONTRIBUTOR,
            name=f"{BOTH} guest", by=world.client, engagement=world.engagement,
        )  # fmt: skip
        tokens.create(world.client_organization, name=f"{DRAFT} token", by=world.client)
        sign_on(world.client_organization, world.client, DRAFT)
    work_off()


def sign_on(organization: Any, administrator: Any, word: str, members: Any = ()) -> None:
    """A tested provider with links of `members` too, a key and a group of the directory.

    The administrator acts.
    """
    provider = single_sign_on.connect_saml(
        organization, issuer=f"https://{word}.example/entity",
        sso_url=f"https://{word}.example/sso", certificate=certificate(), by=administrator,
    )  # fmt: skip
    single_sign_on.note_tested(provider, by=administrator)
    for person in (administrator, *members):
        claims = Claims(provider.issuer, f"{word} {person.pk}", "", timezone.now())
        with as_(person, organization):
            identities.link(provider, claims, by=person)
    provisioning_tokens.create(organization, name=f"{word} directory", by=administrator)
    provisioning_groups.add(organization, display_name=f"{word} group", by=administrator)


def ids_of(world: SimpleNamespace, pairs: Any = ()) -> dict[str, list[UUID]]:
    """Model label → ids of the engagement's rows, asked of the owner's connection."""
    found: dict[str, list[UUID]] = {}
    for model in apps.get_models():
        label, table = model._meta.label, model._meta.db_table
        columns = {field.column for field in model._meta.local_fields}
        if label == "tenants.Engagement":
            found[label] = [world.engagement.pk]
        elif label == "tenants.Organization":
            found[label] = [world.client_organization.pk, world.firm.pk]
        elif label == "tenants.User":
            guest = getattr(world, "guest", world.owner)
            found[label] = [guest.pk, world.owner.pk, world.contributor.pk, world.lead.pk]
        elif label in OF_THE_ORGANIZATION:
            found[label] = _select(table, "organization_id", world.client_organization.pk)
        elif label in OF_THE_CLIENT:
            found[label] = _select(table, "client_id", world.client_organization.pk)
        elif {"book_id", "id"} <= columns:
            found[label] = _select(table, "book_id", world.engagement.pk)
        elif "engagement_id" in columns:
            found[label] = _select(table, "engagement_id", world.engagement.pk)
    link = "evidence_evidencelink"
    found["evidence.FileVersion"] = _select(
        link, "engagement_id", world.engagement.pk, column_wanted="file_version_id"
    )
    if pairs:
        found["evidence.EvidenceRequest"] = [request for request, _ in pairs]
        found["evidence.EvidenceLink"] = [link for _, link in pairs if link]
    return found


def _select(table: str, column: str, value: UUID, column_wanted: str = "id") -> list[UUID]:
    query = f"SELECT {column_wanted} FROM {table} WHERE {column} = %s ORDER BY id"
    with settings.OWNER_CONNECTION.cursor() as cursor:
        cursor.execute(query, (value,))
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def second_engagement(world: SimpleNamespace) -> SimpleNamespace:
    """The same firm, client and cast on one more engagement, the colleague left out as before."""
    engagement = factories.engagement(
        world.firm, world.client_organization, world.lead, title=f"{BOTH} examination"
    )
    for key, organization, role in (
        ("partner", world.firm, Role.PARTNER), ("senior", world.firm, Role.SENIOR),
        ("auditor", world.firm, Role.STAFF), ("reviewer", world.firm, Role.QUALITY_REVIEWER),
        ("client", world.client_organization, Role.CLIENT_ADMIN),
        ("owner", world.client_organization, Role.CONTROL_OWNER),
        ("contributor", world.client_organization, Role.CONTRIBUTOR),
        ("executive", world.client_organization, Role.EXECUTIVE),
    ):  # fmt: skip
        factories.assigned(engagement, organization, getattr(world, key), role)
    guest = factories.member(world.client_organization, Role.CONTROL_OWNER, name="Guest Person")
    factories.assigned(engagement, world.client_organization, guest, Role.CONTROL_OWNER)
    return SimpleNamespace(**{**vars(world), "engagement": engagement, "guest": guest})


@transaction.atomic
def home_of_the_neighbor(world: SimpleNamespace) -> tuple[User, SimpleNamespace]:
    """A senior of the same firm on the other engagement of the same client."""
    neighbor = factories.member(world.firm, Role.SENIOR, name="Neighbor Person")
    factories.assigned(world.engagement, world.firm, neighbor, Role.SENIOR)
    return neighbor, world


@transaction.atomic
def home_of_the_rival(world: SimpleNamespace) -> SimpleNamespace:
    """The second firm's own engagement with the second client."""
    rival, outsider = world.rival, world.outsider
    engagement = factories.engagement(world.other_firm, world.other_client, rival)
    factories.assigned(engagement, world.other_client, outsider, Role.CLIENT_ADMIN)
    return SimpleNamespace(
        firm=world.other_firm, client_organization=world.other_client, engagement=engagement,
        lead=rival, partner=rival, senior=rival, auditor=rival, client=outsider, owner=outsider,
        contributor=outsider,
    )  # fmt: skip
